"""Stored secrets: AES-256-GCM under rotatable keys (`HEEDFUL_SECRET_KEYS`).

Sealed form: 1 byte length of the key id, key id, 12 bytes nonce, ciphertext with tag
(NIST SP 800-38D). The first key seals; every key opens.
"""

import base64
import logging
import os
import secrets
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from pydantic import SecretStr
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from heedful.common.errors import ConfigurationError

log = logging.getLogger(__name__)

_KEY_BYTES = 32
_NONCE_BYTES = 12
_MAX_ID_BYTES = 255
_KEY_FILE = "secret-keys"


class SecretBox:
    """Seals and opens small secrets."""

    def __init__(self, keys: Mapping[str, bytes]) -> None:
        if not keys:
            raise ConfigurationError("HEEDFUL_SECRET_KEYS: at least one key is needed")
        self._ciphers = {name: AESGCM(key) for name, key in keys.items()}
        self._sealing = next(iter(keys))

    @classmethod
    def open_or_create(cls, configured: Sequence[SecretStr], data_dir: Path) -> "SecretBox":
        """From the settings; else from a file in the data folder, made at first start.

        Raises:
            ConfigurationError: a key has not the documented form, or the file cannot be kept.
        """
        if configured:
            keys = [_parse(key.get_secret_value()) for key in configured]
            if len(dict(keys)) < len(keys):
                raise ConfigurationError("HEEDFUL_SECRET_KEYS: two keys have the same id")
            return cls(dict(keys))
        path = data_dir / _KEY_FILE
        try:
            if not path.exists():
                _make(path)
            written = path.read_text().strip()
        except OSError as error:
            raise ConfigurationError(
                f"cannot keep the key file {path} ({error.strerror}); "
                "set HEEDFUL_SECRET_KEYS, or HEEDFUL_DATA_DIR to a folder that can be written"
            ) from error
        try:
            return cls(dict([_parse(written)]))
        except ConfigurationError:
            raise ConfigurationError(
                f"the key file {path} holds no key; put it back, or set HEEDFUL_SECRET_KEYS"
            ) from None

    @classmethod
    def existing(cls, configured: Sequence[SecretStr], data_dir: Path) -> "SecretBox":
        """As `open_or_create`, for commands: a key that they made would open nothing.

        Raises:
            ConfigurationError: no key is configured, and the data folder has none.
        """
        if not configured and not (data_dir / _KEY_FILE).exists():
            raise ConfigurationError(
                "this needs the keys of the services: set HEEDFUL_SECRET_KEYS as they have it, or "
                "HEEDFUL_DATA_DIR to their data folder"
            )
        return cls.open_or_create(configured, data_dir)

    def seal(self, secret: bytes, context: str) -> bytes:
        """Encrypt; `context` must be given again to open (it binds the secret to its place)."""
        name = self._sealing.encode()
        nonce = secrets.token_bytes(_NONCE_BYTES)
        sealed = self._ciphers[self._sealing].encrypt(nonce, secret, context.encode())
        return bytes([len(name)]) + name + nonce + sealed

    def open(self, sealed: bytes, context: str) -> bytes:
        """Decrypt.

        Raises:
            ConfigurationError: the key is not configured here, or the bytes were changed.
        """
        try:
            end = 1 + sealed[0]
            name = sealed[1:end].decode()
        except (IndexError, UnicodeDecodeError) as error:
            raise ConfigurationError("a stored secret was changed: it names no key") from error
        cipher = self._ciphers.get(name)
        if cipher is None:
            raise ConfigurationError(
                f"a stored secret was sealed with key {name!r}, which is not among "
                "HEEDFUL_SECRET_KEYS; every process of one database needs the same keys"
            )
        try:
            return cipher.decrypt(
                sealed[end : end + _NONCE_BYTES], sealed[end + _NONCE_BYTES :], context.encode()
            )
        except (InvalidTag, ValueError) as error:  # ValueError: cut within the nonce
            raise ConfigurationError(
                f"a stored secret does not open with key {name!r}: not the key that sealed it"
            ) from error


async def instance_secret(engine: AsyncEngine, box: SecretBox, name: str) -> bytes:
    """A random secret that all processes of one database share, made at first use."""
    made = box.seal(secrets.token_bytes(_KEY_BYTES), name)
    async with engine.begin() as connection:
        await connection.execute(
            text(
                "INSERT INTO common.instance_secret (name, sealed) VALUES (:name, :sealed)"
                " ON CONFLICT DO NOTHING"
            ),
            {"name": name, "sealed": made},
        )
        found = await connection.scalar(
            text("SELECT sealed FROM common.instance_secret WHERE name = :name"), {"name": name}
        )
    return box.open(bytes(found), name)


def _make(path: Path) -> None:
    """A new key under this name, whole or not at all: other processes may start meanwhile."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, draft = tempfile.mkstemp(dir=path.parent, prefix=f"{path.name}-")  # mode 0600
    try:
        with os.fdopen(handle, "w") as file:
            file.write(f"local:{base64.b64encode(secrets.token_bytes(_KEY_BYTES)).decode()}")
        os.link(draft, path)
    except FileExistsError:
        log.debug("another process made the key file first")
    finally:
        Path(draft).unlink()


def _parse(entry: str) -> tuple[str, bytes]:
    name, _, encoded = entry.partition(":")
    try:
        key = base64.b64decode(encoded, validate=True)
    except ValueError:
        key = b""
    if not 1 <= len(name.encode()) <= _MAX_ID_BYTES or len(key) != _KEY_BYTES:
        raise ConfigurationError(
            "HEEDFUL_SECRET_KEYS: each entry has the form id:base64 of 32 bytes; make one with: "
            'python -c "import base64,os; print(base64.b64encode(os.urandom(32)).decode())"'
        )
    return name, key

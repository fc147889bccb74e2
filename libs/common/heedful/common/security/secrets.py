"""Stored secrets: AES-256-GCM under rotatable keys (`HEEDFUL_SECRET_KEYS`).

Sealed form: 1 byte length of the key id, key id, 12 bytes nonce, ciphertext with tag
(NIST SP 800-38D). The first key seals; every key opens.
"""

import base64
import binascii
import logging
import os
import secrets
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
        """From the settings; else from a file in the data folder, made at first start."""
        if configured:
            return cls(dict(_parse(key.get_secret_value()) for key in configured))
        path = data_dir / _KEY_FILE
        if not path.exists():
            data_dir.mkdir(parents=True, exist_ok=True)
            made = f"local:{base64.b64encode(secrets.token_bytes(_KEY_BYTES)).decode()}"
            try:
                handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            except FileExistsError:
                log.debug("another process made the key file first")
            else:
                with os.fdopen(handle, "w") as file:
                    file.write(made)
        return cls(dict([_parse(path.read_text().strip())]))

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
        end = 1 + sealed[0]
        name = sealed[1:end].decode()
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
        except InvalidTag as error:
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


def _parse(entry: str) -> tuple[str, bytes]:
    name, _, encoded = entry.partition(":")
    try:
        key = base64.b64decode(encoded, validate=True)
    except binascii.Error:
        key = b""
    if not name or len(key) != _KEY_BYTES:
        raise ConfigurationError(
            "HEEDFUL_SECRET_KEYS: each entry has the form id:base64 of 32 bytes; make one with: "
            'python -c "import base64,os; print(base64.b64encode(os.urandom(32)).decode())"'
        )
    return name, key

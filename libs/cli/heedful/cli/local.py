"""Settings of the laptop form: what a stranger would have to set, made at first start."""

import base64
import os
import secrets
import shlex
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pydantic import SecretStr

from heedful.cli.postgres import FOLDER, embedded_postgres, not_writable, running_url
from heedful.common.environment import load
from heedful.common.errors import ConfigurationError
from heedful.common.security.keys import parse
from heedful.common.settings import Settings
from heedful.console.settings import signing_key

TENANT = "demo"
_KEY_FILE = "api-key"
_SIGNING_FILE = "console-key"
_CONSOLE = "console-local"


def local_api_key(data_dir: Path) -> str:
    """The key of the data folder, readable by its owner only; made at first use.

    Raises:
        ConfigurationError: the folder cannot be written.
    """
    return _kept(data_dir, _KEY_FILE, lambda: f"hf_{secrets.token_urlsafe(24)}")


def local_signing_key(data_dir: Path) -> str:
    """`id:base64` of the key with which the console signs for people; as `local_api_key`."""
    return _kept(
        data_dir,
        _SIGNING_FILE,
        lambda: f"{_CONSOLE}:{_base64(Ed25519PrivateKey.generate().private_bytes_raw())}",
    )


def _kept(data_dir: Path, name: str, made: Callable[[], str]) -> str:
    path = data_dir / name
    try:
        if not path.exists():
            data_dir.mkdir(parents=True, exist_ok=True)
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "w") as file:
                file.write(made())
        return path.read_text().strip()
    except OSError as error:
        raise not_writable(data_dir, error) from error


def localized(settings: Settings, database_url: str, signing: SecretStr) -> Settings:
    """The settings with an own database, an own key when none is configured, and the console's
    key among those that are believed.

    Args:
        signing: the console's key, as `local_signing_key` writes it.
    """
    keys = settings.api_keys
    if not keys:
        keys = (SecretStr(f"{TENANT}:{local_api_key(settings.data_dir)}:*"),)
    name, private = signing_key(signing)
    believed = f"{name}:{_base64(private.public_key().public_bytes_raw())}"
    own = settings.console
    if believed not in own.public_keys:
        own = own.model_copy(update={"public_keys": (*own.public_keys, believed)})
    return settings.model_copy(
        update={"database_url": SecretStr(database_url), "api_keys": keys, "console": own}
    )


def _base64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def caller_key(settings: Settings) -> str:
    """The key of a command that calls the API: the first configured one, or the data folder's.

    Raises:
        ConfigurationError: there is none, or the configured entry is wrong.
    """
    if settings.api_keys:
        return parse(settings.api_keys[0].get_secret_value())[0]
    if not (settings.data_dir / _KEY_FILE).exists():
        raise ConfigurationError(
            "no API key: give --key, set HEEDFUL_API_KEYS, or run this where `heedful up` was "
            f"started (there is no {settings.data_dir / _KEY_FILE})"
        )
    return local_api_key(settings.data_dir)


def shell_key(settings: Settings) -> str:
    """How a person at a shell writes the key, without showing it."""
    if settings.api_keys:
        return "$KEY"
    return f"$(cat {shlex.quote(str(settings.data_dir / _KEY_FILE))})"


@contextmanager
def command_settings() -> Iterator[Settings]:
    """Settings of a command that needs the database. Without a configured one it is that of the
    data folder, if there is one; it is started for the command while heedful does not run.

    Raises:
        ConfigurationError: a setting is wrong, or the server of the data folder does not start.
    """
    settings = load(Settings)
    if settings.database_url is not None or not (settings.data_dir / FOLDER).is_dir():
        yield settings
        return
    running = running_url(settings.data_dir)
    if running is not None:
        yield _with_database(settings, running)
        return
    with embedded_postgres(settings.data_dir) as url:
        yield _with_database(settings, url)


def _with_database(settings: Settings, url: str) -> Settings:
    return settings.model_copy(update={"database_url": SecretStr(url)})

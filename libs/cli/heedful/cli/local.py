"""Settings of the laptop form: what a stranger would have to set, made at first start."""

import os
import secrets
from pathlib import Path

from pydantic import SecretStr

from heedful.common.settings import Settings

TENANT = "demo"
_KEY_FILE = "api-key"


def local_api_key(data_dir: Path) -> str:
    """The key of the data folder, readable by its owner only."""
    path = data_dir / _KEY_FILE
    if not path.exists():
        data_dir.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w") as file:
            file.write(f"hf_{secrets.token_urlsafe(24)}")
    return path.read_text().strip()


def localized(settings: Settings, database_url: str) -> Settings:
    """The settings with an own database, and an own key when none is configured."""
    keys = settings.api_keys
    if not keys:
        keys = (SecretStr(f"{TENANT}:{local_api_key(settings.data_dir)}:*"),)
    return settings.model_copy(update={"database_url": SecretStr(database_url), "api_keys": keys})


def first_key(settings: Settings) -> str:
    """The first configured key, for the demo and for printed examples."""
    return settings.api_keys[0].get_secret_value().split(":")[1]

"""Settings of the console alone; the shared ones are in heedful.common.settings.

`HEEDFUL_CONSOLE__…` are what every service knows of the console: the keys that it believes, of
heedful.common.actor_settings. Its own are `HEEDFUL_WEB__…`.
"""

import base64
from typing import Annotated

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pydantic import Field, SecretStr, field_validator
from pydantic_core import PydanticCustomError
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from heedful.common.listed import split
from heedful.common.zones import ZoneName

_KEY_BYTES = 32
_MAX_NAME_CHARS = 200
_URL = Field(
    default=None,
    pattern=r"^https?://[^\s/]+$",
    description="Where this service answers; unset: at this process's own address.",
)


class WebSettings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="HEEDFUL_WEB__", extra="ignore", frozen=True)

    ingest_url: str | None = _URL
    nlp_url: str | None = _URL
    journey_url: str | None = _URL
    alerting_url: str | None = _URL
    service_keys: Annotated[tuple[SecretStr, ...], NoDecode] = Field(
        default=(),
        description="Comma-separated tenant:key that the services know; one for each tenant whose "
        "people sign in. Unset: the first of HEEDFUL_API_KEYS.",
    )
    signing_key: SecretStr | None = Field(
        default=None,
        description="id:base64 of the 32 bytes of the Ed25519 key that signs for people. The "
        "services know its public half: HEEDFUL_CONSOLE__PUBLIC_KEYS.",
    )
    upstream_seconds: float = Field(
        default=10, gt=0, description="A service that has not answered by then is away."
    )
    insight_seconds: float = Field(
        default=65,
        gt=0,
        description="So long an insight may take, which reads a whole period: somewhat more than "
        "HEEDFUL_JOURNEY__INSIGHT_SECONDS.",
    )
    session_hours: float = Field(
        default=12, gt=0, le=720, description="Who has signed in stays so for so long at most."
    )
    idle_minutes: float = Field(
        default=120, gt=0, description="A session that nobody uses for so long ends."
    )
    public_url: str | None = Field(
        default=None,
        pattern=r"^https?://[^\s/]+/?$",
        description="Where browsers reach the console; an identity provider sends them back there.",
    )
    oidc_client_id: str | None = Field(
        default=None,
        min_length=1,
        description="The console at the provider of HEEDFUL_OIDC__ISSUER. Set: people sign in "
        "there.",
    )
    oidc_client_secret: SecretStr | None = Field(
        default=None, description="Of that client; unset: a public one."
    )
    oidc_scope: str = Field(
        default="openid profile",
        min_length=1,
        description="What is asked of the provider; it must lead to an access token for us.",
    )
    local_accounts: bool = Field(
        default=True,
        description="People sign in with passwords of this console, too. At the first start an "
        "account is made and its password printed.",
    )
    zone: ZoneName = Field(
        default="Asia/Shanghai", description="IANA zone in which pages show times."
    )
    secure_cookies: bool = Field(
        default=True,
        description="Cookies travel over TLS only; browsers make an exception for localhost.",
    )
    max_streams: int = Field(
        default=500, ge=1, description="Open pages that are kept up to date at one time."
    )

    @field_validator("service_keys", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return split(value)

    @field_validator("service_keys")
    @classmethod
    def _of_tenants(cls, value: tuple[SecretStr, ...]) -> tuple[SecretStr, ...]:
        for one in value:
            tenant, _, key = one.get_secret_value().partition(":")
            if not tenant or not key or len(tenant) > _MAX_NAME_CHARS:
                raise PydanticCustomError("tenant_key", "must be tenant:key, with commas between")
        return value

    @field_validator("signing_key")
    @classmethod
    def _ed25519(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None:
            signing_key(value)
        return value


def signing_key(written: SecretStr) -> tuple[str, Ed25519PrivateKey]:
    """The id of the key, and the key.

    Raises:
        PydanticCustomError: it is none.
    """
    name, _, encoded = written.get_secret_value().partition(":")
    try:
        raw = base64.b64decode(encoded, validate=True)
    except ValueError:
        raw = b""
    if not name or len(raw) != _KEY_BYTES:
        raise PydanticCustomError(
            "signing_key", "must be id:base64 of the 32 raw bytes of an Ed25519 private key"
        )
    return name, Ed25519PrivateKey.from_private_bytes(raw)

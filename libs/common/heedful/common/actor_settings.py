"""Settings of who may act as a person: an OpenID provider, or the console's own keys."""

import base64
from dataclasses import dataclass
from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator
from pydantic_core import PydanticCustomError
from pydantic_settings import NoDecode

from heedful.common.listed import split

_ED25519_BYTES = 32
_SECRET_BYTES = range(32, 129)  # at least the digest's length: RFC 7518 §3.2
_MAX_ID_CHARS = 100
_LEEWAY = Field(
    default=30, ge=0, le=120, description="How far the clocks of two machines may be apart."
)


class OidcSettings(BaseModel):
    """Access tokens of one OpenID provider; see docs/actors.md."""

    model_config = ConfigDict(extra="forbid")

    issuer: str | None = Field(
        default=None,
        description="URL of an OpenID provider, as tokens have it in iss. Set: people sign in.",
    )
    audience: str = Field(
        default="heedful", min_length=1, description="What access tokens must name in aud."
    )
    jwks_url: str | None = Field(
        default=None,
        description="Where the provider's keys are; unset: its discovery document says it.",
    )
    tenant: str | None = Field(
        default=None, min_length=1, description="Everybody of this provider is of this tenant."
    )
    tenant_claim: str = Field(
        default="tenant", min_length=1, description="The claim with the tenant, where none is set."
    )
    role_claim: str = Field(
        default="role",
        min_length=1,
        description="The claim with a role or a list of them; dots lead into objects.",
    )
    role_prefix: str = Field(
        default="",
        description="Before our roles' names there, such as heedful- for heedful-agent.",
    )
    leeway_seconds: int = _LEEWAY
    allow_http: bool = Field(
        default=False, description="The provider may be reached without TLS: for tests."
    )

    @model_validator(mode="after")
    def _with_tls(self) -> Self:
        schemes = ("https", "http") if self.allow_http else ("https",)
        for name in ("issuer", "jwks_url"):
            url = getattr(self, name)
            parts = urlsplit(url or "https://unset")
            if parts.scheme not in schemes or not parts.hostname:
                raise PydanticCustomError(
                    "provider_url", "{name} must be an https URL", {"name": name}
                )
        return self


class ConsoleSettings(BaseModel):
    """Keys of tokens that the console signs for people; see docs/actors.md."""

    model_config = ConfigDict(extra="forbid")

    public_keys: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(),
        description="Comma-separated id:base64 of the 32 bytes of Ed25519 keys of the console.",
    )
    secrets: Annotated[tuple[SecretStr, ...], NoDecode] = Field(
        default=(),
        description="Comma-separated id:base64 of 32 to 128 bytes that it shares, for HS256.",
    )
    leeway_seconds: int = _LEEWAY

    @field_validator("public_keys", "secrets", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return split(value)

    @model_validator(mode="after")
    def _readable(self) -> Self:
        for written, read in (
            (list(self.public_keys), public_key),
            ([one.get_secret_value() for one in self.secrets], secret_bytes),
        ):
            ids = [read(one).id for one in written]
            if len(set(ids)) < len(ids):
                raise PydanticCustomError("same_id", "two keys must not have the same id")
        return self


@dataclass(frozen=True, slots=True)
class NamedKey:
    """A key as it is written: `id:base64`. The id is the token's `kid`."""

    id: str
    key: bytes


def public_key(written: str) -> NamedKey:
    """Raises PydanticCustomError when it is no Ed25519 key."""
    found = _read(written)
    if found is None or len(found.key) != _ED25519_BYTES:
        raise PydanticCustomError(
            "console_key", "must be id:base64 of the 32 raw bytes of an Ed25519 public key"
        )
    return found


def secret_bytes(written: str) -> NamedKey:
    """Raises PydanticCustomError when it is no secret of enough bytes."""
    found = _read(written)
    if found is None or len(found.key) not in _SECRET_BYTES:
        raise PydanticCustomError("console_secret", "must be id:base64 of 32 to 128 random bytes")
    return found


def _read(written: str) -> NamedKey | None:
    name, _, encoded = written.partition(":")
    try:
        key = base64.b64decode(encoded, validate=True)
    except ValueError:
        return None
    return NamedKey(name, key) if 1 <= len(name) <= _MAX_ID_CHARS else None

"""What goes in and out at `/v1/keys`."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    JsonValue,
    StringConstraints,
    field_validator,
)
from pydantic_core import PydanticCustomError

from heedful.common.contracts import Whole, WrittenTime
from heedful.common.security.addresses import network
from heedful.common.security.keys import known_scopes
from heedful.common.security.stored_key import KeyTerms, MadeKey, StoredKey

MAX_NETWORKS = 50
MAX_OVERLAP_S = 30 * 86_400
_DAY_S = 86_400
_SCOPES: list[JsonValue] = list(sorted(known_scopes()))  # noqa: C413  # of a list's own type

Name = Annotated[str, StringConstraints(max_length=100, pattern=r"^[^\x00]*$")]
Written = Annotated[str, StringConstraints(max_length=60)]


class KeyBody(BaseModel):
    """What a key is to be."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "name": "call centre",
                    "scopes": ["feedback:write"],
                    "expires_at": "2027-11-24T00:00:00Z",
                    "allowed_ips": ["203.0.113.0/24"],
                }
            ]
        },
    )

    name: Name = Field(default="", description="What it is for.")
    scopes: frozenset[str] = Field(
        min_length=1,
        description="See docs/security.md; * is all.",
        # One that is given twice counts once.
        json_schema_extra={"items": {"type": "string", "enum": _SCOPES}, "uniqueItems": False},
    )
    expires_at: WrittenTime | None = Field(default=None, description="Default: never.")
    allowed_ips: list[Written] = Field(
        default_factory=list,
        max_length=MAX_NETWORKS,
        description="Networks (CIDR) that it may be used from; empty: any.",
    )

    @field_validator("scopes")
    @classmethod
    def _known(cls, value: frozenset[str]) -> frozenset[str]:
        if not value <= known_scopes():
            raise PydanticCustomError(
                "scope", "known scopes are {known}", {"known": ", ".join(sorted(known_scopes()))}
            )
        return value

    @field_validator("allowed_ips")
    @classmethod
    def _networks(cls, value: list[str]) -> list[str]:
        for one in value:
            network(one)
        return value

    def terms(self, tenant: str) -> KeyTerms:
        return KeyTerms(
            tenant=tenant,
            scopes=self.scopes,
            name=self.name,
            expires_at=self.expires_at,
            allowed_ips=tuple(network(one) for one in self.allowed_ips),
        )


class RotateBody(BaseModel):
    """How one key follows another."""

    model_config = ConfigDict(extra="forbid")

    overlap_seconds: Whole = Field(
        default=_DAY_S, ge=0, le=MAX_OVERLAP_S, description="How long the old key goes on to work."
    )


class KeyOut(BaseModel):
    """What is known of a key."""

    id: str
    name: str
    scopes: list[str]
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None = Field(description="To a minute; null: never.")
    allowed_ips: list[str]
    successor: str | None = Field(description="Id of the key that it was rotated to.")


class KeyMade(KeyOut):
    key: str = Field(description="The key itself; shown only here.")


def out(stored: StoredKey) -> KeyOut:
    return KeyOut(**_fields(stored))


def made_out(made: MadeKey) -> KeyMade:
    return KeyMade(**_fields(made.stored), key=made.secret)


def _fields(stored: StoredKey) -> dict[str, Any]:
    terms = stored.terms
    return {
        "id": stored.id,
        "name": terms.name,
        "scopes": sorted(terms.scopes),
        "created_at": stored.created_at,
        "expires_at": terms.expires_at,
        "revoked_at": stored.revoked_at,
        "last_used_at": stored.last_used_at,
        "allowed_ips": [str(one) for one in terms.allowed_ips],
        "successor": stored.successor,
    }

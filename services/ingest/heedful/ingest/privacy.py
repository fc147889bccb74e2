"""How a tenant's personal data is treated."""

from enum import StrEnum
from typing import Annotated, Protocol

from pydantic import BaseModel, ConfigDict, Field

from heedful.common.contracts import Whole
from heedful.ingest.redaction import Mode

MAX_RETENTION_DAYS = 3650


class IdentifierForm(StrEnum):
    """How identifiers leave ingest: as given, or as keyed hashes of one spelling of theirs."""

    PLAIN = "plain"
    HASHED = "hashed"


class Privacy(BaseModel):
    """The settings of one tenant."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        json_schema_extra={
            "examples": [{"redaction": "hash", "identifiers": "hashed", "retention_days": 365}]
        },
    )

    redaction: Mode = Field(
        default=Mode.MASK,
        description="What stands for personal data in words: mask `<phone>`; token `<phone_1>`, "
        "numbered in the item; hash `<phone:9f3a2c1b77d0>`, the same for the same value.",
    )
    identifiers: IdentifierForm = Field(
        default=IdentifierForm.PLAIN,
        description="hashed: before they reach a topic, values are normalised and replaced by a "
        "keyed hash; the same person is still recognised.",
    )
    retention_days: Annotated[Whole, Field(ge=1, le=MAX_RETENTION_DAYS)] | None = Field(
        default=None,
        description="Words and journeys are kept for so long at most, in every service; null: as "
        "long as the operator keeps them.",
    )


class Privacies(Protocol):
    """Knows the settings of every tenant."""

    async def of(self, tenant: str) -> Privacy:
        """The tenant's settings; the defaults when it never chose any.

        Raises:
            NotRead: nobody can tell, and nothing may be published unredacted.
        """
        ...

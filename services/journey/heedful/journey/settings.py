"""Settings of journey alone; the shared ones are in heedful.common.settings."""

from pathlib import Path
from typing import Annotated

from pydantic import Field, SecretStr, StringConstraints
from pydantic_settings import BaseSettings, SettingsConfigDict

from heedful.common.identifiers import PhoneRegion
from heedful.common.retention_days import Days


class JourneySettings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="HEEDFUL_JOURNEY__", extra="ignore", frozen=True)

    phone_region: PhoneRegion = Field(
        default="CN",
        description="Country (ISO 3166) of phone numbers that are written without a country code.",
    )
    lifecycle: Path | None = Field(
        default=None,
        description="File of the stages of journeys, or folder of such files; docs/journeys.md "
        "says how one is written.",
        json_schema_extra={"shown_default": "the lifecycle in the package"},
    )
    embed_url: Annotated[str, StringConstraints(pattern=r"^https?://")] | None = Field(
        default=None,
        description="Where nlp serves HTTP: search by meaning asks it where a question lies among "
        "texts. Unset: search goes by words alone. `heedful up` sets it.",
    )
    embed_key: SecretStr | None = Field(
        default=None,
        description="API key with the scope enrich, for `embed_url`.",
        json_schema_extra={"shown_default": "the first of HEEDFUL_API_KEYS"},
    )
    embed_timeout_s: float = Field(
        default=1.0, gt=0, le=30, description="Search does not wait longer for nlp, in seconds."
    )
    event_days: Days = Field(
        default=1095,
        description="Events are kept for so long after their receipt, and customers as long as "
        "they have one; 0: for ever.",
    )
    insight_events: int = Field(
        default=3_000_000,
        ge=1,
        description="Events that one insight reads at most, all of them in memory at once.",
    )
    insights_at_once: int = Field(
        default=2, ge=1, description="Insights that one process computes at a time; others wait."
    )
    insight_seconds: float = Field(
        default=60,
        gt=0,
        description="How long an insight may take from question to answer; it must be less than "
        "a proxy waits.",
    )

"""Settings of journey alone; the shared ones are in heedful.common.settings."""

from phonenumbers import SUPPORTED_REGIONS
from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class JourneySettings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="HEEDFUL_JOURNEY__", extra="ignore", frozen=True)

    phone_region: str = Field(
        default="CN",
        pattern="^[A-Z]{2}$",
        description="Country (ISO 3166) of phone numbers that are written without a country code.",
    )

    @field_validator("phone_region")
    @classmethod
    def _known(cls, region: str) -> str:
        # With an unknown one every number would keep the spelling that it came in.
        if region not in SUPPORTED_REGIONS:
            raise ValueError("no country with a numbering plan has this code")
        return region

"""Settings of journey alone; the shared ones are in heedful.common.settings."""

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from heedful.common.identifiers import PhoneRegion


class JourneySettings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="HEEDFUL_JOURNEY__", extra="ignore", frozen=True)

    phone_region: PhoneRegion = Field(
        default="CN",
        description="Country (ISO 3166) of phone numbers that are written without a country code.",
    )

"""Settings of ingest alone; the shared ones are in heedful.common.settings."""

from pydantic import Field, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from heedful.common.identifiers import PhoneRegion
from heedful.common.retention_days import Days


class IngestSettings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="HEEDFUL_INGEST__", extra="ignore", frozen=True)

    max_batch_items: int = Field(
        default=5000, ge=1, description="Most items in one batch request; more get 413."
    )
    max_pending_items: int = Field(
        default=10_000,
        ge=1,
        description="Items waiting for the log, at least one whole batch; beyond it new ones get "
        "503 with Retry-After. Those that come free at once keep the process busy for so long.",
    )
    max_future_seconds: int = Field(
        default=3600,
        ge=0,
        description="An item that says it happened later than this from now is not taken: its "
        "sender's clock or offset is wrong.",
    )
    import_max_bytes: int = Field(
        default=50_000_000, ge=1000, description="Largest file that POST /v1/imports takes."
    )
    import_max_rows: int = Field(
        default=500_000, ge=1, description="Most rows of such a file; it is not read further."
    )
    import_max_unpacked_bytes: int = Field(
        default=500_000_000,
        ge=1000,
        description="Largest Excel file once it is unpacked. Of its texts, which are kept in "
        "memory, a fifth.",
    )
    import_max_waiting: int = Field(
        default=20, ge=1, description="Imports of a tenant that have not ended; more get 429."
    )
    import_max_quarantined: int = Field(
        default=10_000,
        ge=0,
        description="Rows of one import that go to quarantine when they are not taken; more are in "
        "its report alone.",
    )
    import_days: float = Field(
        default=30, gt=0, description="How long an import and its report are kept after its end."
    )
    accepted_days: Days = Field(
        default=400,
        description="How long it is known that an item was accepted; whoever sends it again after "
        "that sends a new one. 0: for ever.",
    )
    quarantine_days: Days = Field(
        default=90,
        description="What stays in quarantine for so long is discarded, and what was resolved is "
        "forgotten as long after; 0: never.",
    )
    phone_region: PhoneRegion = Field(
        default="CN",
        description="Country (ISO 3166) of phone numbers without a country code, where identifiers "
        "are hashed; the same as HEEDFUL_JOURNEY__PHONE_REGION.",
    )
    vendor_urls: dict[str, str] = Field(
        default_factory=dict,
        description="JSON object: what stands for the address of a vendor, as in a private cloud: "
        '{"https://qyapi.weixin.qq.com": "https://wecom.example.com"}.',
    )
    allow_private_targets: bool = Field(
        default=False,
        description="Channels may fetch from private and loopback addresses, e.g. a mail server.",
    )

    @field_validator("max_pending_items")
    @classmethod
    def _largest_batch_fits(cls, value: int, info: ValidationInfo) -> int:
        batch = info.data.get("max_batch_items", 0)
        if value < batch:
            raise ValueError(
                f"{value} items may wait but a batch may have {batch} "
                "(HEEDFUL_INGEST__MAX_BATCH_ITEMS), which would be refused for ever"
            )
        return value

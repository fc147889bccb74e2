"""Every setting that all services share, once. `docs/configuration.md` is generated from here.

Environment variables carry the prefix `HEEDFUL_`; nested fields are joined with `__`, so
`settings.kafka.bootstrap_servers` is `HEEDFUL_KAFKA__BOOTSTRAP_SERVERS`.
"""

import re
from enum import StrEnum
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    ValidationInfo,
    field_validator,
)
from pydantic_core import PydanticCustomError
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from heedful.common.actor_settings import ConsoleSettings, OidcSettings
from heedful.common.listed import split

PREFIX = "HEEDFUL_"

_SERVER = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[^\s:/\[\]]+):\d{1,5}")


class HttpSettings(BaseModel):
    model_config = ConfigDict(extra="forbid")

    host: str = Field(
        default="127.0.0.1",
        min_length=1,
        description="Address to listen on; 0.0.0.0 or :: in containers.",
    )
    port: int = Field(
        default=8080, ge=0, le=65535, description="Port to listen on; 0 takes a free one."
    )
    max_body_bytes: int = Field(
        default=8_000_000, ge=1000, description="Largest request body; larger ones get 413."
    )
    max_head_bytes: int = Field(
        default=65_536, ge=1000, description="Request line and headers; longer ones get 431."
    )
    head_timeout_seconds: float = Field(
        default=10, gt=0, description="Headers that are not complete after so long get 408."
    )
    max_unpacked_ratio: int = Field(
        default=100, ge=1, description="Of a body with Content-Encoding: its bytes for each sent."
    )
    body_timeout_seconds: float = Field(
        default=10, gt=0, description="A body of which nothing comes for so long gets 408."
    )
    body_total_seconds: float = Field(
        default=60, gt=0, description="A body that is not complete after so long gets 408."
    )
    trusted_proxies: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(),
        description=(
            "Comma-separated networks (CIDR) of proxies whose X-Forwarded-For is believed; "
            "without them a caller's address is that of the connection."
        ),
    )
    max_requests: int = Field(
        default=256,
        ge=1,
        description="Requests under way at one time; more get 503 with Retry-After.",
    )
    linger_seconds: float = Field(
        default=1,
        ge=0,
        description=(
            "At shutdown requests are taken for so long, or until nobody is connected, while "
            "/readyz is 503 and each answer closes its connection."
        ),
    )
    drain_seconds: float = Field(
        default=10, ge=0, description="How long open requests may take to finish at shutdown."
    )

    @field_validator("trusted_proxies", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return split(value)

    @field_validator("trusted_proxies")
    @classmethod
    def _networks(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for one in value:
            try:
                ip_network(one)
            except ValueError as error:
                raise PydanticCustomError(
                    "network", "must be networks such as 10.0.0.0/8, with commas between them"
                ) from error
        return value


class KeySettings(BaseModel):
    model_config = ConfigDict(extra="forbid")

    stale_seconds: float = Field(
        default=3600,
        ge=10,
        description="While PostgreSQL is away, API keys go on to hold as read last, for so long.",
    )
    max_per_tenant: int = Field(
        default=200, ge=1, description="Keys that a tenant can make by itself, with /v1/keys."
    )


class SecurityProtocol(StrEnum):
    PLAINTEXT = "PLAINTEXT"
    SSL = "SSL"
    SASL_PLAINTEXT = "SASL_PLAINTEXT"
    SASL_SSL = "SASL_SSL"


class SaslMechanism(StrEnum):
    PLAIN = "PLAIN"
    SCRAM_SHA_256 = "SCRAM-SHA-256"
    SCRAM_SHA_512 = "SCRAM-SHA-512"


class KafkaSettings(BaseModel):
    model_config = ConfigDict(extra="forbid")

    bootstrap_servers: str | None = Field(
        default=None, description="host:port list. Set: Apache Kafka. Unset: the embedded bus."
    )
    security_protocol: SecurityProtocol = SecurityProtocol.PLAINTEXT
    sasl_mechanism: SaslMechanism = SaslMechanism.SCRAM_SHA_512
    sasl_username: str | None = None
    sasl_password: SecretStr | None = None
    ssl_cafile: Path | None = Field(default=None, description="CA bundle; default is the system's.")
    ssl_certfile: Path | None = Field(default=None, description="Client certificate for mTLS.")
    ssl_keyfile: Path | None = Field(default=None, description="Key of the client certificate.")
    create_topics: bool = Field(
        default=True,
        description="Create missing topics at start; false where a platform team does.",
    )
    replication_factor: int = Field(
        default=1, ge=1, description="Of topics created here. 3 in production."
    )
    partitions: int | None = Field(
        default=None, ge=1, description="Partitions of topics created here; default per topic."
    )
    send_timeout_seconds: float = Field(
        default=10, gt=0, description="A send that is not acknowledged by then fails."
    )
    send_buffer_bytes: int = Field(
        default=33_554_432,
        ge=1,
        description="Bytes sent and not yet acknowledged; beyond, senders wait for their turn.",
    )
    session_timeout_seconds: float = Field(
        default=30, gt=0, description="A member that is silent this long loses its partitions."
    )
    rebalance_timeout_seconds: float = Field(
        default=50, gt=0, description="Time a member has to drain when partitions are revoked."
    )
    group_instance_id: str | None = Field(
        default=None,
        min_length=1,
        description=(
            "Static membership: a name that stays the same over restarts and is unique in the "
            "group, such as a StatefulSet's pod name. A restart then moves no partition."
        ),
    )

    @field_validator("bootstrap_servers")
    @classmethod
    def _host_and_port(cls, value: str | None) -> str | None:
        """aiokafka reads a wrong entry as something else, or fails where nobody expects it."""
        for server in (value or "").split(","):
            if value and not _SERVER.fullmatch(server.strip()):
                raise PydanticCustomError(
                    "server", "must be host:port, several with commas between them"
                )
        return value


class QuotaSettings(BaseModel):
    model_config = ConfigDict(extra="forbid")

    redis_url: SecretStr | None = Field(
        default=None,
        description="redis://:password@host:port/0. Set: buckets are there. Unset: in PostgreSQL.",
    )
    replicas: int = Field(
        default=1,
        ge=1,
        description="Replicas that share a quota; while its store is away, each gives this part.",
    )
    key_requests_per_second: float = Field(
        default=1000, ge=0, description="Of one API key, on and on; 0 is no limit."
    )
    key_requests_burst: int = Field(default=5000, ge=1, description="Of one API key, at once.")
    key_items_per_second: float = Field(
        default=10_000, ge=0, description="Items posted with one API key; 0 is no limit."
    )
    key_items_burst: int = Field(
        default=100_000, ge=1, description="At once; no batch can have more."
    )
    tenant_requests_per_second: float = Field(
        default=2000, ge=0, description="Of all keys of a tenant; 0 is no limit."
    )
    tenant_requests_burst: int = Field(
        default=10_000, ge=1, description="Of all keys of a tenant, at once."
    )
    tenant_items_per_second: float = Field(
        default=20_000, ge=0, description="Items of all keys of a tenant; 0 is no limit."
    )
    tenant_items_burst: int = Field(
        default=200_000, ge=1, description="Items of all keys of a tenant, at once."
    )


class EmbeddedSettings(BaseModel):
    model_config = ConfigDict(extra="forbid")

    retention_bytes: int = Field(
        default=2_000_000_000,
        ge=0,
        description="Of one topic of the embedded bus; the oldest records beyond it go, read or "
        "not. 0: no limit but their age.",
    )


class DatabaseSettings(BaseModel):
    model_config = ConfigDict(extra="forbid")

    pool_size: int = Field(default=8, ge=1, description="Connections that one service keeps.")
    connect_timeout_seconds: float = Field(default=10, gt=0)
    statement_timeout_seconds: float = Field(
        default=30, gt=0, description="PostgreSQL cancels a statement that runs longer."
    )


class ConsumerSettings(BaseModel):
    model_config = ConfigDict(extra="forbid")

    batch_records: int = Field(default=256, ge=1, description="Most records in one batch.")
    batch_bytes: int = Field(
        default=4_194_304, ge=1, description="Most bytes in one batch that has more than a record."
    )
    batch_wait_seconds: float = Field(
        default=0, ge=0, description="How long a batch that is not full waits for more records."
    )
    poll_seconds: float = Field(default=0.25, gt=0, description="Longest wait for records.")
    buffer_records: int = Field(
        default=2048,
        ge=1,
        description="Records read and not yet ready to be committed; beyond, partitions pause.",
    )
    buffer_bytes: int = Field(
        default=67_108_864, ge=1, description="Bytes fetched ahead; beyond, all fetching pauses."
    )
    commit_seconds: float = Field(default=1.0, gt=0, description="Longest time between commits.")
    commit_records: int = Field(
        default=10_000, ge=1, description="So many finished records commit without waiting."
    )
    drain_seconds: float = Field(
        default=20, gt=0, description="Time for work in flight at shutdown or rebalance."
    )
    max_tries: int = Field(
        default=3, ge=1, description="Tries of a record that fails unexpectedly."
    )
    retry_seconds: float = Field(
        default=0.5, gt=0, description="First pause between tries; doubles."
    )
    retry_max_seconds: float = Field(default=30, gt=0, description="Longest pause between tries.")
    max_consecutive_dlq: int = Field(
        default=100, ge=1, description="More dead letters in a row than this stop the process."
    )
    max_dlq_share: float = Field(
        default=0.5,
        gt=0,
        le=1,
        description="A larger share of dead letters among the latest records stops the process.",
    )
    dlq_share_records: int = Field(
        default=1000, ge=1, description="How many of the latest records that share is taken of."
    )
    stall_seconds: float = Field(
        default=120, gt=0, description="Work waiting and no progress for so long: not healthy."
    )


class PrivacySettings(BaseModel):
    model_config = ConfigDict(extra="forbid")

    tombstone_days: int = Field(
        default=400,
        ge=30,
        description="Items of an erased customer are refused for so long: longer than the log "
        "keeps them, and as long as a sender may send them again.",
    )


class LogFormat(StrEnum):
    JSON = "json"
    CONSOLE = "console"


class Settings(BaseSettings):
    """Settings that every service reads. Wrong ones stop the start with a list of what to mend."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_nested_delimiter="__", extra="ignore", frozen=True
    )

    data_dir: Path = Field(
        default=Path(".heedful"), description="Folder of the embedded database and local secrets."
    )
    database_url: SecretStr | None = Field(
        default=None,
        description="postgresql://user:password@host:port/name. Unset: `heedful up` runs its own.",
    )
    migrate_at_start: bool = Field(
        default=True, description="Apply migrations at start; false where a Job does."
    )
    api_keys: Annotated[tuple[SecretStr, ...], NoDecode] = Field(
        default=(),
        description="Comma-separated tenant:key:scope+scope for first start; scope * is all.",
    )
    secret_keys: Annotated[tuple[SecretStr, ...], NoDecode] = Field(
        default=(),
        description=(
            "Comma-separated id:base64 of 32 bytes; the first encrypts, all decrypt. "
            "Unset: one is made in the data folder."
        ),
    )
    log_level: str = Field(default="INFO", pattern="^(DEBUG|INFO|WARNING|ERROR)$")
    log_format: LogFormat = LogFormat.JSON
    traces: bool = Field(
        default=False,
        description="Send OpenTelemetry traces by OTLP over HTTP to where "
        "OTEL_EXPORTER_OTLP_ENDPOINT says; needs the extra `otel`.",
    )
    http: HttpSettings = HttpSettings()
    keys: KeySettings = KeySettings()
    oidc: OidcSettings = OidcSettings()
    console: ConsoleSettings = ConsoleSettings()
    kafka: KafkaSettings = KafkaSettings()
    quota: QuotaSettings = QuotaSettings()
    embedded: EmbeddedSettings = EmbeddedSettings()
    database: DatabaseSettings = DatabaseSettings()
    privacy: PrivacySettings = PrivacySettings()
    consumer: ConsumerSettings = Field(default=ConsumerSettings(), validate_default=True)

    @field_validator("consumer")
    @classmethod
    def _drains_in_time(cls, consumer: ConsumerSettings, others: ValidationInfo) -> object:
        kafka = others.data.get("kafka")
        if not isinstance(kafka, KafkaSettings):
            return consumer
        needed = consumer.drain_seconds + kafka.send_timeout_seconds
        if needed >= kafka.rebalance_timeout_seconds:
            raise ValueError(
                f"a rebalance drains and commits in up to {needed:g} s ({PREFIX}CONSUMER__"
                f"DRAIN_SECONDS and {PREFIX}KAFKA__SEND_TIMEOUT_SECONDS), which must be less than "
                f"{PREFIX}KAFKA__REBALANCE_TIMEOUT_SECONDS ({kafka.rebalance_timeout_seconds:g})"
            )
        return consumer

    @field_validator("api_keys", "secret_keys", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return split(value)

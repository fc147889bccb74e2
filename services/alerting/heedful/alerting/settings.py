"""Settings of alerting alone; the shared ones are in heedful.common.settings."""

from datetime import timedelta
from typing import Annotated, Self

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from heedful.alerting.policies.builtin import builtin
from heedful.alerting.policies.document import PolicyDocument
from heedful.alerting.smtp import SmtpSecurity, SmtpServer
from heedful.alerting.webhook import secret_bytes
from heedful.common.http.targets import Network, TargetPolicy
from heedful.common.retention_days import Days
from heedful.common.zones import ZoneName

_HOUR = 3600.0


class AlertingSettings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="HEEDFUL_ALERTING__", extra="ignore", frozen=True)

    respond_seconds: float = Field(
        default=24 * _HOUR, gt=0, description="A person contacts the customer within this time."
    )
    plan_seconds: float = Field(
        default=48 * _HOUR, gt=0, description="An action plan exists within this time."
    )
    land_seconds: float = Field(
        default=72 * _HOUR, gt=0, description="The improvement has landed within this time."
    )
    warn_before_seconds: float = Field(
        default=_HOUR, gt=0, description="A warning goes out so long before a clock runs out."
    )
    unclassified_seconds: float = Field(
        default=900, gt=0, description="Feedback without labels for so long opens a case."
    )
    contact_days: float = Field(
        default=30, gt=0, description="How long contacts are kept for cases that open later."
    )
    feedback_days: float = Field(
        default=30,
        gt=0,
        le=90,
        description="How long the labels of every feedback are kept, without words, for dry runs "
        "of policies.",
    )
    closed_case_days: Days = Field(
        default=365,
        description="Closed cases keep words and the key of their feedback for so long; "
        "0: for ever.",
    )
    zone: ZoneName = Field(
        default="Asia/Shanghai",
        description="IANA zone whose days and months boards, reports and fixes are counted by.",
    )
    audit_anchor_seconds: float = Field(
        default=300,
        ge=1,
        description="The ends of the audit's chains are signed and logged so often.",
    )
    heartbeat_url: SecretStr | None = Field(
        default=None,
        description="A monitor outside that expects a GET every minute; it gets none while a timer "
        "is overdue, and raises the alarm.",
    )
    public_url: str | None = Field(
        default=None, description="Where people reach alerting; starts the links in webhooks."
    )
    link_seconds: float = Field(
        default=24 * _HOUR,
        ge=300,
        le=7 * 24 * _HOUR,
        description="How long a link in a message can be used, once.",
    )
    webhook_url: str | None = Field(
        default=None, description="An endpoint of every tenant, for the first start."
    )
    webhook_secret: SecretStr | None = Field(
        default=None, description="whsec_ and base64 of 24 to 64 bytes; signs for webhook_url."
    )
    allow_private_targets: bool = Field(
        default=False, description="Webhooks may go to private and loopback addresses."
    )
    target_schemes: Annotated[frozenset[str], NoDecode] = Field(
        default=frozenset({"http", "https"}),
        description="Comma-separated: schemes of the URLs of endpoints.",
    )
    target_ports: Annotated[frozenset[int], NoDecode] = Field(
        default=frozenset({80, 443, 8080, 8443}),
        description="Comma-separated: ports of endpoints; empty: any.",
    )
    target_networks: Annotated[tuple[Network, ...], NoDecode] = Field(
        default=(),
        description="Comma-separated CIDRs of private networks that endpoints may be in.",
    )
    target_hosts: Annotated[frozenset[str], NoDecode] = Field(
        default=frozenset(),
        description="Comma-separated names of hosts, as in a cluster, that may be called wherever "
        "they are and on any port; a leading dot stands for all names that end so.",
    )
    smtp_host: str | None = Field(
        default=None, description="The mail server of e-mail endpoints; unset: there is no mail."
    )
    smtp_port: int = Field(default=587, ge=1, le=65535, description="Its port.")
    smtp_security: SmtpSecurity = Field(
        default=SmtpSecurity.STARTTLS, description="starttls, tls or none."
    )
    smtp_username: str | None = Field(default=None, description="Its login, if it wants one.")
    smtp_password: SecretStr | None = Field(default=None, description="Of smtp_username.")
    smtp_sender: str = Field(
        default="heedful@localhost", description="The address that mail comes from."
    )
    delivery_days: Days = Field(
        default=90,
        description="Deliveries that are over and their tries are kept for so long; 0: for ever.",
    )
    delivery_concurrency: int = Field(
        default=20, ge=1, le=500, description="Webhook requests under way at one time."
    )
    delivery_timeout_seconds: float = Field(
        default=15, gt=0, le=30, description="A webhook that is not answered by then failed."
    )

    @field_validator(
        "target_schemes", "target_ports", "target_networks", "target_hosts", mode="before"
    )
    @classmethod
    def _split(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        return [part.strip().lower() for part in value.split(",") if part.strip()]

    @field_validator("webhook_secret")
    @classmethod
    def _secret_has_its_form(cls, secret: SecretStr | None) -> SecretStr | None:
        if secret is not None:
            secret_bytes(secret.get_secret_value())
        return secret

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if not self.respond_seconds <= self.plan_seconds <= self.land_seconds:
            raise ValueError("respond_seconds <= plan_seconds <= land_seconds must hold")
        if self.warn_before_seconds >= self.respond_seconds:
            raise ValueError("warn_before_seconds must be less than respond_seconds")
        if (self.webhook_url is None) != (self.webhook_secret is None):
            raise ValueError("webhook_url and webhook_secret are set together or not at all")
        if self.webhook_url is not None:
            wrong = self.target_policy.refusal(self.webhook_url)
            if wrong is not None:
                raise ValueError(f"webhook_url: {wrong}")
        return self

    @property
    def policy(self) -> PolicyDocument:
        """The policy of tenants that have none of their own."""
        return builtin(
            respond=timedelta(seconds=self.respond_seconds),
            plan=timedelta(seconds=self.plan_seconds),
            land=timedelta(seconds=self.land_seconds),
            warn_before=timedelta(seconds=self.warn_before_seconds),
        )

    @property
    def target_policy(self) -> TargetPolicy:
        return TargetPolicy(
            allow_private=self.allow_private_targets,
            schemes=self.target_schemes,
            ports=self.target_ports,
            networks=self.target_networks,
            hosts=self.target_hosts,
        )

    @property
    def smtp(self) -> SmtpServer | None:
        if self.smtp_host is None:
            return None
        password = self.smtp_password
        return SmtpServer(
            host=self.smtp_host,
            port=self.smtp_port,
            sender=self.smtp_sender,
            security=self.smtp_security,
            username=self.smtp_username,
            password=None if password is None else password.get_secret_value(),
            timeout_seconds=self.delivery_timeout_seconds,
        )

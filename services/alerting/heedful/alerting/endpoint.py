"""An endpoint: where notices go, and which of them. Pure."""

from dataclasses import dataclass
from datetime import datetime

from heedful.alerting.endpoint_kinds import ActionLinks, EndpointKind, Language
from heedful.alerting.recipients import Recipient
from heedful.alerting.templates.builtin import Templates
from heedful.alerting.webhook import ALARMS, EventType, Notice

EVERY_TENANT = "*"
DEFAULT_ZONE = "Asia/Shanghai"
_ENDINGS = frozenset({EventType.ACKNOWLEDGED, EventType.CLOSED})


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where notices go.

    Attributes:
        url: as it is shown; of a kind whose URL is a secret, without what is secret in it.
        events: empty means those that ask somebody to act; of PagerDuty, also those that end it.
        audiences: empty means all; a notice that is for nobody in particular goes everywhere.
        failover: id of the endpoint that gets what this one does not take.
        fallback: gets what no other endpoint of the tenant takes.
        keyword: that a robot wants to find in every message.
        timezone: IANA name; times in messages are of it.
        own: the tenant's templates.
        action_links: None: nobody gets any, but for mail that goes to one member alone.
        robot: whose budget it spends; None: it has none.
        previous_until: how long webhooks are also signed with the secret before the rotation.
        failing_since: the first failure since the last success.
        disabled_reason: why heedful switched it off.
    """

    id: str
    tenant: str
    url: str
    description: str | None
    events: tuple[EventType, ...]
    enabled: bool
    created_at: datetime
    kind: EndpointKind = EndpointKind.STANDARD
    audiences: tuple[Recipient, ...] = ()
    language: Language = Language.ZH
    failover: str | None = None
    fallback: bool = False
    keyword: str | None = None
    timezone: str = DEFAULT_ZONE
    own: Templates | None = None
    action_links: ActionLinks | None = None
    robot: str | None = None
    previous_until: datetime | None = None
    failing_since: datetime | None = None
    disabled_at: datetime | None = None
    disabled_reason: str | None = None


@dataclass(frozen=True, slots=True)
class Listener:
    """An enabled endpoint, as far as choosing needs it; emptiness means as of `Endpoint`."""

    id: str
    tenant: str
    events: frozenset[str]
    audiences: frozenset[str] = frozenset()
    kind: EndpointKind = EndpointKind.STANDARD

    def hears(self, notice: Notice) -> bool:
        """Whether the notice goes there."""
        ours = self.tenant in (notice.tenant, EVERY_TENANT)
        listens = notice.type.value in self.events if self.events else self._by_default(notice)
        meant = not self.audiences or not notice.audience or self._meant(notice)
        return ours and listens and meant

    def _by_default(self, notice: Notice) -> bool:
        return notice.type in ALARMS or (
            self.kind is EndpointKind.PAGERDUTY and notice.type in _ENDINGS
        )

    def _meant(self, notice: Notice) -> bool:
        return not self.audiences.isdisjoint(one.value for one in notice.audience)

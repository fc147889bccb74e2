"""An endpoint: where notices go, and which of them. Pure."""

from dataclasses import dataclass
from datetime import datetime

from heedful.alerting.endpoint_kinds import ActionLinks, EndpointKind, Language, StormNotices
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
        storms: how it hears of cases of an issue; None: as its kind does, which is by the issue,
            but for standard webhooks: a system that keeps tickets wants each case.
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
    storms: StormNotices | None = None
    previous_until: datetime | None = None
    failing_since: datetime | None = None
    disabled_at: datetime | None = None
    disabled_reason: str | None = None

    @property
    def hears_of_storms(self) -> StormNotices:
        return self.storms or _usual(self.kind)


@dataclass(frozen=True, slots=True)
class Listener:
    """An enabled endpoint, as far as choosing needs it; emptiness means as of `Endpoint`."""

    id: str
    tenant: str
    events: frozenset[str]
    audiences: frozenset[str] = frozenset()
    kind: EndpointKind = EndpointKind.STANDARD
    storms: StormNotices | None = None

    def hears(self, notice: Notice) -> bool:
        """Whether the notice goes there."""
        ours = self.tenant in (notice.tenant, EVERY_TENANT)
        listens = notice.type.value in self.events if self.events else self._by_default(notice)
        meant = not self.audiences or not notice.audience or self._meant(notice)
        return ours and listens and meant

    def asks(self, event: EventType, tenant: str) -> bool:
        """Whether it names this event of issues."""
        return self.tenant in (tenant, EVERY_TENANT) and event.value in self.events

    def leaves_to_issue(self, notice: Notice) -> bool:
        """Whether it hears by an issue what it would hear of one of its cases.

        A pager has its own incident for a case from before the issue, and that has to end.
        """
        if (self.storms or _usual(self.kind)) is StormNotices.EACH:
            return False
        ends = notice.type in _ENDINGS
        return notice.type in ALARMS or (ends and self.kind is not EndpointKind.PAGERDUTY)

    def _by_default(self, notice: Notice) -> bool:
        return notice.type in ALARMS or (
            self.kind is EndpointKind.PAGERDUTY and notice.type in _ENDINGS
        )

    def _meant(self, notice: Notice) -> bool:
        return not self.audiences.isdisjoint(one.value for one in notice.audience)


def _usual(kind: EndpointKind) -> StormNotices:
    each = kind is EndpointKind.STANDARD
    return StormNotices.EACH if each else StormNotices.GROUPED

"""An endpoint: where notices go, and which of them. Pure."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from heedful.alerting.recipients import Recipient
from heedful.alerting.webhook import EventType, Notice

EVERY_TENANT = "*"


class EndpointKind(StrEnum):
    STANDARD = "standard"
    DINGTALK = "dingtalk"
    FEISHU = "feishu"
    WECOM = "wecom"
    SLACK = "slack"
    TEAMS = "teams"
    PAGERDUTY = "pagerduty"
    EMAIL = "email"


class Language(StrEnum):
    ZH = "zh"
    EN = "en"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where notices go.

    Attributes:
        events: empty means all.
        audiences: empty means all; a notice that is for nobody in particular goes everywhere.
        failover: id of the endpoint that gets what this one does not take.
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


@dataclass(frozen=True, slots=True)
class Listener:
    """An enabled endpoint, as far as choosing needs it; emptiness means as of `Endpoint`."""

    id: str
    tenant: str
    events: frozenset[str]
    audiences: frozenset[str] = frozenset()

    def hears(self, notice: Notice) -> bool:
        """Whether the notice goes there."""
        ours = self.tenant in (notice.tenant, EVERY_TENANT)
        listens = not self.events or notice.type.value in self.events
        meant = not self.audiences or not notice.audience or self._meant(notice)
        return ours and listens and meant

    def _meant(self, notice: Notice) -> bool:
        return not self.audiences.isdisjoint(one.value for one in notice.audience)

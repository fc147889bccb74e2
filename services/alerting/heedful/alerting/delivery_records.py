"""What the stores of deliveries give and take: values, no behaviour."""

from dataclasses import dataclass
from datetime import datetime

from heedful.alerting.endpoint_kinds import ActionLinks, EndpointKind, Language
from heedful.alerting.recipients import Mention
from heedful.alerting.templates.builtin import Templates
from heedful.alerting.webhook import EventType


@dataclass(frozen=True, slots=True)
class Account:
    """An enabled endpoint, as far as sending needs it; secrets as they are stored."""

    id: str
    kind: EndpointKind
    url: str
    sealed: bytes
    sealed_url: bytes | None
    sealed_previous: bytes | None
    keyword: str | None
    language: Language
    timezone: str
    own: Templates | None
    action_links: ActionLinks | None = None


@dataclass(frozen=True, slots=True)
class Task:
    """A delivery that is ours until its lease ends. Without account: its endpoint is gone.

    Attributes:
        since: when it was due first. Of one that is tried again: when it was made.
        links: those that its message carries, sealed; None until it is composed first.
        traceparent: of what it tells of, where that was traced.
    """

    id: str
    tenant: str
    case_id: str
    endpoint_id: str
    body: bytes
    mentions: tuple[Mention, ...]
    since: datetime
    attempts: int
    fence: int
    urgent: bool
    forwarded: bool
    robot: str | None
    account: Account | None
    links: bytes | None = None
    traceparent: str | None = None

    @property
    def first(self) -> bool:
        """Whether nobody has claimed it before."""
        return self.fence == 1


@dataclass(frozen=True, slots=True)
class Due:
    """A delivery that waits for its robot."""

    id: str
    endpoint_id: str


@dataclass(frozen=True, slots=True)
class Frozen:
    """A delivery to be stored.

    Attributes:
        failover_of: the delivery that this one stands in for.
        not_before: when it is tried first; None: at once.
    """

    id: str
    tenant: str
    case_id: str
    endpoint_id: str
    type: EventType
    body: bytes
    mentions: str = "[]"
    urgent: bool = False
    failover_of: str | None = None
    not_before: datetime | None = None

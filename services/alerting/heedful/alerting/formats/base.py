"""What formats take and give. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from heedful.alerting.endpoint_kinds import EndpointKind
from heedful.alerting.recipients import Mention


class Action(StrEnum):
    """What a message asks of a system that keeps incidents."""

    TRIGGER = "trigger"
    ACKNOWLEDGE = "acknowledge"
    RESOLVE = "resolve"


class Severity(StrEnum):
    CRITICAL = "critical"
    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True, slots=True)
class Button:
    """A link by which somebody acts; the label, plain, says who. Its repr shows no URL."""

    label: str
    url: str = field(repr=False)

    @property
    def token(self) -> str:
        """What of the URL is a secret."""
        return self.url.rpartition("/")[2]


@dataclass(frozen=True, slots=True)
class Message:
    """What is to be said.

    Attributes:
        id: the webhook-id, the same on every try.
        body: the frozen notice, as standard webhooks carry it.
        subject: what the incident is about; the same for every step of a case.
        title: one line, plain.
        text: lines in the markup of the format.
        url: where to look; without a host when the platform has no public URL.
        buttons: by which somebody acts; a format shows them as its vendor has them.
    """

    id: str
    body: bytes
    subject: str
    title: str
    text: str
    url: str
    at: datetime
    action: Action = Action.TRIGGER
    severity: Severity = Severity.CRITICAL
    link_label: str = "查看"
    mentions: tuple[Mention, ...] = ()
    buttons: tuple[Button, ...] = ()

    @property
    def link(self) -> str | None:
        """The URL, when it leads somewhere."""
        return self.url if self.url.startswith(("https://", "http://")) else None

    @property
    def all_buttons(self) -> tuple[Button, ...]:
        """Where to look, if there is such a place, and then what somebody acts by."""
        look = () if self.link is None else (Button(self.link_label, self.link),)
        return (*look, *self.buttons)


@dataclass(frozen=True, slots=True)
class Target:
    """Where it goes, opened for one try. Its repr shows no secret.

    Attributes:
        secret: signs or authorises; empty for robots that want none.
        previous: the secret before a rotation, while both are good.
        keyword: that the robot wants to find in every message.
        sender: the address that mail comes from.
    """

    url: str = field(repr=False)
    now: datetime
    secret: str = field(default="", repr=False)
    previous: str | None = field(default=None, repr=False)
    keyword: str | None = None
    sender: str = ""


@dataclass(frozen=True, slots=True)
class Post:
    """An HTTP request."""

    url: str = field(repr=False)
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Mail:
    """A message for SMTP, as RFC 5322 bytes."""

    sender: str
    recipients: tuple[str, ...]
    content: bytes


Request = Post | Mail


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back over HTTP; names of headers are lower case."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


class Outcome(StrEnum):
    DELIVERED = "delivered"
    RETRY = "retry"
    REFUSED = "refused"
    """Nobody will ever take this message there."""
    GONE = "gone"
    """The endpoint is no more."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What an answer means.

    Attributes:
        reason: why it was not taken; None when it was.
        throttled: the receiver is busy; the next try keeps its distance.
        mute: the robot takes nothing from anybody for so long.
    """

    outcome: Outcome
    reason: str | None = None
    throttled: bool = False
    mute: timedelta | None = None


DELIVERED = Verdict(Outcome.DELIVERED)


@dataclass(frozen=True, slots=True)
class Budget:
    """What a robot takes: `burst` at once and `per_minute` beside, so in no minute more than
    their sum."""

    burst: int
    per_minute: float

    @property
    def per_second(self) -> float:
        return self.per_minute / 60


class Format(Protocol):
    """One kind of endpoint.

    Attributes:
        hosts: ends of host names; a URL of another host is not of this kind. Empty: any host.
        secret_url: the URL alone lets anybody send, so it is sealed and never shown.
        budget: None where the vendor names no limit.
        templated: the message is made by templates; otherwise it is the notice itself.
        digest: how many notices one message lists when the budget is short; 0 where each is a
            message of its own and waits for its turn.
    """

    @property
    def kind(self) -> EndpointKind: ...

    @property
    def hosts(self) -> tuple[str, ...]: ...

    @property
    def secret_url(self) -> bool: ...

    @property
    def budget(self) -> Budget | None: ...

    @property
    def templated(self) -> bool: ...

    @property
    def digest(self) -> int: ...

    def __hash__(self) -> int: ...

    def escape(self, text: str) -> str:
        """Text in which nothing is markup, on one line."""
        ...

    def bold(self, escaped: str) -> str: ...

    def anchor(self, escaped: str, url: str) -> str:
        """A link; the URL is one of http or https."""
        ...

    def request(self, message: Message, target: Target) -> Request: ...

    def verdict(self, answer: Answer) -> Verdict: ...

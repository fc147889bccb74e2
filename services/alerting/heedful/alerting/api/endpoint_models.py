"""What `/v1/endpoints` takes and gives."""

from datetime import datetime
from typing import Annotated, Self
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StrictBool, StringConstraints

from heedful.alerting.api.event_names import EventName
from heedful.alerting.endpoint import DEFAULT_ZONE, Endpoint
from heedful.alerting.endpoint_kinds import ActionLinks, EndpointKind, Language, StormNotices
from heedful.alerting.recipients import Recipient
from heedful.alerting.templates.builtin import Templates
from heedful.alerting.templates.engine import LONGEST_SOURCE
from heedful.alerting.webhook import EventType

_NO_NUL = r"^[^\x00]*$"
_MOST_EVENTS = len(EventType)


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise ValueError("is no IANA time zone, as Asia/Shanghai is one") from error
    return name


Url = Annotated[str, StringConstraints(min_length=8, max_length=2000, pattern=r"^[^\x00\s]+$")]
Description = Annotated[str, StringConstraints(max_length=500, pattern=_NO_NUL)]
Secret = Annotated[
    str,
    StringConstraints(min_length=1, max_length=500, pattern=r"^[\x21-\x7e]+$"),
    Field(
        description="What a DingTalk or Feishu robot signs with, or PagerDuty's integration key. "
        "Never shown again."
    ),
]
Keyword = Annotated[
    str,
    StringConstraints(min_length=1, max_length=50, pattern=r"^[^\x00\r\n]+$"),
    Field(description="The word that the robot wants to find in every message."),
]
Zone = Annotated[str, StringConstraints(max_length=64), AfterValidator(_known_zone)]
Id = Annotated[str, StringConstraints(max_length=200, pattern=_NO_NUL)]
Source = Annotated[str, StringConstraints(max_length=LONGEST_SOURCE, pattern=_NO_NUL)]
Events = Annotated[
    list[EventType],
    Field(
        max_length=_MOST_EVENTS,
        description="Empty: those that ask somebody to act (opened, warning, breached, "
        "escalated); of PagerDuty also acknowledged and closed. Who hears by issues needs to "
        "name none of those.",
    ),
]
Audiences = Annotated[
    list[Recipient],
    Field(max_length=len(Recipient), description="Whom notices must be for; empty: anybody."),
]
Failover = Annotated[
    Id | None,
    Field(description="Endpoint that gets a red notice which this one has not taken in time."),
]
Fallback = Annotated[
    StrictBool,
    Field(
        description="Gets what another endpoint of the tenant has not taken in time, and what is "
        "said about endpoints. There is one; the last to be set."
    ),
]

ActionLinksField = Annotated[
    ActionLinks | None,
    Field(
        description="`mentioned`: a message about a case that nobody has answered carries, for up "
        "to three of the people whom it is for, links to claim and to acknowledge it, without "
        "signing in. Whoever sees the message can press them. null: only mail that goes to one "
        "member alone carries theirs."
    ),
]

Storms = Annotated[
    StormNotices | None,
    Field(
        description="How it hears of cases of an issue: `grouped`, by the issue, or `each` by "
        "itself. null: grouped, but each for standard webhooks."
    ),
]


class TemplateBody(BaseModel):
    model_config = ConfigDict(extra="forbid")

    title: Source = Field(description="One line, in Jinja; plain text.")
    text: Source = Field(description="In Jinja, in the markup of the endpoint's kind.")

    def templates(self) -> Templates:
        return Templates(self.title, self.text)


class EndpointBody(BaseModel):
    model_config = ConfigDict(extra="forbid")

    url: Url
    description: Description | None = None
    events: Events = Field(default_factory=list)
    enabled: StrictBool = True
    kind: EndpointKind = EndpointKind.STANDARD
    secret: Secret | None = None
    keyword: Keyword | None = None
    audiences: Audiences = Field(default_factory=list)
    language: Language = Language.ZH
    timezone: Zone = DEFAULT_ZONE
    failover: Failover = None
    fallback: Fallback = False
    storms: Storms = None
    template: TemplateBody | None = None
    action_links: ActionLinksField = None


class EndpointPatch(BaseModel):
    """What is left out stays as it is; null takes away what can be absent."""

    model_config = ConfigDict(extra="forbid")

    url: Url = "unchanged"
    description: Description | None = None
    events: Events = Field(default_factory=list)
    enabled: StrictBool = True
    keyword: Keyword | None = None
    audiences: Audiences = Field(default_factory=list)
    language: Language = Language.ZH
    timezone: Zone = DEFAULT_ZONE
    failover: Failover = None
    fallback: Fallback = False
    storms: Storms = None
    template: TemplateBody | None = None
    action_links: ActionLinksField = None


class RotationBody(BaseModel):
    model_config = ConfigDict(extra="forbid")

    secret: Secret | None = None
    overlap_seconds: int = Field(
        default=86_400,
        ge=0,
        le=604_800,
        strict=True,
        description="How long webhooks carry a signature of the old secret as well. Robots know "
        "one secret only, so theirs changes at once.",
    )


class PreviewBody(BaseModel):
    model_config = ConfigDict(extra="forbid")

    type: EventType = EventType.OPENED
    template: TemplateBody | None = Field(
        default=None, description="To be tried out; without it what the endpoint has."
    )


class PreviewOut(BaseModel):
    title: str
    text: str
    body: str = Field(description="What would be sent, without secrets and signatures.")


class EndpointOut(BaseModel):
    id: str
    url: str = Field(description="Where the URL is a secret, its host only.")
    description: str | None
    events: list[EventName]
    enabled: bool
    created_at: datetime
    kind: EndpointKind
    keyword: str | None
    audiences: list[Recipient]
    language: Language
    timezone: str
    failover: str | None
    fallback: bool
    storms: StormNotices = Field(description="How it hears of cases of an issue.")
    template: TemplateBody | None
    action_links: ActionLinks | None
    previous_secret_until: datetime | None = Field(
        description="Until then webhooks are signed with two secrets."
    )
    failing_since: datetime | None = Field(
        description="The first failure since the last success; after 120 hours it is disabled."
    )
    disabled_at: datetime | None
    disabled_reason: str | None = Field(description="Why heedful switched it off.")

    @classmethod
    def of(cls, endpoint: Endpoint) -> Self:
        own = endpoint.own
        return cls(
            id=endpoint.id,
            url=endpoint.url,
            description=endpoint.description,
            events=[EventName(one.value) for one in endpoint.events],
            enabled=endpoint.enabled,
            created_at=endpoint.created_at,
            kind=endpoint.kind,
            keyword=endpoint.keyword,
            audiences=list(endpoint.audiences),
            language=endpoint.language,
            timezone=endpoint.timezone,
            failover=endpoint.failover,
            fallback=endpoint.fallback,
            storms=endpoint.hears_of_storms,
            template=None if own is None else TemplateBody(title=own.title, text=own.text),
            action_links=endpoint.action_links,
            previous_secret_until=endpoint.previous_until,
            failing_since=endpoint.failing_since,
            disabled_at=endpoint.disabled_at,
            disabled_reason=endpoint.disabled_reason,
        )


class EndpointMade(EndpointOut):
    secret: str = Field(
        description="Verifies signatures of standard webhooks; shown only here. Empty for other "
        "kinds: you have it."
    )

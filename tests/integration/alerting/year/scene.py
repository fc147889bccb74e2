"""What a simulated year consists of, written down before it begins. Values, nothing of heedful's.

Times are whole seconds since 1970: nothing else in a year is finer, and no zone is implied.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

Colour = Literal["red", "amber", "green", "grey"]
Metric = Literal["respond", "plan", "land", "next_reply"]
Hours = tuple[tuple[int, int], ...]
"""Working intervals of a day in minutes after midnight, half-open."""

MINUTE, HOUR, DAY = 60, 3600, 86_400
ALWAYS = "always"
CUSTOMER, THIRD_PARTY = "waiting_customer", "waiting_third_party"


@dataclass(frozen=True, slots=True)
class Office:
    """A calendar in one version. `public`: mainland China's holidays and what makes up for them."""

    name: str
    version: int
    zone: str
    week: tuple[Hours, ...]
    holidays: frozenset[date] = frozenset()
    extra: Mapping[date, Hours] = field(default_factory=dict)
    public: bool = False

    @property
    def ref(self) -> str:
        return f"{self.name}@{self.version}"


@dataclass(frozen=True, slots=True)
class Rung:
    """`percent` of the target is spent, or it is so many seconds `before` its end."""

    name: str
    notify: tuple[str, ...]
    percent: float | None = None
    before: int | None = None


@dataclass(frozen=True, slots=True)
class Ladder:
    rungs: tuple[Rung, ...]
    repeat_every: int = DAY
    repeats: int = 5
    repeat_to: tuple[str, ...] = ("manager", "director")


@dataclass(frozen=True, slots=True)
class Target:
    """What a clock is measured by."""

    seconds: int
    calendar: str = ALWAYS
    pauses: frozenset[str] = frozenset()
    enforced: bool = True


@dataclass(frozen=True, slots=True)
class Rule:
    """Every condition that is given must fit; without clocks the item is no case."""

    name: str
    colours: frozenset[str] | None = None
    classified: bool | None = None
    tiers: frozenset[str] | None = None
    needs_response: bool | None = None
    intents: frozenset[str] | None = None
    clocks: Mapping[Metric, Target] = field(default_factory=dict)
    ladder: str = "default"
    urgent: bool = False
    notify: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Policy:
    """`version` 0 is the one that is built in."""

    version: int
    rules: tuple[Rule, ...]
    ladders: Mapping[str, Ladder]
    notify_calendar: str = ALWAYS
    pause_budget: int = 72 * HOUR
    regroup_within: int = 7 * DAY
    late_after: int = DAY
    enforce_from: int | None = None

    @property
    def ref(self) -> str:
        return f"policy@{self.version}" if self.version else "builtin@1"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Hears `events` only, if there are any, and of those who are meant, `audiences` only."""

    id: str
    events: frozenset[str] = frozenset()
    audiences: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Activation:
    """From then on clocks of the tenant start under this version."""

    at: int
    tenant: str
    policy: int | None = None
    office: str | None = None


@dataclass(frozen=True, slots=True)
class Tenant:
    """`policies` and `offices` are all versions of the year."""

    name: str
    policies: tuple[Policy, ...]
    offices: tuple[Office, ...]
    endpoints: tuple[Endpoint, ...]
    activations: tuple[Activation, ...]


@dataclass(frozen=True, slots=True)
class Item:
    """A feedback. `conversation` and `people` are by what cases and contacts are found."""

    id: str
    tenant: str
    occurred_at: int
    received_at: int
    topic: str | None
    touchpoint: str | None
    conversation: str | None
    people: tuple[str, ...]
    tier: str | None = None
    backfill: bool = False


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that alerting is handed at a time. `household`: of customers who belong together,
    whose happenings have an order; `number` breaks ties."""

    at: int
    number: int
    household: int


@dataclass(frozen=True, slots=True)
class Heard(Happening):
    """The item without labels."""

    item: Item


@dataclass(frozen=True, slots=True)
class Understood(Happening):
    """The item with its labels. `corrected`: a person has set the light."""

    item: Item
    colour: Colour
    needs_response: bool
    intent: str | None
    corrected: bool = False


@dataclass(frozen=True, slots=True)
class Met(Happening):
    """An interaction. Of a person of the business, reaching out, it answers the customer."""

    id: str
    tenant: str
    occurred_at: int
    received_at: int
    conversation: str | None
    people: tuple[str, ...]
    human: bool = True
    outbound: bool = True
    contact: bool = True

    @property
    def answers(self) -> bool:
        return self.human and self.outbound and self.contact


Doing = Literal[
    "acknowledge", "claim", "plan", "start", "wait", "resume", "land", "verify", "close",
    "contact", "dismiss", "approve", "merge", "unmerge", "split", "reopen", "note",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Act(Happening):
    """A request about the case on which an item is then.

    Attributes:
        id: of the request.
        other: item of the other case, for `merge`; the item that goes, for `split`.
        state: which waiting, for `wait`.
        when: of the contact, which may be earlier; `internal` answers nobody.
    """

    id: str
    tenant: str
    item: str
    do: Doing
    who: str
    human: bool = True
    other: str | None = None
    state: str | None = None
    when: int | None = None
    internal: bool = False


@dataclass(frozen=True, slots=True)
class Downtime:
    """Alerting is away between two looks. `timers_first`: it looks at its timers before it reads
    what has come in meanwhile."""

    since: int
    until: int
    timers_first: bool


@dataclass(frozen=True, slots=True)
class Year:
    """The whole plan.

    Attributes:
        tick: seconds between two looks at the timers.
        quiet: seconds after a look in which nothing is planned: what a killed replica had leased
            is looked at again then.
        happenings: in their order.
    """

    seed: int
    start: int
    end: int
    tick: int
    quiet: int
    tenants: Sequence[Tenant]
    downtimes: Sequence[Downtime]
    happenings: Sequence[Happening]

    def ticks(self) -> Sequence[int]:
        """Every moment at which somebody looks; none while alerting is away."""
        away = self.downtimes
        return [
            at
            for at in range(self.start + self.tick, self.end + 1, self.tick)
            if not any(one.since < at < one.until for one in away)
        ]

"""One case of alerting, whole."""

from datetime import datetime

from heedful.console.upstream.caller import Caller
from heedful.console.upstream.cases import CaseItem
from heedful.console.upstream.paths import part
from heedful.console.upstream.reading import Read
from heedful.console.upstream.steps import Actor


class Pause(Read):
    start: datetime
    end: datetime | None


class Clock(Read):
    """One run of a clock.

    Attributes:
        target_s: working time of its calendar, in seconds.
    """

    metric: str
    cycle: int
    target_s: float
    calendar: str
    started_at: datetime
    due_at: datetime
    pauses: list[Pause]
    enforced: bool
    fulfilled_at: datetime | None
    breached_at: datetime | None
    result: str

    @property
    def paused(self) -> bool:
        return bool(self.pauses) and self.pauses[-1].end is None


class Why(Read):
    answer: str
    evidence: str | None


class Event(Read):
    sequence: int
    kind: str
    at: datetime
    actor: Actor
    colour: str
    clock: str | None
    cycle: int | None
    note: str | None
    whys: list[Why]
    detail: dict[str, str]

    @property
    def due(self) -> datetime | None:
        """Until when something is planned."""
        try:
            return datetime.fromisoformat(self.detail["due"])
        except (KeyError, ValueError):
            return None


class Fix(Read):
    """An improvement that is looked at when its days are over."""

    topic: str
    touchpoint: str | None
    measure: str
    after_days: int
    due_at: datetime
    outcome: str | None


class Signal(Read):
    kind: str
    label_zh: str
    label_en: str
    colour: str
    confidence: float | None
    summary_zh: str
    summary_en: str
    detected_at: datetime
    customer_id: str | None


class Case(CaseItem):
    cycle: int
    region: str | None
    over_at: datetime | None
    policy: str | None
    rule: str | None
    action_owner: str | None
    action: str | None
    action_due: datetime | None
    root_cause: str | None
    action_taken: str | None
    dismissal: str | None
    proposed_by: str | None
    merged_into: str | None
    erased_at: datetime | None
    clocks: list[Clock]
    fixes: list[Fix]
    signals: list[Signal]
    events: list[Event]

    def fulfilling(self, clock: Clock) -> Event | None:
        """What fulfilled this run of a clock, and by whom; None: it is not, or nobody did."""
        if clock.fulfilled_at is None:
            return None
        run = [one for one in self.events if one.clock == clock.metric]
        return next((one for one in run if one.at == clock.fulfilled_at), None)

    @property
    def customer_id(self) -> str | None:
        """Whose it is, by its signals."""
        return next((one.customer_id for one in self.signals if one.customer_id), None)

    def since(self, sequence: int) -> list[Event]:
        """What happened to it after this event, the oldest first."""
        return [one for one in self.events if one.sequence > sequence]


async def case(alerting: Caller, case_id: str) -> Case:
    """
    Raises:
        NotThere: the tenant has none of this id.
        UpstreamError: it could not be had.
    """
    return await alerting.get(Case, f"/v1/cases/{part(case_id)}")

"""What the stores give and take: values, no behaviour."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from heedful.alerting import metrics
from heedful.alerting.case import Case, Step
from heedful.alerting.matching import Customer
from heedful.alerting.policies.matching import Item
from heedful.common.contracts import Colour, Enrichment, Feedback
from heedful.common.events import deterministic_id

UNCLASSIFIED = (
    {
        "code": "unclassified",
        "label_zh": "未能及时分类",
        "label_en": "Not classified in time",
    },
)
"""The reason of a case that the watch opened."""


@dataclass(frozen=True, slots=True)
class FeedbackKey:
    """What identifies a feedback for ever."""

    tenant: str
    source: str
    id: str

    @property
    def case_id(self) -> str:
        """One feedback can open one case, whoever opens it."""
        return deterministic_id("case", self.tenant, self.source, self.id)

    @classmethod
    def of(cls, feedback: Feedback) -> "FeedbackKey":
        return cls(feedback.tenant, feedback.source, feedback.id)

    @staticmethod
    def columns(keys: Sequence["FeedbackKey"]) -> dict[str, list[Any]]:
        """Keys as SQL takes them: an array for each part."""
        return {
            "tenants": [key.tenant for key in keys],
            "sources": [key.source for key in keys],
            "ids": [key.id for key in keys],
        }


@dataclass(frozen=True, slots=True)
class Heard:
    """A feedback as alerting keeps it."""

    key: FeedbackKey
    item: Item
    occurred_at: datetime
    received_at: datetime
    customer: Customer


@dataclass(frozen=True, slots=True)
class Classified:
    """A feedback with its light; without `colour` no labels came in time."""

    feedback: Heard
    colour: Colour | None
    reasons: tuple[Mapping[str, str], ...]

    @property
    def key(self) -> FeedbackKey:
        return self.feedback.key

    @property
    def shown(self) -> Colour:
        """The colour of its case."""
        return self.colour or Colour.GREY


@dataclass(frozen=True, slots=True)
class Contact:
    """A person of the business reached out to a customer; `keys` and `anonymous` as of
    `Customer`."""

    tenant: str
    source: str
    id: str
    occurred_at: datetime
    received_at: datetime
    actor_id: str | None
    keys: tuple[str, ...]
    anonymous: bool = False


@dataclass(frozen=True, slots=True)
class StoredCase:
    """A locked case: its fold and what never changes.

    Attributes:
        late_source: it was said long before it was received.
        head: hash of its last event; None before the first, and while some are not linked.
    """

    id: str
    tenant: str
    source: str
    feedback_id: str
    channel: str
    received_at: datetime
    reasons: tuple[Mapping[str, str], ...]
    case: Case
    topic: str | None = None
    touchpoint: str | None = None
    department: str | None = None
    region: str | None = None
    late_source: bool = False
    head: bytes | None = None


@dataclass(frozen=True)
class Recorded:
    """A step with its place: the case as it is after it."""

    stored: StoredCase
    step: Step

    @cached_property
    def event_id(self) -> str:
        return deterministic_id("case-event", self.stored.id, str(self.stored.case.sequence))


@dataclass(slots=True)
class Tally:
    """What a transaction did, counted when it is committed. `silenced`: notices of cases that were
    left to issues."""

    events: Counter[str] = field(default_factory=Counter)
    results: Counter[tuple[str, str]] = field(default_factory=Counter)
    silenced: int = 0

    def publish(self) -> None:
        for event, count in self.events.items():
            metrics.CASES.labels(event).inc(count)
        for (metric, result), count in self.results.items():
            metrics.CLOCK_RESULTS.labels(metric, result).inc(count)
        metrics.SILENCED.inc(self.silenced)

    def committed(self, woken: Callable[[], None]) -> None:
        """Counted; and whoever acts on steps is woken if there were any."""
        self.publish()
        if self.events:
            woken()


def reasons_of(enrichment: Enrichment) -> tuple[Mapping[str, str], ...]:
    """Why the light is what it is, without the evidence: that quotes the customer."""
    return tuple(
        {"code": reason.code, "label_zh": reason.label_zh, "label_en": reason.label_en}
        for reason in enrichment.light.reasons
    )

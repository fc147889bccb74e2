"""Feedback as journey remembers it: its words, and the evidence in them."""

from collections.abc import Iterator
from datetime import datetime

from heedful.console.upstream.caller import Caller
from heedful.console.upstream.reading import Read


class Span(Read):
    """Half-open, in code points of the text."""

    start: int
    end: int


class Evidenced(Read):
    evidence: tuple[Span, ...] = ()


class LightReason(Evidenced):
    code: str
    label_zh: str
    label_en: str


class Light(Read):
    colour: str
    reasons: list[LightReason]


class Record(Read):
    source: str
    id: str
    channel: str
    text: str
    occurred_at: datetime
    received_at: datetime
    touchpoint: str | None
    conversation_id: str | None
    customer_id: str | None
    light: Light
    sentiment: Evidenced | None = None
    urgency: Evidenced | None = None
    churn: Evidenced | None = None

    def evidence(self) -> Iterator[tuple[int, int, int | None]]:
        """Start, end, and the number of the reason of the light that it shows, from 1; None: it
        shows another label."""
        for number, reason in enumerate(self.light.reasons, start=1):
            for one in reason.evidence:
                yield one.start, one.end, number
        for label in (self.urgency, self.churn, self.sentiment):
            for one in label.evidence if label else ():
                yield one.start, one.end, None


async def record(journey: Caller, source: str, feedback_id: str) -> Record:
    """
    Raises:
        NotThere: journey does not have it: not yet, or no longer.
        UpstreamError: it could not be had.
    """
    return await journey.get(Record, "/v1/records", {"source": source, "id": feedback_id})

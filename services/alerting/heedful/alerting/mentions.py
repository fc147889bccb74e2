"""What one feedback adds to the daily counts of topics. Pure.

A mention is one topic in one feedback, however often it is named there. The words, and whose they
are, are in no count.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta, tzinfo
from typing import Final

from heedful.alerting.verification.series import Count
from heedful.common.contracts import Enrichment, Polarity

EVERY: Final = ""
"""In place of a topic: all feedback, each once. In place of a touchpoint: none was named."""

LATE: Final = timedelta(hours=24)
"""What was said so long before we heard of it says nothing about the day on which we did."""


@dataclass(frozen=True, slots=True)
class DayOfTopic:
    """Where a mention is counted."""

    tenant: str
    day: date
    topic: str
    touchpoint: str


Counts = dict[DayOfTopic, Count]


def counts(enrichment: Enrichment, zone: tzinfo) -> Counts:
    """The counts of one feedback, on the day of its receipt in this zone.

    The row of all feedback is judged by the sentiment as a whole, a topic by what was said of it.
    What comes late (`LATE`) counts as feedback and as a mention of nothing.
    """
    feedback = enrichment.feedback
    day = feedback.received_at.astimezone(zone).date()
    touchpoint = feedback.touchpoint or EVERY
    sentiment = enrichment.sentiment
    score = None if sentiment is None else sentiment.score
    blame = sentiment is not None and sentiment.polarity is Polarity.NEGATIVE
    judged = {EVERY: blame}
    if feedback.received_at - feedback.occurred_at <= LATE:
        for aspect in enrichment.aspects:
            negative = aspect.polarity is Polarity.NEGATIVE
            judged[aspect.topic] = judged.get(aspect.topic, False) or negative
    return {
        DayOfTopic(feedback.tenant, day, topic, touchpoint): Count(
            n=1,
            negative=int(negative),
            scored=int(score is not None),
            score=score or 0.0,
        )
        for topic, negative in judged.items()
    }


def summed(found: Iterable[Counts]) -> Counts:
    """Of several feedbacks together."""
    result: Counts = {}
    for one in found:
        for place, count in one.items():
            result[place] = result.get(place, Count()) + count
    return result

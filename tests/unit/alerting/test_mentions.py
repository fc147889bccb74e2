"""What one feedback adds to the daily counts."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from heedful.alerting.mentions import EVERY, DayOfTopic, counts, summed
from heedful.alerting.verification.series import Count
from heedful.common.contracts import (
    Aspect,
    Channel,
    Colour,
    Enrichment,
    Feedback,
    Light,
    Polarity,
    Sentiment,
    Versions,
)

EVENING = datetime(2026, 3, 1, 17, 30, tzinfo=UTC)
"""Half past one of the next day in Shanghai."""


def said(*aspects: tuple[str, Polarity], score: float | None = None, **changes: Any) -> Enrichment:
    feedback = Feedback(
        tenant="acme",
        source="calls",
        id="f1",
        channel=Channel.CALL,
        text="...",
        occurred_at=changes.pop("occurred_at", EVENING),
        received_at=EVENING,
        **changes,
    )
    negative = Sentiment(polarity=Polarity.NEGATIVE, score=score, confidence=0.9)
    return Enrichment(
        tenant="acme",
        id="e1",
        feedback=feedback,
        enriched_at=EVENING,
        language="zh",
        sentiment=None if score is None else negative,
        aspects=tuple(
            Aspect(topic=topic, polarity=polarity, confidence=0.9) for topic, polarity in aspects
        ),
        light=Light(colour=Colour.GREEN),
        versions=Versions(model="m", lexicon="l", taxonomy="t", policy="p"),
    )


def place(topic: str, touchpoint: str = EVERY, day: date = date(2026, 3, 1)) -> DayOfTopic:
    return DayOfTopic("acme", day, topic, touchpoint)


def test_each_topic_once_and_negative_if_it_was_blamed_anywhere() -> None:
    found = counts(
        said(
            ("price", Polarity.POSITIVE),
            ("delivery", Polarity.NEGATIVE),
            ("delivery", Polarity.POSITIVE),
            score=-0.5,
            touchpoint="app.checkout",
        ),
        UTC,
    )
    assert found == {
        place(EVERY, "app.checkout"): Count(1, 1, 1, -0.5),
        place("price", "app.checkout"): Count(1, 0, 1, -0.5),
        place("delivery", "app.checkout"): Count(1, 1, 1, -0.5),
    }


def test_the_day_is_that_of_the_zone() -> None:
    found = counts(said(), ZoneInfo("Asia/Shanghai"))
    assert found == {place(EVERY, day=date(2026, 3, 2)): Count(1)}


def test_what_comes_late_is_a_mention_of_nothing() -> None:
    late = said(("price", Polarity.NEGATIVE), occurred_at=EVENING - timedelta(hours=25))
    assert set(counts(late, UTC)) == {place(EVERY)}
    still = said(("price", Polarity.NEGATIVE), occurred_at=EVENING - timedelta(hours=24))
    assert set(counts(still, UTC)) == {place(EVERY), place("price")}


def test_a_sum() -> None:
    one = counts(said(("price", Polarity.NEGATIVE), score=-1.0), UTC)
    other = counts(said(("price", Polarity.POSITIVE)), UTC)
    assert summed([one, other])[place("price")] == Count(2, 1, 1, -1.0)
    assert summed([]) == {}

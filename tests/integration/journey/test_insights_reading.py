"""What the consumer stored is what insights read."""

import importlib
import math
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from heedful.common.contracts import (
    Channel,
    Direction,
    Enrichment,
    Found,
    InteractionKind,
    Perception,
    PerceptionLabel,
    Polarity,
    Score,
    ScoreKind,
    Sentiment,
    Span,
)
from heedful.common.events import Delivery
from heedful.common.topics import FEEDBACK_ENRICHED
from heedful.journey.insights.facts import NONE, Coded, Facts, Many
from heedful.journey.insights_reading import reading
from heedful.journey.insights_reading.period import Period, TooMany
from tests.integration.conftest import OTHER_TENANT, TENANT
from tests.integration.journey.world import Journey
from tests.unit.journey.material import START, at, delivery, feedback, interaction

SPAN = Span(start=0, end=2, text="很好")
FOUND = Found(confidence=0.9, evidence=(SPAN,))
WHOLE = Period(START - timedelta(days=1), START + timedelta(days=10))
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
ATTRIBUTES = ("segment", "outlet")

PEOPLE = st.lists(st.sampled_from(["customer_id:a", "customer_id:b", "customer_id:c"]), max_size=1)
NAMES = st.none() | st.sampled_from(["app.checkout", "store.visit", "门店\x1f二"])
VALUES = st.dictionaries(
    st.sampled_from(["segment", "outlet", "plan"]), st.sampled_from(["gold", "银\x1f卡", ""])
)
NUMBERS = st.none() | st.floats(0, 1e6)
TOPICS = st.lists(st.sampled_from(["queue", "price", "品质"]), unique=True)


def enriched(plain: Delivery, **found: Any) -> Delivery:
    payload = plain.payload
    assert isinstance(payload, Enrichment)
    changed = payload.model_copy(update=found)
    return delivery(FEEDBACK_ENRICHED, changed, changed.id, "crm", at(0))


@st.composite
def said(draw: st.DrawFn, number: int) -> Delivery:
    plain = feedback(
        number,
        *draw(PEOPLE),
        hours=draw(st.integers(0, 30)),
        topics=draw(TOPICS),
        channel=draw(st.sampled_from([Channel.CALL, Channel.EMPLOYEE])),
        touchpoint=draw(NAMES),
        department=draw(NAMES),
        attributes=draw(VALUES),
        score=draw(
            st.none()
            | st.integers(-1, 11).map(
                lambda n: Score(kind=ScoreKind.NPS, value=n, minimum=0, maximum=10)
            )
        ),
    )
    valence = draw(st.none() | st.floats(-1, 1))
    return enriched(
        plain,
        sentiment=None
        if valence is None
        else Sentiment(polarity=Polarity.MIXED, score=valence, confidence=0.5),
        perceptions=tuple(
            Perception(label=label, intensity=1, confidence=0.5, evidence=(SPAN,))
            for label in draw(st.lists(st.sampled_from(PerceptionLabel), max_size=3))
        ),
        churn=draw(st.none() | st.just(FOUND)),
        solicited=draw(st.none() | st.just(FOUND)),
    )


@st.composite
def happened(draw: st.DrawFn, number: int) -> Delivery:
    return interaction(
        number,
        *draw(PEOPLE),
        hours=draw(st.integers(0, 30)),
        kind=draw(st.sampled_from(InteractionKind)),
        direction=draw(st.sampled_from(Direction)),
        touchpoint=draw(NAMES),
        attributes=draw(VALUES),
        amount=draw(NUMBERS),
        duration_s=draw(NUMBERS),
    )


@st.composite
def histories(draw: st.DrawFn) -> list[Delivery]:
    return [
        draw(said(number) if draw(st.booleans()) else happened(number))
        for number in range(draw(st.integers(0, 12)))
    ]


async def read(engine: AsyncEngine, period: Period = WHOLE, **told: Any) -> Facts:
    return await reading.read(engine, TENANT, period, ATTRIBUTES, 1000, **told)


def names(column: Coded) -> list[str | None]:
    return [None if code == NONE else column.names[code] for code in column.codes]


def several(column: Many) -> list[list[str]]:
    ends = zip(column.starts, column.starts[1:], strict=False)
    return [[column.names[code] for code in column.codes[a:b]] for a, b in ends]


def rows(facts: Facts) -> list[tuple[Any, ...]]:
    """Event by event. A NaN equals itself here."""
    return list(
        zip(
            [None if c == NONE else facts.customers[c] for c in facts.customer],
            facts.at.tolist(),
            facts.feedback.tolist(),
            names(facts.interaction),
            facts.outbound.tolist(),
            names(facts.channel),
            names(facts.touchpoint),
            names(facts.department),
            several(facts.topics),
            names(facts.colour),
            _none(facts.valence),
            _none(facts.score),
            names(facts.score_kind),
            several(facts.perceptions),
            facts.leaving.tolist(),
            facts.solicited.tolist(),
            _none(facts.amount),
            _none(facts.duration_s),
            *(names(facts.attributes[key]) for key in ATTRIBUTES),
            facts.sources.tolist(),
            facts.ids.tolist(),
            strict=True,
        )
    )


def _none(column: Any) -> list[float | None]:
    return [None if math.isnan(value) else value for value in column.tolist()]


def expected(delivered: Delivery, customer: str | None) -> tuple[Any, ...]:
    """The row of an event, from its payload as it was sent."""
    payload: Any = delivered.payload
    spoken = isinstance(payload, Enrichment)
    body: Any = payload.feedback if isinstance(payload, Enrichment) else payload
    score: Any = body.score if spoken else None
    inside = score is not None and score.minimum <= score.value <= score.maximum
    return (
        customer,
        (body.occurred_at - EPOCH) / timedelta(days=1),
        spoken,
        None if spoken else body.kind,
        not spoken and body.direction == "outbound",
        body.channel,
        body.touchpoint,
        body.department,
        [aspect.topic for aspect in payload.aspects] if spoken else [],
        payload.light.colour if spoken else None,
        payload.sentiment.score if spoken and payload.sentiment else None,
        score.value / 10 if inside else None,
        "nps" if inside else None,
        list(dict.fromkeys(one.label for one in payload.perceptions)) if spoken else [],
        spoken and payload.churn is not None,
        spoken and payload.solicited is not None,
        None if spoken else body.amount,
        None if spoken else body.duration_s,
        *(body.attributes.get(key) or None for key in ATTRIBUTES),
        body.source,
        body.id,
    )


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(histories(), st.integers(1, 5))
async def test_what_is_stored_is_read(
    journey: Journey, monkeypatch: pytest.MonkeyPatch, history: list[Delivery], at_once: int
) -> None:
    """Column by column, customer by customer in the order of the timeline, nobody's events last;
    however many are packed at once, and whatever another tenant has."""
    monkeypatch.setattr(reading, "AT_ONCE", at_once)
    await journey.forget()
    await journey.consume(*history, feedback(99, "customer_id:a", tenant=OTHER_TENANT))
    known = {
        (row.kind, row.id): str(row.customer_id) if row.customer_id else None
        for row in await journey.query(
            "SELECT kind, id, customer_id FROM journey.event WHERE tenant = :t", t=TENANT
        )
    }
    found = rows(await read(journey.platform.engine))
    wanted = []
    for one in history:
        body: Any = one.payload.feedback if isinstance(one.payload, Enrichment) else one.payload
        kind = "feedback" if isinstance(one.payload, Enrichment) else "interaction"
        wanted.append(expected(one, known[kind, body.id]))
    assert found == sorted(wanted, key=lambda row: (row[0] is None, row[0] or "", row[1], row[-1]))


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(histories())
async def test_the_columns_follow_from_the_payload(
    journey: Journey, history: list[Delivery]
) -> None:
    """What was remembered before there were columns gets them as what comes now does."""
    await journey.forget()
    await journey.consume(*history)
    stored = (await journey.tables())["event"]
    migration = importlib.import_module("heedful.journey.migrations.versions.0006_measures")
    async with journey.platform.engine.begin() as connection:
        await connection.execute(
            text(
                "UPDATE journey.event SET score = NULL, score_kind = NULL, valence = NULL,"
                " perceptions = '{}', leaving = false, solicited = false, outbound = false,"
                " amount = NULL, duration_s = NULL, attributes = '{}'"
            )
        )
        for statement in migration.FROM_PAYLOADS.split(";\n"):
            await connection.execute(text(statement))
    assert (await journey.tables())["event"] == stored


async def test_a_period_is_half_open(journey: Journey) -> None:
    await journey.consume(*(feedback(n, "customer_id:a") for n in range(6)))
    facts = await read(journey.platform.engine, Period(at(2), at(4)))
    assert facts.ids.tolist() == ["f2", "f3"]
    assert (facts.since, facts.until) == ((at(2) - EPOCH).total_seconds() / 86400, facts.until)
    earlier = await read(journey.platform.engine, Period(at(2), at(4)), lookback=0.5)
    assert earlier.ids.tolist() == ["f1", "f2", "f3"]
    assert earlier.since == facts.since


async def test_nothing_is_read_of_too_much(journey: Journey) -> None:
    await journey.consume(*(feedback(n, "customer_id:a") for n in range(6)))
    with pytest.raises(TooMany) as refused:
        await reading.read(journey.platform.engine, TENANT, WHOLE, (), 4)
    assert (refused.value.events, refused.value.since) == (6, at(2))


async def test_of_nothing_there_is_nothing(journey: Journey) -> None:
    facts = await read(journey.platform.engine)
    assert len(facts) == 0
    assert len(facts.customers) == 0
    assert np.array_equal(facts.topics.starts, [0])

"""Signals: once per matter, of what is live, to the topic, and forgotten with their customer."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from heedful.common.contracts import Colour, InteractionKind, JourneySignal
from heedful.common.events import Delivery
from heedful.common.service import Platform
from heedful.common.topics import JOURNEY_SIGNAL
from tests.integration.journey.erasing import erase, published
from tests.integration.journey.test_journeys import fold
from tests.integration.journey.world import Journey, running
from tests.unit.journey.material import at, feedback, interaction

ANN, PHONE = "customer_id:ann", "phone:13900001234"
DAY = 24


class Clock:
    def __init__(self) -> None:
        self.now: datetime = at(4 * DAY)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def journey(platform: Platform, clock: Clock) -> AsyncIterator[Journey]:
    async with running(platform, clock) as started:
        yield started


async def given(journey: Journey) -> list[JourneySignal]:
    """The signals in the log."""
    await fold(journey)
    found = [one.payload for one in await published(journey, JOURNEY_SIGNAL)]
    return [one for one in found if isinstance(one, JourneySignal)]


def trouble(number: int, *names: str, **fields: Any) -> Delivery:
    return feedback(number, *names, colour=Colour.RED, topics=["delivery"], **fields)


async def test_a_third_contact_is_told_once(journey: Journey) -> None:
    for number in (1, 2):
        await journey.consume(trouble(number * DAY, ANN))
        assert await given(journey) == []
    await journey.consume(trouble(3 * DAY, ANN, PHONE))
    (signal,) = await given(journey)
    assert (signal.kind, signal.tenant) == ("repeated_contact", "acme")
    assert signal.customer_id == await journey.customer_of(ANN)
    assert signal.feedback_ids == ("f24", "f48", "f72")
    assert {one.type.value for one in signal.identifiers} == {"customer_id", "phone"}
    assert signal.detected_at == at(3 * DAY)
    await journey.consume(trouble(3 * DAY + 5, ANN), trouble(2, ANN))
    assert await given(journey) == [signal]


async def test_a_merge_does_not_tell_again(journey: Journey) -> None:
    await journey.consume(*(trouble(n * DAY, PHONE) for n in (1, 2, 3)))
    assert len(await given(journey)) == 1
    await journey.consume(feedback(80, ANN, PHONE))
    assert len(await given(journey)) == 1


async def test_a_stuck_journey_is_told_when_its_time_has_come(
    journey: Journey, clock: Clock
) -> None:
    await journey.consume(interaction(1, ANN), trouble(30, ANN))
    assert await given(journey) == []
    clock.now = at(30 + 7 * DAY) - timedelta(seconds=1)
    assert await given(journey) == []
    clock.now = at(30 + 7 * DAY)
    (signal,) = await given(journey)
    assert (signal.kind, signal.feedback_ids) == ("journey_stuck", ("f30",))
    clock.now = at(31 + 7 * DAY)
    assert len(await given(journey)) == 1


async def test_what_happens_in_time_is_not_told(journey: Journey, clock: Clock) -> None:
    await journey.consume(interaction(1, ANN), trouble(30, ANN))
    await fold(journey)
    await journey.consume(interaction(40, ANN, kind=InteractionKind.REFUND))
    clock.now = at(30 + 7 * DAY)
    assert await given(journey) == []


async def test_backfill_and_what_was_judged_again_tell_nothing(
    journey: Journey, clock: Clock
) -> None:
    await journey.consume(
        *(trouble(n * DAY, ANN, backfill=True) for n in (1, 2, 3)),
        interaction(1, PHONE),
        trouble(30, PHONE),
    )
    assert await given(journey) == []
    async with journey.platform.engine.begin() as connection:
        await connection.execute(
            text(
                "UPDATE journey.event SET payload = payload || '{\"reprocessed\": true}'"
                " WHERE id = 'f30'"
            )
        )
    clock.now = at(30 + 7 * DAY)
    assert await given(journey) == []


async def test_who_is_erased_is_not_remembered_as_told(journey: Journey) -> None:
    await journey.consume(
        *(trouble(n * DAY, ANN) for n in (1, 2, 3)),
        *(trouble(n * DAY + 1, PHONE) for n in (1, 2, 3)),
    )
    assert len(await given(journey)) == 2
    await erase(journey, ANN)
    rows = await journey.query("SELECT id FROM journey.told ORDER BY id")
    assert [row.id for row in rows] == ["f25", "f49", "f73"]


PATTERNS = """
version: "7"
tenants: [acme]
stages: [{code: deal, zh: 成交, en: Deal}]
rules: [{stage: deal, when: {interaction: [order]}}]
signals:
  patterns:
    - {first: ad / promotion, then: shop / price, outcome: call / refund, tone: blame,
       lift: {value: 3.2, low: 2.1, high: 4.9}, share: 0.21, customers: 210, measured: 2026-11-01}
"""


@pytest.fixture
async def watched(
    platform: Platform, clock: Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Journey]:
    own = tmp_path / "own.yaml"
    own.write_text(PATTERNS)
    monkeypatch.setenv("HEEDFUL_JOURNEY__LIFECYCLE", str(own))
    async with running(platform, clock) as started:
        yield started


def step(number: int, touchpoint: str, topic: str, *names: str, **fields: Any) -> Delivery:
    where: dict[str, Any] = {"topics": [topic], "touchpoint": touchpoint, **fields}
    return feedback(number, *names, colour=Colour.RED, **where)


async def test_a_pattern_under_way_is_told_before_its_outcome_and_once(watched: Journey) -> None:
    await watched.consume(
        step(DAY, "ad", "promotion", ANN), step(DAY + 1, "ad", "promotion", PHONE)
    )
    assert await given(watched) == []
    await watched.consume(step(2 * DAY, "shop", "price", ANN))
    (signal,) = await given(watched)
    assert (signal.kind, signal.feedback_ids) == ("pattern_under_way", ("f24", "f48"))
    assert signal.pattern is not None
    assert signal.pattern.outcome == "call / refund"
    await watched.consume(step(2 * DAY - 1, "shop", "price", ANN))
    assert await given(watched) == [signal]


async def test_whose_outcome_has_come_is_told_nothing_nor_who_has_no_patterns(
    watched: Journey,
) -> None:
    steps = [step(DAY, "ad", "promotion", ANN), step(2 * DAY, "shop", "price", ANN)]
    await watched.consume(*steps, step(2 * DAY + 1, "call", "refund", ANN))
    assert await given(watched) == []
    other = [
        step(one + DAY, *what, PHONE, tenant="beta")
        for one, *what in ((0, "ad", "promotion"), (DAY, "shop", "price"))
    ]
    await watched.consume(*other)
    assert await given(watched) == []

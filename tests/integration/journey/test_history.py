"""What journey remembers, for tools that look back."""

from datetime import timedelta

import pytest

from heedful.common.errors import ConfigurationError
from heedful.common.service import Platform
from heedful.journey.history import enrichments
from tests.integration.journey.world import Journey
from tests.unit.journey.material import feedback, interaction

PHONE = "phone:13900001234"


async def test_each_feedback_of_the_period_comes_once_in_its_newest_version(
    journey: Journey,
) -> None:
    early, mid, late = feedback(1, PHONE), feedback(2, PHONE), feedback(9, PHONE)
    await journey.consume(early, mid, late, interaction(3, PHONE))
    await journey.consume(mid)
    received = mid.payload.feedback.received_at  # type: ignore[attr-defined]
    engine = journey.platform.engine
    since, until = received, received + timedelta(seconds=1)
    found = [one async for one in enrichments(engine, since, until)]
    assert [one.feedback.id for one in found] == ["f2"]
    assert found[0] == mid.payload
    everything = [one async for one in enrichments(engine, since - timedelta(days=9), until)]
    assert sorted(one.feedback.id for one in everything) == ["f1", "f2"]


async def test_a_database_without_journey_is_named(platform: Platform, journey: Journey) -> None:
    async with platform.engine.begin() as connection:
        await connection.exec_driver_sql("ALTER SCHEMA journey RENAME TO elsewhere")
    early = feedback(1, PHONE).payload.feedback.received_at  # type: ignore[attr-defined]
    with pytest.raises(ConfigurationError, match="HEEDFUL_DATABASE_URL"):
        _ = [one async for one in enrichments(platform.engine, early, early + timedelta(days=1))]

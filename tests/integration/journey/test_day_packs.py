"""With packed days an insight reads what it reads without them, whatever became of their events."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import make_url, text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from heedful.common.events import Delivery
from heedful.journey.insights_reading import day_packing, reading, store_packs
from heedful.journey.insights_reading.day_packing import EVERY_S, DayPacking
from heedful.journey.insights_reading.encoding import FORM
from heedful.journey.insights_reading.period import Period
from heedful.journey.insights_reading.rows import Packed
from tests.integration.conftest import OTHER_TENANT, TENANT
from tests.integration.journey.erasing import erase
from tests.integration.journey.test_concurrency import unfinished
from tests.integration.journey.test_insights_reading import ATTRIBUTES, WHOLE, rows
from tests.integration.journey.world import Journey
from tests.integration.locks import blocked
from tests.unit.journey.material import START, feedback, interaction

LATER = datetime(2100, 1, 1, tzinfo=UTC)
FIRST, SECOND = START.date(), START.date() + timedelta(days=1)
A, B, C = "customer_id:a", "customer_id:b", "phone:13900001234"
Rows = list[tuple[Any, ...]]


@pytest.fixture(autouse=True)
def few_are_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(day_packing, "LEAST", 1)


@pytest.fixture
async def other(database_url: str) -> AsyncIterator[AsyncEngine]:
    """Another process."""
    engine = create_async_engine(make_url(database_url).set(drivername="postgresql+asyncpg"))
    yield engine
    await engine.dispose()


async def pack(engine: AsyncEngine, now: datetime = LATER) -> None:
    """Until nothing is due."""
    packing = DayPacking(engine, lambda: now)
    while await packing.step() != EVERY_S:
        pass


async def read(journey: Journey, period: Period = WHOLE) -> Rows:
    return rows(await reading.read(journey.platform.engine, TENANT, period, ATTRIBUTES, 1000))


async def read_anew(journey: Journey, period: Period = WHOLE) -> Rows:
    """From the events, whatever is packed."""

    async def none(*_: object) -> list[object]:
        return []

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(store_packs, "valid", none)
        return await read(journey, period)


async def read_packed(journey: Journey, period: Period = WHOLE) -> Rows:
    """From packs alone."""

    async def refused(*_: object) -> Packed:
        raise AssertionError("rows were read")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reading, "packed", refused)
        return await read(journey, period)


def held(
    patch: pytest.MonkeyPatch, where: object, name: str
) -> tuple[asyncio.Event, asyncio.Event]:
    """Holds up the first call of a function once it is done; says that it is, and lets it go on."""
    reached, go_on = asyncio.Event(), asyncio.Event()
    plain = getattr(where, name)

    async def slow(*given_: Any) -> Any:
        found = await plain(*given_)
        if not reached.is_set():
            reached.set()
            await go_on.wait()
        return found

    patch.setattr(where, name, slow)
    return reached, go_on


async def days(journey: Journey, table: str = "day_pack") -> list[tuple[str, date]]:
    sql = f"SELECT tenant, day FROM journey.{table} ORDER BY tenant, day"  # noqa: S608  # ours
    found = await journey.query(sql)
    return [(row.tenant, row.day) for row in found]


@st.composite
def deliveries(draw: st.DrawFn) -> list[Delivery]:
    """Some of them known ones that are judged anew, said at another time; some merge customers."""
    found = []
    for number in draw(st.lists(st.integers(0, 7), min_size=1, max_size=5)):
        told: dict[str, Any] = {
            "hours": draw(st.integers(0, 40)),
            "attributes": draw(
                st.dictionaries(
                    st.sampled_from(["segment", "outlet", "plan"]),
                    st.sampled_from(["gold", "银\x1f卡", ""]),
                )
            ),
            "touchpoint": draw(st.none() | st.sampled_from(["app.checkout", "门店\x1f二"])),
        }
        names = draw(st.lists(st.sampled_from([A, B, C]), max_size=2, unique=True))
        if draw(st.booleans()):
            topics = draw(st.lists(st.sampled_from(["queue", "品质"]), unique=True))
            enriched = draw(st.integers(0, 100))
            found.append(feedback(number, *names, topics=topics, enriched=enriched, **told))
        else:
            amount = draw(st.none() | st.floats(0, 9))
            found.append(interaction(number, *names, amount=amount, **told))
    return found


STEPS = st.lists(
    st.tuples(st.just("come"), deliveries())
    | st.tuples(st.just("go"), st.integers(0, 7))
    | st.tuples(st.just("move"), st.sampled_from([A, B]))
    | st.tuples(st.sampled_from(["pack", "read", "take up", "touch all"]), st.none()),
    max_size=10,
)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(STEPS)
async def test_packs_change_nothing(journey: Journey, steps: list[tuple[str, Any]]) -> None:
    await journey.forget()
    for what, given_ in [*steps, ("pack", None), ("read packed", None)]:
        engine = journey.platform.engine
        match what:
            case "come":
                await journey.consume(*given_)
            case "go":
                async with engine.begin() as connection:
                    await connection.execute(
                        text("DELETE FROM journey.event WHERE id IN (:a, :b)"),
                        {"a": f"f{given_}", "b": f"i{given_}"},
                    )
            case "move":
                if await journey.customer_of(given_):
                    await erase(journey, given_)
            case "pack":
                await pack(engine)
            case "take up":
                await DayPacking(engine, lambda: datetime(2000, 1, 1, tzinfo=UTC)).step()
            case "touch all":
                async with engine.begin() as connection:
                    await store_packs.touch_all(connection, TENANT)
            case "read":
                assert await read(journey) == await read_anew(journey)
            case _:
                assert await read_packed(journey) == await read_anew(journey)


async def test_an_event_that_turns_out_to_be_of_another_day(journey: Journey) -> None:
    await journey.consume(feedback(1, A, enriched=1), feedback(2, B), feedback(3, B, hours=24))
    await pack(journey.platform.engine)
    await journey.consume(feedback(1, A, enriched=2, hours=25))
    assert await read(journey) == await read_anew(journey)
    assert len(await read(journey)) == 3
    await pack(journey.platform.engine)
    assert len(await read_packed(journey)) == 3


async def test_what_happens_while_a_day_is_packed_is_not_missed(
    journey: Journey, other: AsyncEngine
) -> None:
    """Another's transaction is open when the day is read, and commits when it is packed."""
    await journey.consume(feedback(1, A), feedback(2, B))
    async with unfinished(other, feedback(3, A)):
        await pack(journey.platform.engine)
        assert await days(journey) == [(TENANT, FIRST)]
        assert len(await read_packed(journey)) == 2
    assert len(await read(journey)) == 3
    await pack(journey.platform.engine)
    assert await read_packed(journey) == await read_anew(journey)
    assert len(await read(journey)) == 3


@pytest.mark.parametrize("place", ["packed", "done"])
async def test_what_is_taken_up_while_a_day_is_packed_is_in_no_pack(
    journey: Journey, other: AsyncEngine, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    """What is committed between the look at a day and the commit of its pack, and taken up by
    another replica before that: once the day was read, or once its pack was written."""
    await journey.consume(feedback(1, A), feedback(2, B))
    reached, go_on = held(monkeypatch, day_packing if place == "packed" else store_packs, place)
    packing = asyncio.create_task(DayPacking(journey.platform.engine, lambda: LATER).step())
    await reached.wait()
    await journey.consume(feedback(3, A))
    beside = asyncio.create_task(DayPacking(other, lambda: START).step())
    await blocked(other, beside)
    go_on.set()
    await packing
    await beside
    assert len(await read(journey)) == 3
    await pack(journey.platform.engine)
    assert len(await read_packed(journey)) == 3


async def test_replicas_pack_different_days(
    journey: Journey, other: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    await journey.consume(feedback(1, A), feedback(2, B, hours=24))
    reached, go_on = held(monkeypatch, day_packing, "packed")
    packing = asyncio.create_task(DayPacking(journey.platform.engine, lambda: LATER).step())
    await reached.wait()
    await DayPacking(other, lambda: LATER).step()
    assert await days(journey) == [(TENANT, FIRST)]
    go_on.set()
    await packing
    assert await days(journey) == [(TENANT, FIRST), (TENANT, SECOND)]


async def test_what_is_deleted_stays_in_no_pack(journey: Journey) -> None:
    """Neither until somebody takes up what happened, nor beside those of other days."""
    await journey.consume(
        feedback(1, A), feedback(2, B), feedback(3, B, hours=24), feedback(4, A, hours=48)
    )
    await pack(journey.platform.engine)
    assert len(await days(journey)) == 3
    await erase(journey, A)
    assert await days(journey) == [(TENANT, SECOND)]
    left = await journey.query("SELECT DISTINCT day FROM journey.day_column")
    assert [row.day for row in left] == [SECOND]
    assert [row[-1] for row in await read(journey)] == ["f2", "f3"]


async def test_a_pack_that_is_written_behind_an_erasure_goes(
    journey: Journey, monkeypatch: pytest.MonkeyPatch
) -> None:
    await journey.consume(feedback(1, A), feedback(2, B))
    plain = reading.packed

    async def overtaken(*given_: Any) -> Mapping[str, bytes]:
        found = await plain(*given_)
        monkeypatch.setattr(day_packing, "packed", plain)
        await erase(journey, A)
        return found

    monkeypatch.setattr(day_packing, "packed", overtaken)
    await DayPacking(journey.platform.engine, lambda: LATER).step()
    assert await days(journey) == [(TENANT, FIRST)]
    assert [row[-1] for row in await read(journey)] == ["f2"]
    await DayPacking(journey.platform.engine, lambda: START).step()
    assert await days(journey) == []


async def test_which_days_are_packed(journey: Journey, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those that are over, rest, and hold enough; of every tenant."""
    await journey.consume(
        *(feedback(n, A) for n in range(3)),
        feedback(1, A, tenant=OTHER_TENANT),
        feedback(10, A, hours=24),
    )
    monkeypatch.setattr(day_packing, "LEAST", 2)
    now = (await journey.query("SELECT now() AS now"))[0].now
    await pack(journey.platform.engine, now)
    assert await days(journey, "day_due") == [
        (TENANT, FIRST), (TENANT, SECOND), (OTHER_TENANT, FIRST),
    ]  # fmt: skip
    await pack(journey.platform.engine, START + timedelta(days=1))
    assert len(await days(journey, "day_due")) == 3
    await pack(journey.platform.engine)
    assert await days(journey) == [(TENANT, FIRST)]
    assert await days(journey, "day_due") == []
    assert len(await read(journey)) == 4


async def test_a_pack_of_another_form_is_not_read(journey: Journey) -> None:
    await journey.consume(feedback(1, A))
    await pack(journey.platform.engine)
    assert len(await read_packed(journey)) == 1
    async with journey.platform.engine.begin() as connection:
        await connection.execute(text("UPDATE journey.day_pack SET form = :f"), {"f": FORM + 1})
        await connection.execute(text("UPDATE journey.day_column SET packed = 'x'"))
    assert len(await read(journey)) == 1


async def test_of_a_day_that_begins_before_the_period_no_pack_is_read(journey: Journey) -> None:
    await journey.consume(*(feedback(n, A, hours=6 * n) for n in range(12)))
    await pack(journey.platform.engine)
    period = Period(START + timedelta(hours=7), START + timedelta(hours=50))
    found = await read(journey, period)
    assert [row[-1] for row in found] == [f"f{n}" for n in range(2, 9)]

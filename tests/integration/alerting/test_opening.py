"""A case for every red item, exactly one, in any order and however often events come."""

import cProfile
import random
from collections import Counter
from datetime import timedelta
from types import CodeType

import pytest
from sqlalchemy import event

from heedful.alerting.states import State
from heedful.common.contracts import Colour
from tests.integration.alerting.world import (
    HOUR,
    T0,
    World,
    case_id,
    contact,
    enriched,
    feedback,
)
from tests.integration.conftest import OTHER_TENANT, TENANT


async def test_red_opens_a_case_with_clocks_and_timers(world: World) -> None:
    red = feedback()
    await world.consume(red, enriched(red))
    (case,) = await world.query("SELECT * FROM alerting.cases")
    assert (case.id, case.state, case.colour) == (case_id(red), "new", "red")
    assert case.reasons == [{"code": "fire", "label_zh": "起火", "label_en": "Fire"}]
    clocks = await world.query("SELECT metric, due_at FROM alerting.clock")
    assert {clock.metric: clock.due_at - T0 for clock in clocks} == {
        "respond": 24 * HOUR,
        "plan": 48 * HOUR,
        "land": 72 * HOUR,
    }
    assert len(await world.query("SELECT 1 FROM alerting.timer")) == 3
    assert await world.kinds(case.id) == [("opened", None)]
    assert await world.query("SELECT 1 FROM alerting.watch") == []
    assert world.woken


@pytest.mark.parametrize("colour", [Colour.AMBER, Colour.GREEN, Colour.GREY])
async def test_other_lights_open_nothing(world: World, colour: Colour) -> None:
    await world.consume(enriched(feedback(), colour))
    assert await world.query("SELECT 1 FROM alerting.cases") == []


async def test_backfill_opens_nothing(world: World) -> None:
    old = feedback(backfill=True)
    await world.consume(old, enriched(old))
    for table in ("cases", "watch", "enriched"):
        assert await world.query(f"SELECT 1 FROM alerting.{table}") == []  # noqa: S608


async def test_a_new_version_opens_nothing_and_changes_nothing(world: World) -> None:
    known, unknown = feedback(1), feedback(2)
    await world.consume(known, enriched(known))
    tables = ("cases", "case_feedback", "watch", "enriched", "clock", "timer", "case_event")
    before = [await world.query(f"SELECT * FROM alerting.{name}") for name in tables]  # noqa: S608
    for colour in Colour:
        again = [
            enriched(one, colour).model_copy(update={"id": f"new-{one.id}", "reprocessed": True})
            for one in (known, unknown)
        ]
        await world.consume(*again)
    after = [await world.query(f"SELECT * FROM alerting.{name}") for name in tables]  # noqa: S608
    assert after == before
    # The first version, if it comes late, does what it would have done.
    await world.consume(unknown, enriched(unknown))
    assert len(await world.query("SELECT 1 FROM alerting.cases")) == 2


async def test_replays_and_orders_change_nothing(world: World) -> None:
    reds = [feedback(number) for number in range(30)]
    events = [*reds, *map(enriched, reds), *map(contact, range(5))]
    order = random.Random(7)  # noqa: S311
    for _ in range(4):
        order.shuffle(events)
        for start in range(0, len(events), 11):
            await world.consume(*events[start : start + 11])
    links = await world.query("SELECT source, feedback_id, case_id FROM alerting.case_feedback")
    assert Counter(link.feedback_id for link in links) == Counter({red.id: 1 for red in reds})
    cases = await world.query("SELECT id FROM alerting.cases")
    assert {case.id for case in cases} == {case_id(red) for red in reds}
    for red in reds:
        assert await world.kinds(case_id(red)) == [("opened", None), ("responded", "respond")]
    assert await world.query("SELECT 1 FROM alerting.watch") == []


async def test_one_id_in_two_tenants_is_two_cases(world: World) -> None:
    mine, theirs = feedback(), feedback(tenant=OTHER_TENANT)
    await world.consume(enriched(mine), enriched(theirs))
    assert len(await world.query("SELECT 1 FROM alerting.cases")) == 2


async def test_a_batch_takes_a_handful_of_statements(world: World) -> None:
    await world.add_endpoint("https://example.com/")
    counted: list[str] = []
    engine = world.platform.engine.sync_engine

    def count(*arguments: object) -> None:
        counted.append(str(arguments[2]))

    event.listen(engine, "before_cursor_execute", count)
    try:
        await world.consume(*(enriched(feedback(number)) for number in range(256)))
        reds = len(counted)
        greens = [enriched(feedback(number), Colour.GREEN) for number in range(300, 556)]
        await world.consume(*greens)
    finally:
        event.remove(engine, "before_cursor_execute", count)
    assert reds <= 23, counted
    assert len(counted) - reds <= 8, counted[reds:]
    assert len(await world.query("SELECT 1 FROM alerting.delivery")) == 256


def parsed(profile: cProfile.Profile) -> int:
    """How many telephone numbers were read: the dearest part of a match key."""
    called = ((one.code, one.callcount) for one in profile.getstats())
    return sum(
        count
        for code, count in called
        if isinstance(code, CodeType)
        and code.co_name == "parse"
        and "phonenumbers" in code.co_filename
    )


@pytest.mark.parametrize(
    ("colour", "since_erased", "wanted"),
    [
        (Colour.GREEN, HOUR, 0),
        (Colour.GREEN, -HOUR, 20),
        (Colour.RED, HOUR, 20),
    ],
)
async def test_match_keys_are_made_for_what_opens_or_may_be_of_somebody_erased(
    world: World, colour: Colour, since_erased: timedelta, wanted: int
) -> None:
    async with world.database.begin() as (connection, now):
        stone = world.tombstones.identifier(TENANT, "somebody")
        await world.tombstones.put(connection, "e1", [stone], T0 - since_erased, now)
    batch = [enriched(feedback(number), colour) for number in range(20)]
    with cProfile.Profile() as profile:
        await world.consume(*batch)
    assert parsed(profile) == wanted


async def test_the_watch_opens_an_unclassified_case(world: World) -> None:
    stuck, fine = feedback(1), feedback(2)
    await world.consume(stuck, fine, enriched(fine, Colour.GREEN))
    assert await world.watch.step() == 1.0
    world.now = T0 + timedelta(minutes=15)
    await world.watch.step()
    await world.watch.step()
    (case,) = await world.query("SELECT * FROM alerting.cases")
    assert (case.id, case.colour) == (case_id(stuck), "grey")
    assert [reason["code"] for reason in case.reasons] == ["unclassified"]
    assert (await world.case(case.id)).deadlines.respond == T0 + 24 * HOUR


@pytest.mark.parametrize(
    ("colour", "state", "steps"),
    [
        (Colour.RED, State.NEW, []),
        (Colour.GREEN, State.DISMISSED, [("dismissed", None)]),
    ],
)
async def test_late_labels_join_the_unclassified_case(
    world: World, colour: Colour, state: State, steps: list[tuple[str, None]]
) -> None:
    late = feedback()
    await world.consume(late)
    world.now = T0 + HOUR
    await world.watch.step()
    await world.consume(enriched(late, colour))
    await world.consume(late, enriched(late, colour))
    (case,) = await world.query("SELECT * FROM alerting.cases")
    assert (case.colour, case.reasons[0]["code"]) == (colour.value, "fire")
    assert case.state == state
    assert await world.kinds(case.id) == [("opened", None), ("severity_changed", None), *steps]
    (link,) = await world.query("SELECT * FROM alerting.case_feedback")
    assert (link.case_id, link.colour, link.classified) == (case.id, colour.value, True)


async def test_labels_before_the_feedback_are_not_watched_for(world: World) -> None:
    early = feedback()
    await world.consume(enriched(early, Colour.GREEN))
    await world.consume(early)
    world.now = T0 + HOUR
    await world.watch.step()
    assert await world.query("SELECT 1 FROM alerting.cases") == []


async def test_a_replay_of_old_feedback_opens_nothing(world: World) -> None:
    """The watch's row is gone when the labels came; a replay must not put it back."""
    item = feedback()
    await world.consume(item, enriched(item, Colour.GREEN))
    await world.consume(item)
    assert await world.query("SELECT 1 FROM alerting.watch") == []


async def test_a_row_left_by_a_race_is_dropped(world: World) -> None:
    """Feedback and labels committed at one time, neither seeing the other."""
    item = feedback()
    await world.consume(item)
    async with world.database.begin() as (connection, _):
        await connection.exec_driver_sql(
            "INSERT INTO alerting.enriched VALUES ('acme', 'calls', 'f1', now())"
        )
    world.now = T0 + HOUR
    await world.watch.step()
    assert await world.query("SELECT 1 FROM alerting.cases") == []
    assert await world.query("SELECT 1 FROM alerting.watch") == []

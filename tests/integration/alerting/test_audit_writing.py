"""The audit is written by many at once, late, and by whoever does not know of it."""

import asyncio
import logging
from dataclasses import replace
from datetime import timedelta

import pytest

from heedful.alerting.audit import record
from heedful.alerting.audit.adopting import Adopting
from heedful.alerting.audit.anchoring import LOGGED, Anchoring
from heedful.alerting.audit.checking import How
from heedful.alerting.audit.recording import EVERY_S, Recording
from heedful.common.administration import note
from heedful.common.errors import Retryable
from tests.integration.alerting.auditing import EVERY, STAFF, Audit, change
from tests.integration.alerting.test_erasure import worked
from tests.integration.alerting.world import HOUR, World, case_id, contact, enriched, feedback
from tests.integration.conftest import OTHER_TENANT, TENANT
from tests.keys import make_key

RED = feedback(1)
CASE = case_id(RED)
FORGET = """
    UPDATE alerting.case_event SET kept = NULL, salt = NULL, words = NULL, hash = NULL
    WHERE case_id = :id AND sequence > :after
"""


@pytest.fixture
def audit(world: World) -> Audit:
    return Audit(world)


async def test_two_replicas_append_to_one_case(world: World, audit: Audit) -> None:
    await world.consume(enriched(RED))
    replicas = [World(world.platform), World(world.platform)]
    await asyncio.gather(
        world.consume(contact()),
        *(one.fire_until(world.now + 80 * HOUR) for one in replicas),
        *(worked(one, CASE) for one in replicas[:1]),
    )
    await world.kinds(CASE)
    assert await audit.faults() == []


async def test_administrators_of_one_tenant_do_not_stand_in_each_others_way(
    world: World, audit: Audit
) -> None:
    """Some change things of two tenants, in either order."""

    async def act(number: int) -> None:
        entries = [change(number), change(number, OTHER_TENANT)]
        async with world.database.begin() as (connection, now):
            await record(connection, now, *(entries if number % 2 else reversed(entries)))

    await asyncio.gather(*map(act, range(30)))
    rows = await world.query(
        "SELECT tenant, count(*) AS n, max(position) AS last FROM alerting.audit_entry"
        " GROUP BY tenant ORDER BY tenant"
    )
    assert [tuple(row) for row in rows] == [(TENANT, 30, 30), (OTHER_TENANT, 30, 30)]
    assert await audit.faults() == []


async def test_what_is_rolled_back_leaves_no_gap(world: World, audit: Audit) -> None:
    async with world.platform.engine.connect() as lost:
        await record(lost, world.now, change(1))
        await lost.rollback()
    async with world.database.begin() as (connection, now):
        await record(connection, now, change(2))
    rows = await world.query("SELECT position, subject_id FROM alerting.audit_entry")
    assert [tuple(row) for row in rows] == [(1, "ep-2")]
    assert await audit.faults() == []


async def test_replicas_make_each_anchor_once_and_log_it(
    world: World, audit: Audit, caplog: pytest.LogCaptureFixture
) -> None:
    await world.consume(*(enriched(feedback(number)) for number in range(20)))
    world.now += EVERY
    with caplog.at_level(logging.INFO):
        await asyncio.gather(*(audit.anchoring().step() for _ in range(4)))
        await audit.anchoring().step()
    (anchor,) = await world.query("SELECT * FROM alerting.audit_anchor")
    assert len(await world.query("SELECT 1 FROM alerting.audit_leaf")) == 20
    (line,) = [one for one in caplog.records if one.message == LOGGED]
    assert (line.__dict__["tenant"], line.__dict__["anchor"]) == (TENANT, anchor.position)
    assert await audit.faults() == []


async def test_anchors_are_made_while_cases_move(world: World, audit: Audit) -> None:
    """Nobody waits in a circle, and nothing is left out."""
    reds = [feedback(number) for number in range(10)]
    await world.consume(*map(enriched, reds))
    world.now += EVERY

    async def act() -> None:
        for red in reds:
            await world.acknowledge(case_id(red), STAFF)

    await asyncio.gather(act(), *(audit.anchor() for _ in range(5)))
    await audit.anchor()
    await audit.anchor()
    assert await world.query("SELECT 1 FROM alerting.audit_pending") == []
    assert await audit.faults() == []


async def test_the_loop_shows_that_it_lives_however_rare_anchors_are(world: World) -> None:
    anchoring = Anchoring(world.database, timedelta(days=1))
    assert 0 < await anchoring.step() <= 60


async def test_a_large_anchor_is_several(
    world: World, audit: Audit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("heedful.alerting.audit.anchoring.LEAVES", 4)
    await world.consume(*(enriched(feedback(number)) for number in range(10)))
    await audit.anchor()
    rows = await world.query(
        "SELECT count(*) AS n FROM alerting.audit_leaf GROUP BY anchor ORDER BY anchor"
    )
    assert [row.n for row in rows] == [4, 4, 2]
    assert await audit.faults() == []


async def test_events_from_before_are_linked_as_they_are(world: World, audit: Audit) -> None:
    await world.consume(enriched(RED))
    await worked(world, CASE)
    await audit.tamper(FORGET, id=CASE, after=0)
    await audit.tamper("UPDATE alerting.cases SET head = NULL, head_sequence = NULL")
    await audit.tamper("DELETE FROM alerting.audit_pending")
    assert await audit.faults() == [(f"case {CASE}", 1, How.UNLINKED)]
    await world.note(CASE, STAFF, "done")
    await Adopting(world.database).step()
    assert await audit.faults() == []
    (entry,) = await world.query("SELECT action, after FROM alerting.audit_entry")
    assert entry == ("events.linked", {"cases": 1, "events": 5})
    await audit.anchor()
    assert await audit.faults() == []
    await audit.tamper("UPDATE alerting.case_event SET actor_id = 'me' WHERE sequence = 2")
    assert await audit.faults() == [(f"case {CASE}", 2, How.CHANGED)]


async def test_what_an_older_replica_appends_is_linked_later(world: World, audit: Audit) -> None:
    """It moves the sequence, and neither the head nor the hash."""
    await world.consume(enriched(RED))
    await worked(world, CASE)
    await audit.tamper(FORGET, id=CASE, after=2)
    await audit.tamper(
        "UPDATE alerting.cases c SET head_sequence = 2, head = e.hash"
        " FROM alerting.case_event e WHERE e.case_id = c.id AND e.sequence = 2"
    )
    await audit.tamper("DELETE FROM alerting.audit_pending")
    await world.note(CASE, STAFF, "done")
    await Adopting(world.database).step()
    await world.fire_until(world.now + 30 * HOUR)
    assert await audit.faults() == []


async def test_hashes_that_were_taken_out_are_not_made_anew(world: World, audit: Audit) -> None:
    await world.consume(enriched(RED))
    await worked(world, CASE)
    await audit.tamper(
        "UPDATE alerting.case_event SET hash = NULL, actor_id = 'me' WHERE sequence = 2"
    )
    adopting = Adopting(world.database)
    assert await adopting.step() == await adopting.step() > 0
    assert await audit.faults() == [(f"case {CASE}", 2, How.UNLINKED)]


async def test_what_was_linked_anew_is_not_what_was_anchored(world: World, audit: Audit) -> None:
    await world.consume(enriched(RED))
    await worked(world, CASE)
    await audit.anchor()
    await audit.tamper("UPDATE alerting.case_event SET actor_id = 'me' WHERE sequence = 3")
    await audit.tamper(FORGET, id=CASE, after=2)
    await Adopting(world.database).step()
    assert await audit.faults() == [(f"case {CASE}", 4, How.REWRITTEN)]


async def test_changes_of_other_services_are_linked_once_in_their_order(
    world: World, audit: Audit
) -> None:
    """They keep the time at which they were made, and the request."""
    made_at = world.now - 3 * HOUR
    for number in range(12):
        tenant = OTHER_TENANT if number % 3 == 0 else TENANT
        entry = replace(change(number, tenant), request_id=f"trace-{number}")
        async with world.platform.engine.begin() as connection:
            await note(connection, made_at, entry)
    steps = [Recording(world.database), Recording(world.database)]
    assert await asyncio.gather(*(one.step() for one in steps)) == [EVERY_S, EVERY_S]
    rows = await world.query(
        "SELECT tenant, position, subject_id, at, request_id FROM alerting.audit_entry"
        " WHERE tenant = 'acme' ORDER BY position"
    )
    numbers = [1, 2, 4, 5, 7, 8, 10, 11]
    assert [tuple(row) for row in rows] == [
        (TENANT, position, f"ep-{number}", made_at, f"trace-{number}")
        for position, number in enumerate(numbers, 1)
    ]
    assert await world.query("SELECT id FROM common.administrative_change") == []
    assert await audit.faults() == []
    changed = "UPDATE alerting.audit_entry SET at = at + interval '1 s' WHERE position = 3"
    assert ("administration", 3, How.CHANGED) in await audit.faults_after(changed)


async def test_what_could_not_be_linked_goes_on_waiting(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await make_key(world.platform.engine, TENANT, {"*"}, world.now)

    async def fails(*_: object) -> None:
        raise OSError("the database is away")

    with monkeypatch.context() as patch:
        patch.setattr("heedful.alerting.audit.recording.record", fails)
        with pytest.raises(Retryable):
            await Recording(world.database).step()
    await Recording(world.database).step()
    (row,) = await world.query("SELECT action, position FROM alerting.audit_entry")
    assert tuple(row) == ("key.created", 1)

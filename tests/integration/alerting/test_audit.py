"""The audit on a real database: it holds through a case's life and through erasures, and whatever
somebody who owns the database does to it is found."""

from datetime import timedelta

import pytest
from sqlalchemy.exc import DBAPIError

from heedful.alerting.audit import record
from heedful.alerting.audit.checking import How
from heedful.alerting.erasing import strip_closed
from heedful.common.retention import Rule
from tests.integration.alerting.auditing import Audit, change
from tests.integration.alerting.test_erasure import NAMES, STAFF, erase, worked
from tests.integration.alerting.world import HOUR, T0, World, case_id, contact, enriched, feedback
from tests.integration.erasures import feedback_key, interaction_key

RED, OTHER = feedback(1), feedback(2)
CASE = case_id(RED)


@pytest.fixture
async def audit(world: World) -> Audit:
    """Two cases, one of them answered and landed, and three administrative changes; anchored."""
    made = Audit(world)
    await world.consume(enriched(RED), enriched(OTHER))
    world.now += HOUR
    await world.consume(contact())
    await worked(world, CASE)
    async with world.database.begin() as (connection, now):
        await record(connection, now, change(1), change(2), change(3))
    await made.anchor()
    return made


async def test_what_nobody_touched_holds(world: World, audit: Audit) -> None:
    assert await audit.faults() == []
    assert (audit.tally.cases, audit.tally.entries, audit.tally.anchors) == (2, 3, 1)
    await world.fire_until(T0 + 100 * HOUR)
    assert await audit.faults() == []
    await audit.anchor()
    assert await audit.faults() == []
    assert audit.tally.anchors == 2
    assert await audit.broken(since=world.now - HOUR) == []
    assert (audit.tally.cases, audit.tally.anchors) == (0, 1)


async def test_what_was_not_anchored_yet_waits_and_holds(world: World, audit: Audit) -> None:
    await world.note(CASE, change(1).actor, "done")
    async with world.database.begin() as (connection, now):
        await record(connection, now, change(4))
    assert await audit.faults() == []


async def test_an_erasure_leaves_it_whole(world: World, audit: Audit) -> None:
    await erase(world, feedback_key("calls", "f1"), interaction_key("crm", "i1"), names=NAMES)
    assert await audit.faults() == []
    salts = await world.query(
        "SELECT 1 FROM alerting.case_event WHERE case_id = :id AND salt IS NOT NULL"
        " AND kind <> 'erased'",
        id=CASE,
    )
    assert salts == []
    await audit.anchor()
    assert await audit.faults() == []


async def test_a_contact_that_is_erased_leaves_the_cases_of_others_whole(
    world: World, audit: Audit
) -> None:
    await erase(world, interaction_key("crm", "i1"))
    assert await audit.faults() == []
    told = await world.query(
        "SELECT subject_id FROM alerting.audit_entry WHERE action = 'words.erased'"
    )
    assert {entry.subject_id for entry in told} == {CASE, case_id(OTHER)}


async def test_age_leaves_it_whole(world: World, audit: Audit) -> None:
    await world.respond(CASE, STAFF, "王小明满意")
    await world.close(CASE, STAFF, "王小明满意")
    async with world.database.begin() as (connection, now):
        assert await strip_closed(connection, now, Rule(now + timedelta(days=1)), 10) == 1
    assert await audit.faults() == []
    await world.kinds(CASE)


CUT = "DELETE FROM alerting.case_event WHERE case_id = :id AND sequence = 5"
BACK = (
    "UPDATE alerting.cases c SET sequence = 4, head_sequence = 4, head = e.hash"
    " FROM alerting.case_event e WHERE c.id = :id AND e.case_id = c.id AND e.sequence = 4"
)
TAMPERED = [
    ("UPDATE alerting.case_event SET actor_id = 'me' WHERE case_id = :id AND sequence = 2",
     2, How.CHANGED),
    ("UPDATE alerting.case_event SET at = at - interval '1 day'"
     " WHERE case_id = :id AND sequence = 1", 1, How.CHANGED),
    ("UPDATE alerting.case_event SET note = 'nothing' WHERE case_id = :id AND note IS NOT NULL",
     3, How.CHANGED),
    ("UPDATE alerting.case_event SET detail = detail || jsonb_build_object('owner', 'me')"
     " WHERE case_id = :id AND kind = 'planned'", 4, How.CHANGED),
    ("UPDATE alerting.case_event SET salt = NULL, note = NULL WHERE case_id = :id AND sequence = 3",
     3, How.ERASED),
    ("UPDATE alerting.case_event SET salt = NULL WHERE case_id = :id AND sequence = 3",
     3, How.CHANGED),
    ("DELETE FROM alerting.case_event WHERE case_id = :id AND sequence = 2", 2, How.MISSING),
    (CUT, 5, How.TRUNCATED),
    (f"{BACK};{CUT}", 5, How.TRUNCATED),
    ("UPDATE alerting.case_event SET hash = NULL WHERE case_id = :id AND sequence = 5",
     5, How.UNLINKED),
    ("UPDATE alerting.case_event SET sequence = 9 WHERE case_id = :id AND sequence = 3;"
     "UPDATE alerting.case_event SET sequence = 3 WHERE case_id = :id AND sequence = 4;"
     "UPDATE alerting.case_event SET sequence = 4 WHERE case_id = :id AND sequence = 9",
     3, How.REORDERED),
    ("DELETE FROM alerting.case_event WHERE case_id = :id AND sequence = 3;"
     "UPDATE alerting.case_event SET sequence = 3 WHERE case_id = :id AND sequence = 4;"
     "UPDATE alerting.case_event SET sequence = 4 WHERE case_id = :id AND sequence = 5",
     3, How.MISSING),
]  # fmt: skip


@pytest.mark.parametrize(("statements", "position", "how"), TAMPERED)
async def test_what_is_done_to_a_case_is_found(
    audit: Audit, statements: str, position: int, how: How
) -> None:
    await audit.tamper(*statements.split(";"), id=CASE)
    assert await audit.faults() == [(f"case {CASE}", position, how)]


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("UPDATE alerting.audit_entry SET actor_id = 'me' WHERE position = 2", (2, How.CHANGED)),
        ("UPDATE alerting.audit_entry SET after = '{}' WHERE position = 3", (3, How.CHANGED)),
        ("DELETE FROM alerting.audit_entry WHERE position = 1", (1, How.MISSING)),
        ("DELETE FROM alerting.audit_entry WHERE position = 3", (3, How.TRUNCATED)),
        ("DELETE FROM alerting.audit_entry", (1, How.TRUNCATED)),
    ],
)
async def test_what_is_done_to_the_administration_is_found(
    audit: Audit, statement: str, expected: tuple[int, How]
) -> None:
    await audit.tamper(statement)
    assert await audit.faults() == [("administration", *expected)]


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("UPDATE alerting.audit_anchor SET body = replace(body, 'acme', 'nobody')"
         " WHERE position = 1", (1, How.CHANGED)),
        ("UPDATE alerting.audit_anchor SET signature = hash WHERE position = 1", (1, How.CHANGED)),
        ("DELETE FROM alerting.audit_leaf WHERE anchor = 1 AND chain = 'administration'",
         (1, How.CHANGED)),
        ("DELETE FROM alerting.audit_anchor WHERE position = 1", (1, How.MISSING)),
        ("DELETE FROM alerting.audit_anchor WHERE position = 2", (2, How.TRUNCATED)),
    ],
)  # fmt: skip
async def test_what_is_done_to_anchors_is_found(
    world: World, audit: Audit, statement: str, expected: tuple[int, How]
) -> None:
    await world.note(CASE, change(1).actor, "done")
    await audit.anchor()
    await audit.tamper(statement)
    assert ("anchors", *expected) in await audit.faults()


async def test_a_case_that_is_gone_is_missed(audit: Audit) -> None:
    tables = ("case_event", "clock", "case_feedback")
    await audit.tamper(
        *(f"DELETE FROM alerting.{table} WHERE case_id = :id" for table in tables),  # noqa: S608
        "DELETE FROM alerting.cases WHERE id = :id",
        id=CASE,
    )
    assert await audit.faults() == [(f"case {CASE}", 1, How.MISSING)]


async def test_a_case_that_shall_not_be_anchored_is_noticed(world: World, audit: Audit) -> None:
    await world.note(CASE, change(1).actor, "done")
    await audit.tamper("DELETE FROM alerting.audit_pending")
    assert await audit.faults() == [(f"case {CASE}", 6, How.UNANCHORED)]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE alerting.audit_entry SET actor_id = 'me'",
        "DELETE FROM alerting.audit_entry",
        "UPDATE alerting.audit_leaf SET position = 1",
        "UPDATE alerting.audit_anchor SET body = ''",
        "DELETE FROM alerting.audit_anchor",
    ],
)
async def test_by_mistake_nothing_is_changed(audit: Audit, statement: str) -> None:
    with pytest.raises(DBAPIError, match="is append-only"):
        async with audit.world.database.begin() as (connection, _):
            await connection.exec_driver_sql(statement)

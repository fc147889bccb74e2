"""Random tampering with one case in a real database: all of it is found, at its place."""

from typing import Final

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from heedful.alerting.audit.checking import How
from tests.integration.alerting.auditing import Audit
from tests.integration.alerting.test_erasure import worked
from tests.integration.alerting.world import HOUR, World, case_id, contact, enriched, feedback

RED = feedback(1)
CASE = case_id(RED)
EVENTS: Final = 5
CHANGES: Final = {
    "kind": "'warned'",
    "at": "at + interval '1 microsecond'",
    "recorded_at": "recorded_at - interval '1 microsecond'",
    "actor_type": "'customer'",
    "actor_id": "coalesce(actor_id, '') || 'x'",
    "request_id": "'another'",
    "colour": "'grey'",
    "clock": "'next_reply'",
    "note": "coalesce(note, '') || ' '",
    "feedback_id": "coalesce(feedback_id, '') || 'x'",
    "detail": "detail || jsonb_build_object('x', 'y')",
    "terms": "coalesce(terms, '[]') || '[1]'",
    "cycle": "coalesce(cycle, 0) + 1",
    "rung": "coalesce(rung, '') || 'x'",
    "since": "coalesce(since, at) + interval '1 second'",
    "tenant": "'other'",
    "id": "id || 'x'",
    "salt": "sha256(coalesce(salt, ''))",
    "words": "sha256(coalesce(words, ''))",
    "hash": "sha256(hash)",
}
MOVE: Final = (
    "UPDATE alerting.case_event SET sequence = sequence + 100 WHERE sequence > :at",
    "UPDATE alerting.case_event SET sequence = sequence - 100 + :by WHERE sequence > 100",
)
DROP: Final = ("DELETE FROM alerting.case_event WHERE sequence = :at",)
SWAP: Final = (
    "UPDATE alerting.case_event SET sequence = 100 WHERE sequence = :at",
    "UPDATE alerting.case_event SET sequence = :at WHERE sequence = :at + 1",
    "UPDATE alerting.case_event SET sequence = :at + 1 WHERE sequence = 100",
)
COPY: Final = (
    "INSERT INTO alerting.case_event SELECT (jsonb_populate_record(e,"
    " jsonb_build_object('id', 'x', 'sequence', :at + 1))).* FROM alerting.case_event e"
    " WHERE sequence = :at",
    "UPDATE alerting.cases SET sequence = sequence + 1, head_sequence = sequence + 1",
)
CUT: Final = (
    "DELETE FROM alerting.case_event WHERE sequence >= :at",
    "UPDATE alerting.cases SET sequence = :at - 1, head_sequence = :at - 1, head = coalesce("
    "(SELECT hash FROM alerting.case_event WHERE sequence = :at - 1), head) WHERE :at > 1",
    "DELETE FROM alerting.audit_pending",
)
REAL = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
PLACES = st.integers(1, EVENTS)


async def told(world: World) -> Audit:
    """The audit of one case with a life, made once."""
    audit = Audit(world)
    if not await world.query("SELECT 1 FROM alerting.cases"):
        await world.consume(enriched(RED))
        world.now += HOUR
        await world.consume(contact())
        await worked(world, CASE)
        await audit.anchor()
    return audit


@REAL
@given(column=st.sampled_from(sorted(CHANGES)), at=PLACES)
async def test_every_column_of_every_event_counts(world: World, column: str, at: int) -> None:
    audit = await told(world)
    change = f"UPDATE alerting.case_event SET {column} = {CHANGES[column]} WHERE sequence = :at"  # noqa: S608
    found = await audit.faults_after(change, at=at)
    assert found == [(f"case {CASE}", at, How.CHANGED)]


@REAL
@given(
    tampering=st.sampled_from(
        [
            (DROP, How.MISSING),
            ((*DROP, *MOVE), How.MISSING),
            ((*MOVE, *COPY), How.INSERTED),
            (SWAP, How.REORDERED),
            (CUT, How.TRUNCATED),
        ]
    ),
    at=st.integers(1, EVENTS - 2),
)
async def test_whatever_is_done_to_the_rows_is_found(
    world: World, tampering: tuple[tuple[str, ...], How], at: int
) -> None:
    audit = await told(world)
    statements, how = tampering
    by = 1 if statements[-1] in COPY else -1
    used = [one.replace(":at", str(at)).replace(":by", str(by)) for one in statements]
    place = at + 1 if how is How.INSERTED else at
    assert await audit.faults_after(*used) == [(f"case {CASE}", place, how)]


@REAL
@given(gone=st.sets(PLACES))
async def test_words_that_are_taken_out_leave_the_chain(world: World, gone: set[int]) -> None:
    """But nobody takes them out without saying so."""
    audit = await told(world)
    erasure = (
        "UPDATE alerting.case_event e SET note = NULL, feedback_source = NULL, feedback_id = NULL,"
        " salt = NULL, detail = (SELECT coalesce(jsonb_object_agg(name, CASE WHEN"
        " jsonb_exists(e.kept, name) THEN value ELSE '\"erased\"' END), '{}')"
        " FROM jsonb_each(e.detail) AS d (name, value)) WHERE sequence = ANY(:gone)"
    )
    found = await audit.faults_after(erasure, gone=sorted(gone))
    assert found == ([(f"case {CASE}", min(gone), How.ERASED)] if gone else [])

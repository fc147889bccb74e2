"""What is kept on cases for figures is what their events and clocks say, whoever wrote it."""

import random
from datetime import timedelta

import pytest
from sqlalchemy import text

from heedful.alerting.case import SERVICE, Step
from heedful.alerting.figures import store_board, store_export
from heedful.alerting.figures.filters import Filters
from heedful.alerting.figures.model import Share
from heedful.alerting.folding import apply
from heedful.alerting.records import Tally
from heedful.alerting.states import WORKING, State, WrongTransition
from heedful.alerting.store_cases import lock_cases
from heedful.alerting.upkeep import Upkeep
from heedful.common.contracts import Actor, CaseEventKind, ClockMetric
from tests.integration.alerting import figures_oracle as oracle
from tests.integration.alerting.figures_world import hours
from tests.integration.alerting.world import T0, World, enriched, feedback
from tests.integration.conftest import TENANT
from tests.unit.alerting.journeys import step

CASES = 60
AGENT = Actor(type=SERVICE.type, id="another service")
PERIOD = timedelta(days=30)
_KINDS = [kind for kind in CaseEventKind if kind is not CaseEventKind.OPENED]
# As far as a case goes in the end, or it would seldom land.
_USUAL = [CaseEventKind.ACKNOWLEDGED, CaseEventKind.PLANNED, CaseEventKind.LANDED,
          CaseEventKind.PAUSED, CaseEventKind.RESUMED]  # fmt: skip
_LEFT_BY_OLDER = {
    "opened": "seen_at = NULL, owned_at = NULL, waits = '{}', landed_at = NULL,"
    " shown_only = NULL, due_at = NULL, progress_sequence = NULL",
    "went on": "seen_at = '2020-01-01Z', owned_at = NULL, waits = '{2020-01-01Z}',"
    " landed_at = '2020-01-01Z', shown_only = true, progress_sequence = sequence - 1",
}


def drawn(order: random.Random) -> list[Step]:
    """Steps of one case, in the order in which they were recorded: some are told of late."""
    found, minutes = [], 0
    for _ in range(order.randrange(25)):
        minutes += order.randrange(800)
        told = max(1, minutes - order.choice([0, 0, 0, 2000]))
        kind = order.choice(_USUAL if order.random() < 0.7 else _KINDS)
        clock = order.choice([None, *ClockMetric])
        waiting = order.choice([State.WAITING_CUSTOMER, State.WAITING_THIRD_PARTY])
        made = step(kind, told, clock, waiting=waiting)
        by = order.choice([made.actor, AGENT])
        found.append(Step(**{name: getattr(made, name) for name in made.__slots__} | {"actor": by}))
    return found


async def lived(world: World, seed: int) -> None:
    """Cases on each of which some of the drawn steps were taken: those that its state allowed."""
    order = random.Random(seed)  # noqa: S311
    for number in range(CASES):
        world.now = T0
        await world.consume(enriched(feedback(number, identifiers=())))
    ids = [row.id for row in await world.query("SELECT id FROM alerting.cases ORDER BY id")]
    async with world.database.begin() as (connection, now):
        cases = await lock_cases(connection, ids)
        book = await world.rulebook.book(connection, cases.values())
        steps = []
        for stored in cases.values():
            case = stored.case
            for one in drawn(order):
                try:
                    case = apply(case, one, book.calendars[TENANT])
                except WrongTransition:
                    continue
                steps.append((stored, one))
        await world.ledger.append(connection, now, steps, Tally(), book)
    world.now = T0 + hours(130)


async def agrees(world: World) -> None:
    """The board and the export say what a look through events and clocks says."""
    async with world.database.begin() as (connection, now):
        for ago in (0, 50, 80):
            at = now - hours(ago)
            for state in (None, *WORKING):
                found = await store_board.board(
                    connection, TENANT, at, PERIOD, Filters(state=state and str(state))
                )
                wanted = await oracle.breaches(connection, TENANT, at - PERIOD, at, state)
                assert found.breaches == oracle.counted(wanted)
                shown = [((row.case_id, row.metric, row.due_at), row.why) for row in found.breached]
                assert shown == list(wanted.items())[: store_board.SHOWN]
                kept = await oracle.kept(connection, TENANT, at - PERIOD, at, state)
                assert found.kept == {
                    metric: Share(met, n) for metric, (n, met, _) in kept.items() if n
                }
                assert found.overdue == {
                    metric: overdue for metric, (_, _, overdue) in kept.items() if overdue
                }
        landings = await oracle.landings(connection, TENANT)
        rows = await store_export.page(connection, TENANT, now, Filters(), None)
        assert {row.case_id: row.landed_at for row in rows} == {
            id_: landed for id_, (landed, _) in landings.items()
        }
        shown_only = {row.case_id for row in rows if row.excluded == "not_enforced"}
        assert shown_only <= {id_ for id_, (_, only) in landings.items() if only}


async def are_folds(world: World) -> None:
    for row in await world.query("SELECT id FROM alerting.cases"):
        await world.case(row.id)


@pytest.mark.parametrize("seed", [1, 2])
async def test_figures_say_what_events_say(world: World, seed: int) -> None:
    await lived(world, seed)
    await agrees(world)
    await are_folds(world)
    async with world.database.begin() as (connection, now):
        reasons = await oracle.breaches(connection, TENANT, now - PERIOD, now)
    assert len(set(reasons.values())) >= 6, "too few lives are drawn"


@pytest.mark.parametrize("left", _LEFT_BY_OLDER.values(), ids=_LEFT_BY_OLDER)
async def test_what_an_older_release_left_is_made_of_events_and_then_written(
    world: World, left: str
) -> None:
    await lived(world, 3)
    asked = (
        "SELECT id, sequence, due_at, seen_at, owned_at, waits, landed_at, shown_only,"
        " progress_sequence FROM alerting.cases ORDER BY id"
    )
    right = await world.query(asked)
    async with world.platform.engine.begin() as connection:
        await connection.execute(text(f"UPDATE alerting.cases SET {left}"))  # noqa: S608
    await agrees(world)
    await are_folds(world)
    await Upkeep(world.database, PERIOD, PERIOD).step()
    assert await world.query(asked) == right
    await agrees(world)


async def test_a_step_goes_on_from_what_an_older_release_left(world: World) -> None:
    await lived(world, 4)
    async with world.database.begin() as (connection, now):
        await connection.execute(
            text(f"UPDATE alerting.cases SET {_LEFT_BY_OLDER['went on']}")  # noqa: S608
        )
        ids = (await connection.execute(text("SELECT id FROM alerting.cases"))).scalars().all()
        cases = await lock_cases(connection, ids)
        noted = step(CaseEventKind.NOTED, 9000)
        steps = [(stored, noted) for stored in cases.values()]
        await world.ledger.append(connection, now, steps, Tally())
    await are_folds(world)
    await agrees(world)
    (left,) = await world.query(
        "SELECT count(*) AS n FROM alerting.cases WHERE progress_sequence <> sequence"
    )
    assert left.n == 0

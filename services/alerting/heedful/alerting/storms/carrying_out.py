"""Carries out on each case what its issue wants, in small transactions.

The wish is a row that goes in the transaction of the step: a killed process leaves both undone, and
of any number of replicas one takes the step.
"""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Final

from heedful.alerting import store_cases
from heedful.alerting.case import Step
from heedful.alerting.database import Database
from heedful.alerting.ledger import Ledger
from heedful.alerting.records import StoredCase, Tally
from heedful.alerting.states import OVER
from heedful.alerting.storms import store_tasks
from heedful.alerting.storms.store_tasks import Task
from heedful.alerting.storms.tasks import planned, reply_wanted
from heedful.alerting.timers import TICK_S

BATCH: Final = 200
AGAIN: Final = timedelta(minutes=1)
"""After so long a case that waits for somebody is looked at again."""


class IssueWork:
    """One step carries out what is due.

    Args:
        woken: called after a commit that others may act on.
    """

    def __init__(self, database: Database, ledger: Ledger, woken: Callable[[], None]) -> None:
        self._database = database
        self._ledger = ledger
        self._woken = woken

    async def step(self) -> float:
        tally = Tally()
        async with self._database.intake() as (connection, now):
            taken = await store_tasks.take_due(connection, now, BATCH)
            tasks = _once(taken)
            cases = await store_cases.lock_cases(connection, {one.case_id for one in tasks})
            steps: list[tuple[StoredCase, Step]] = []
            unready = []
            for task in tasks:
                found = _steps(cases[task.case_id], task)
                if found is None:
                    unready.append(task)
                else:
                    steps += [(cases[task.case_id], step) for step in found]
            await self._ledger.append(connection, now, steps, tally)
            if unready:
                await store_tasks.put_back(connection, now + AGAIN, unready)
        tally.committed(self._woken)
        return 0.0 if len(taken) == BATCH else TICK_S


def _once(tasks: Sequence[Task]) -> list[Task]:
    """Whoever plans an issue twice plans each case once."""
    by_wish = {(one.case_id, one.answer and one.answer.id): one for one in reversed(tasks)}
    return list(by_wish.values())[::-1]


def _steps(stored: StoredCase, task: Task) -> list[Step] | None:
    """None: it cannot be done yet."""
    if task.answer is not None:
        return [] if stored.case.state in OVER else [reply_wanted(task.answer, task.issue_id)]
    if task.plan is None:
        return []
    return planned(stored.case, task.plan, task.issue_id, task.wanted_at)

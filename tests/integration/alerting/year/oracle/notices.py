"""Which notices there must be, each once: of what is told at once, and of the steps of a clock
that were taken together one."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from tests.integration.alerting.year.oracle.case import Case
from tests.integration.alerting.year.oracle.clock import Rise, Run
from tests.integration.alerting.year.scene import Endpoint

_GRAVITY: Final = {"warned": 0, "escalated": 1, "breached": 2}
_NAMES: Final = {
    "warned": "case.warning",
    "escalated": "case.escalated",
    "breached": "case.breached",
}
_ENDINGS: Final = ("case.acknowledged", "case.closed")
"""They ask nobody to act: who wants them names them."""


@dataclass(frozen=True, slots=True)
class Notice:
    """What an endpoint is told, and not before `due`."""

    endpoint: str
    kind: str
    clock: str | None
    cycle: int
    step: str
    at: int
    audience: tuple[str, ...]
    due: int


StepKey = tuple[str, int, str]
"""Metric, cycle and name of a step."""

TakenAt = Mapping[StepKey, int]
"""When steps were taken."""


def expected(case: Case, taken_at: TakenAt, endpoints: Sequence[Endpoint]) -> Iterator[Notice]:
    """All notices of a case."""
    for told in case.told:
        if told.notify or told.kind in _ENDINGS:
            for one in _hearing(endpoints, told.kind, told.notify):
                yield Notice(one, told.kind, None, 1, "", told.at, told.notify, told.at)
    for run in case.runs:
        for at, rises in _together(run, taken_at):
            yield from _of_steps(run, at, rises, endpoints)


def _of_steps(
    run: Run, at: int, rises: Sequence[Rise], endpoints: Sequence[Endpoint]
) -> Iterator[Notice]:
    gravest = max(rises, key=lambda rise: _GRAVITY[rise.kind])
    kind = _NAMES[gravest.kind]
    audience = tuple(dict.fromkeys(who for rise in rises for who in rise.notify))
    moment = gravest.at if gravest.kind == "breached" else at
    due = max(at, gravest.told)
    for one in _hearing(endpoints, kind, audience):
        yield Notice(one, kind, run.metric, run.cycle, rises[-1].name, moment, audience, due)


def _together(run: Run, taken_at: TakenAt) -> Iterator[tuple[int, Sequence[Rise]]]:
    """Those that somebody hears of, by the look at which they were taken, in the order of their
    time. What happened between two looks of one moment does not take back what the first said."""
    rises = [
        ((taken_at[run.metric, run.cycle, name], one.rank), one.rise)
        for name, one in run.taken.items()
        if one.rise.notify and (run.metric, run.cycle, name) in taken_at
    ]
    rises.sort(key=lambda pair: (pair[0], pair[1].at))
    for (at, _), found in groupby(rises, key=lambda pair: pair[0]):
        yield at, [rise for _, rise in found]


def _hearing(endpoints: Iterable[Endpoint], kind: str, audience: tuple[str, ...]) -> Iterator[str]:
    for one in endpoints:
        listens = kind in one.events if one.events else kind not in _ENDINGS
        meant = not one.audiences or not audience or not one.audiences.isdisjoint(audience)
        if listens and meant:
            yield one.id

"""Holds what alerting has stored of a household against what the oracle says. Pure."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from tests.integration.alerting.year.oracle.case import Case
from tests.integration.alerting.year.oracle.clock import Run, Taken
from tests.integration.alerting.year.oracle.household import Household
from tests.integration.alerting.year.oracle.notices import Notice, StepKey, TakenAt, expected
from tests.integration.alerting.year.reading import Clock, Delivery, Event, Found, Stored
from tests.integration.alerting.year.scene import Endpoint

_STEPS: Final = ("warned", "escalated", "breached")
_WITHDRAWN: Final = ("case.warning", "case.escalated")


@dataclass(frozen=True, slots=True)
class Difference:
    """What is not as it must be. `case`: the item that opened it."""

    rule: str
    case: str
    wanted: Any
    found: Any


RULES: Final = (
    "every item is on the case of its matter",
    "every request gets its answer",
    "every case stands where it must",
    "every clock ended as it must",
    "every event of a case, and none besides",
    "every step of a ladder once, at its time",
    "every notice once",
    "notices are sent, or withdrawn for a reason",
)
_ITEMS, _ANSWERS, _CASES, _CLOCKS, _EVENTS, _STEPPED, _NOTICES, _SENT = RULES


def differences(
    household: Household,
    found: Found,
    endpoints: Sequence[Endpoint],
    answers: Mapping[str, str],
    until: int,
    *,
    delivered: bool,
) -> Iterator[Difference]:
    """All of a household.

    Args:
        answers: that requests have got.
        until: the end of the run.
        delivered: whether notices were sent.
    """
    wanted = {name: link.case.item.id for name, link in household.links.items()}
    yield from _keyed(_ITEMS, wanted, found.links)
    given = {name: answers.get(name) for name in household.answers}
    yield from _keyed(_ANSWERS, household.answers, given)
    for item in household.cases.keys() & found.cases.keys():
        case, stored = household.cases[item], found.cases[item]
        yield from _standing(item, case, stored)
        yield from _clocks(item, case, stored)
        yield from _same(
            _EVENTS,
            item,
            ((one.kind, one.at, one.clock) for one in case.events),
            ((one.kind, one.at, one.clock) for one in stored.events if one.kind not in _STEPS),
        )
        yield from _steps(item, case, stored)
        notices = list(expected(case, _taken_at(stored.events), endpoints))
        yield from _same(_NOTICES, item, notices, map(_notice, stored.deliveries))
        yield from _sent(item, stored.deliveries, until, delivered=delivered)


def _standing(item: str, case: Case, stored: Stored) -> Iterator[Difference]:
    ruled = case.ruled
    wanted = {
        "state": case.state,
        "colour": case.colour,
        "cycle": case.cycle,
        "policy": ruled.policy.ref,
        "rule": ruled.rule.name,
        "late_source": case.late,
    }
    found = {
        "state": stored.state,
        "colour": stored.colour,
        "cycle": stored.cycle,
        "policy": stored.policy,
        "rule": stored.rule,
        "late_source": stored.late,
    }
    if wanted != found:
        yield Difference(_CASES, item, wanted, found)


def _clocks(item: str, case: Case, stored: Stored) -> Iterator[Difference]:
    wanted: dict[tuple[str, int], Clock] = {
        (one.metric, one.cycle): _clock(one) for one in case.runs
    }
    found = {(one.metric, one.cycle): one for one in stored.clocks}
    for key in sorted(wanted.keys() | found.keys()):
        if wanted.get(key) != found.get(key):
            yield Difference(_CLOCKS, item, wanted.get(key), found.get(key))


def _clock(run: Run) -> Clock:
    return Clock(
        metric=run.metric,
        cycle=run.cycle,
        start=run.start,
        due=run.due,
        target=run.target.seconds,
        calendar=run.calendar,
        enforced=run.target.enforced,
        still=tuple(run.still),
        taken=frozenset(run.taken),
        fulfilled_at=run.fulfilled_at,
        fulfilled_by=run.fulfilled_by,
        breached_at=run.breached_at,
        ended=run.ended,
    )


def _steps(item: str, case: Case, stored: Stored) -> Iterator[Difference]:
    wanted: dict[StepKey, Taken] = {
        (run.metric, run.cycle, name): one for run in case.runs for name, one in run.taken.items()
    }
    steps = [one for one in stored.events if one.kind in _STEPS]
    found = {_key(one): one for one in steps}
    if len(found) != len(steps):
        yield Difference(_STEPPED, item, "each step once", steps)
    for key in sorted(wanted.keys() | found.keys()):
        taken, step = wanted.get(key), found.get(key)
        if taken is None or step is None or step.kind != taken.rise.kind:
            yield Difference(_STEPPED, item, taken, step)
            continue
        at = taken.rise.at if step.kind == "breached" else step.recorded_at
        if not (taken.first <= step.recorded_at <= taken.last and step.at == at):
            yield Difference(_STEPPED, item, taken, step)


def _taken_at(events: Iterable[Event]) -> TakenAt:
    return {_key(one): one.recorded_at for one in events if one.kind in _STEPS}


def _key(step: Event) -> StepKey:
    return step.clock or "", step.cycle or 0, step.rung or ""


def _notice(one: Delivery) -> Notice:
    about = (one.clock, one.cycle, one.step)
    return Notice(one.endpoint, one.kind, *about, one.at, one.audience, one.due)


def _sent(
    item: str, deliveries: Sequence[Delivery], until: int, *, delivered: bool
) -> Iterator[Difference]:
    for one in deliveries:
        waits = one.state == "pending" and (one.due > until or not delivered)
        withdrawn = one.state == "discarded" and one.kind in _WITHDRAWN
        if not (waits or withdrawn or one.state == "delivered"):
            yield Difference(_SENT, item, "delivered", one)


def _same(
    rule: str, item: str, wanted: Iterable[Any], found: Iterable[Any]
) -> Iterator[Difference]:
    """As many of each."""
    must, have = Counter(wanted), Counter(found)
    for one in sorted((must - have).elements(), key=str):
        yield Difference(rule, item, one, None)
    for one in sorted((have - must).elements(), key=str):
        yield Difference(rule, item, None, one)


def _keyed(rule: str, wanted: Mapping[str, str], found: Mapping[str, Any]) -> Iterator[Difference]:
    for key in sorted(wanted.keys() | found.keys()):
        if wanted.get(key) != found.get(key):
            yield Difference(rule, key, wanted.get(key), found.get(key))

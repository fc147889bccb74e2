"""The verdict on a year: the oracle on every household, the fold, the announcements, the audit."""

import asyncio
import os
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pprint import pformat
from typing import Any, Final

from sqlalchemy import text

from heedful.alerting import store_cases
from heedful.alerting.folding import fold
from tests.integration.alerting.year.comparing import RULES, Difference, differences
from tests.integration.alerting.year.drawing import by_household
from tests.integration.alerting.year.driving import Passed
from tests.integration.alerting.year.fleet import ROOT
from tests.integration.alerting.year.oracle.looks import Facts, Looks, lived
from tests.integration.alerting.year.oracle.rules import books
from tests.integration.alerting.year.parts import NOW, Parts
from tests.integration.alerting.year.payloads import time
from tests.integration.alerting.year.reading import (
    Connection,
    Found,
    Stored,
    read,
    resumptions,
)
from tests.integration.alerting.year.scene import Happening, Heard, Understood, Year

FOLDED: Final = "what is stored of a case is the fold over its events"
ANNOUNCED: Final = "every event was announced once"
AUDITED: Final = "the audit is whole"
_TOGETHER: Final = 100
_EVENTS = text(
    "SELECT * FROM alerting.case_event WHERE case_id = ANY(:ids) ORDER BY case_id, sequence"
)
_COMMAND: Final = "from heedful.cli.main import main; main()"


@dataclass(slots=True)
class Verdict:
    """By rule, what breaks it, with its story; and how much was looked at."""

    wrong: dict[str, list[str]] = field(
        default_factory=lambda: {rule: [] for rule in (*RULES, FOLDED, ANNOUNCED, AUDITED)}
    )
    counts: Counter[str] = field(default_factory=Counter)
    audit: str = ""

    @property
    def broken(self) -> Mapping[str, Sequence[str]]:
        return {rule: found for rule, found in self.wrong.items() if found}


async def judged(
    parts: Parts,
    connection: Connection,
    year: Year,
    passed: Passed,
    environment: Mapping[str, str],
    *,
    delivered: bool,
) -> Verdict:
    """What is wrong with what a run has left."""
    verdict = Verdict()
    held, endpoints = books(year), {one.name: one.endpoints for one in year.tenants}
    looks = Looks(year, Facts(passed.again, {}, passed.until))
    for tenant, households in _chunks(year, passed.until):
        items = [item for _, happenings in households for item in _items(happenings)]
        found = await read(connection, tenant, items)
        facts = Facts(passed.again, resumptions(found), passed.until)
        for number, happenings in households:
            household = lived(held[tenant], happenings, looks, facts)
            own = _of(found, set(_items(happenings)))
            _count(verdict, own)
            for one in differences(
                household, own, endpoints[tenant], passed.answers, passed.until, delivered=delivered
            ):
                verdict.wrong[one.rule].append(_story(year, number, happenings, one, own))
        verdict.wrong[FOLDED] += await _misfolded(parts, list(found.cases.values()))
    events = verdict.counts["events"]
    if passed.announced != events:
        verdict.wrong[ANNOUNCED].append(f"{events} events, {passed.announced} announcements")
    verdict.audit, whole = await _audited(environment)
    verdict.wrong[AUDITED] += [] if whole else [verdict.audit]
    return verdict


def _chunks(year: Year, until: int) -> Iterator[tuple[str, list[tuple[int, Sequence[Happening]]]]]:
    """Households of one tenant, as far as they have begun."""
    waiting: dict[str, list[tuple[int, Sequence[Happening]]]] = defaultdict(list)
    for number, happenings in by_household(year):
        first = next(one for one in happenings if isinstance(one, Heard))
        if happenings[0].at > until:
            continue
        mine = waiting[first.item.tenant]
        mine.append((number, happenings))
        if len(mine) == _TOGETHER:
            yield first.item.tenant, waiting.pop(first.item.tenant)
    yield from waiting.items()


def _items(happenings: Sequence[Happening]) -> list[str]:
    return [one.item.id for one in happenings if isinstance(one, Heard)]


def _of(found: Found, items: set[str]) -> Found:
    """Of one household."""
    links = {name: case for name, case in found.links.items() if name in items}
    return Found(links, {name: case for name, case in found.cases.items() if name in items})


def _count(verdict: Verdict, found: Found) -> None:
    verdict.counts["items on cases"] += len(found.links)
    for case in found.cases.values():
        verdict.counts["cases"] += 1
        verdict.counts["events"] += len(case.events)
        verdict.counts["notices"] += len(case.deliveries)
        verdict.counts["runs of clocks"] += len(case.clocks)
        verdict.counts.update(f"- {event.kind}" for event in case.events if event.rung is not None)
        for one in case.clocks:
            met = one.fulfilled_at is not None and one.fulfilled_at <= one.due
            late = one.breached_at is not None or one.fulfilled_at is not None
            outcome = "met" if met else "breached" if late else one.ended or "open"
            verdict.counts[f"- {outcome if one.enforced else 'not enforced'}"] += 1


def _story(
    year: Year,
    number: int,
    happenings: Sequence[Happening],
    one: Difference,
    found: Found,
) -> str:
    """All that one needs to see what happened, in order."""
    stored = found.cases.get(found.links.get(one.case, one.case))
    lines = [f"seed {year.seed}, household {number}, case of {one.case}: {one.rule}"]
    lines += [f"  must be: {_shown(one.wanted)}", f"  is:      {_shown(one.found)}"]
    lines += ["  what happened:", *(f"    {_told(happening)}" for happening in happenings)]
    if stored is not None:
        lines += ["  what is stored:", *(f"    {_shown(event)}" for event in stored.events)]
    return "\n".join(lines)


def _told(one: Happening) -> str:
    name = type(one).__name__
    rest = {
        key: getattr(one, key)
        for key in one.__dataclass_fields__
        if key not in ("at", "number", "household", "item") and getattr(one, key) is not None
    }
    if isinstance(one, Heard):
        rest = {"item": _shown(one.item)}
    elif isinstance(one, Understood) or hasattr(one, "item"):
        item = getattr(one, "item", None)
        rest["item"] = getattr(item, "id", item)
    return f"{time(one.at):%m-%d %H:%M:%S} {name} {rest}"


def _shown(value: Any) -> str:
    """Times are given as such."""
    if not hasattr(value, "__dataclass_fields__"):
        return pformat(value, width=200)
    told = []
    for name in value.__dataclass_fields__:
        given = getattr(value, name)
        if isinstance(given, int) and given > _YEAR_2000:
            given = f"{time(given):%Y-%m-%dT%H:%M:%S}"
        elif hasattr(given, "__dataclass_fields__"):
            given = _shown(given)
        told.append(f"{name}={given}")
    return f"{type(value).__name__}({', '.join(told)})"


_YEAR_2000: Final = 946_684_800


async def _misfolded(parts: Parts, cases: Sequence[Stored]) -> list[str]:
    """Cases whose stored state is not what their events say."""
    ids = [one.id for one in cases]
    NOW.set(time(0))
    async with parts.database.begin() as (connection, _):
        locked = await store_cases.lock_cases(connection, ids)
        book = await parts.ledger.rulebook.book(connection, locked.values())
        steps = defaultdict(list)
        for row in await connection.execute(_EVENTS, {"ids": ids}):
            steps[row.case_id].append(store_cases.step_of(row))
    return [
        f"case {one.item}: {stored.case} is not the fold"
        for one in cases
        if (stored := locked[one.id]).case != fold(steps[one.id], book.calendars[stored.tenant])
    ]


async def _audited(environment: Mapping[str, str]) -> tuple[str, bool]:
    """What `heedful audit verify` says."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", _COMMAND, "audit", "verify",
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
        cwd=ROOT, env={**os.environ, **environment},
    )  # fmt: skip
    said, _ = await process.communicate()
    return said.decode(), process.returncode == 0

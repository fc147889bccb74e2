"""Draws a year from a seed: who says what and when, what is done about it, and when alerting is
away. Each household is drawn from a generator of its own, so that one can be had again alone."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

from tests.integration.alerting.year.diary import Diary
from tests.integration.alerting.year.episodes import Episodes
from tests.integration.alerting.year.scene import (
    DAY,
    HOUR,
    Downtime,
    Happening,
    Heard,
    Tenant,
    Year,
)
from tests.integration.alerting.year.tenants import tenants
from tests.integration.alerting.year.timing import QUIET, Timing

START: Final = int(datetime(2025, 3, 1, tzinfo=UTC).timestamp())
"""Of a year whose holidays in China are known to its end, with both changes of the clocks."""
LENGTH: Final = 365 * DAY
_DRAIN: Final = 30 * DAY
"""Behind the last item, in which what is open runs out."""
_AWAY: Final = 12
_DAYS: Final = tuple(
    int(datetime.fromisoformat(day).replace(tzinfo=UTC).timestamp())
    for day in (
        "2025-03-09", "2025-03-30", "2025-10-26", "2025-11-02",  # clocks change
        "2025-04-05", "2025-05-01", "2025-09-28", "2025-10-01", "2026-01-01", "2026-02-17",
    )
)  # fmt: skip
"""Nights on which clocks change in Berlin and New York; holidays in China, and what makes up for
them."""


def drawn(seed: int, items: int, tick: int) -> Year:
    """A year with about so many items."""
    end = START + LENGTH + _DRAIN
    found = tuple(_settled(tenant, tick) for tenant in tenants(START))
    downtimes = _downtimes(seed, tick, found)
    timing = Timing(START, tick, downtimes)
    moments = _moments(found, downtimes)
    happenings: list[Happening] = []
    number = left = 0
    while left < items:
        diary = Diary(seed, number, found, timing)
        own = Episodes(diary, (START + HOUR, START + LENGTH), moments).drawn()
        left += sum(isinstance(one, Heard) for one in own)
        happenings += own
        number += 1
    happenings.sort(key=lambda one: (one.at, one.household, one.number))
    return Year(seed, START, end, tick, QUIET, found, downtimes, happenings)


def by_household(year: Year) -> Iterator[tuple[int, Sequence[Happening]]]:
    """Each with its own happenings, in their order."""
    found: dict[int, list[Happening]] = {}
    for one in year.happenings:
        found.setdefault(one.household, []).append(one)
    yield from sorted(found.items())


def _settled(tenant: Tenant, tick: int) -> Tenant:
    """Its activations between the looks of one tick and what happens after them."""
    changes = tuple(
        replace(one, at=one.at - (one.at - START) % tick + QUIET) for one in tenant.activations
    )
    return replace(tenant, activations=changes)


def _moments(found: Sequence[Tenant], downtimes: Sequence[Downtime]) -> tuple[int, ...]:
    """Around which something may go wrong."""
    changes = [one.at for tenant in found for one in tenant.activations]
    return (*_DAYS, *changes, *(one.since for one in downtimes))


def _downtimes(seed: int, tick: int, found: Sequence[Tenant]) -> tuple[Downtime, ...]:
    draw = random.Random(f"{seed}/away")  # noqa: S311  # a plan, no secret
    changes = [one.at for tenant in found for one in tenant.activations]
    made: list[Downtime] = []
    for number in range(_AWAY):
        month = START + (number + 1) * LENGTH // (_AWAY + 1)
        since = month + draw.randrange(10 * DAY)
        until = since + draw.choice((1, 2, 3, 5, 8, 14, 30, 60)) * HOUR
        since, until = since - (since - START) % tick, until - (until - START) % tick + tick
        if not any(since - tick <= at <= until for at in changes):
            made.append(Downtime(since, until, draw.random() < 0.5))
    return tuple(made)

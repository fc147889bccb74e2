"""Clocks and steps as rows and as JSON: one form for the tables, read back to equal values."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import Row

from heedful.alerting.clocks import Clock, Ended, Terms
from heedful.alerting.states import State
from heedful.common.contracts import ClockMetric

Json = dict[str, Any]
_KEPT = 1000


def terms_out(terms: Terms) -> Json:
    """Terms as an event keeps them; the target in seconds, exact to the microsecond."""
    return {
        "metric": terms.metric.value,
        "target": _seconds(terms.target),
        "calendar": terms.calendar,
        "pauses": sorted(terms.pauses),
        "enforced": terms.enforced,
    }


def terms_in(kept: Mapping[str, Any]) -> Terms:
    """The terms that `terms_out` gave."""
    return Terms(
        metric=ClockMetric(kept["metric"]),
        target=timedelta(microseconds=round(float(kept["target"]) * 1e6)),
        calendar=kept["calendar"],
        pauses=frozenset(State(one) for one in kept["pauses"]),
        enforced=kept["enforced"],
    )


def clock_out(case_id: str, tenant: str, number: int, clock: Clock) -> Json:
    """A row of alerting.clock; `number` is its place in the case."""
    return {
        "case_id": case_id,
        "tenant": tenant,
        "number": number,
        "metric": clock.metric.value,
        "cycle": clock.cycle,
        "target": f"{_seconds(clock.terms.target)} seconds",
        "calendar": clock.terms.calendar,
        "pausing": sorted(clock.terms.pauses),
        "enforced": clock.terms.enforced,
        "started_at": clock.started_at,
        "due_at": clock.due_at,
        "pauses": [[begin, end] for begin, end in clock.pauses],
        "taken": sorted(clock.taken),
        "fulfilled_at": clock.fulfilled_at,
        "fulfilled_by": clock.fulfilled_by,
        "breached_at": clock.breached_at,
        "ended": clock.ended,
    }


def clock_in(row: Row[Any]) -> Clock:
    """The clock that a row of alerting.clock holds."""
    return Clock(
        terms=_terms(row.metric, row.target, row.calendar, tuple(row.pausing), row.enforced),
        cycle=row.cycle,
        started_at=row.started_at,
        due_at=row.due_at,
        pauses=tuple((_time(begin), end and _time(end)) for begin, end in row.pauses),
        taken=frozenset(row.taken),
        fulfilled_at=row.fulfilled_at,
        fulfilled_by=row.fulfilled_by,
        breached_at=row.breached_at,
        ended=None if row.ended is None else Ended(row.ended),
    )


def by_case(rows: Iterable[Row[Any]]) -> dict[str, Sequence[Clock]]:
    """The clocks of each case; the rows come in the order of `number`."""
    found: dict[str, list[Clock]] = {}
    for row in rows:
        found.setdefault(row.case_id, []).append(clock_in(row))
    return dict(found)


def bytea(value: bytes | None) -> str | None:
    """As PostgreSQL reads it in JSON."""
    return None if value is None else f"\\x{value.hex()}"


@lru_cache(_KEPT)
def _terms(
    metric: str, target: timedelta, calendar: str, pausing: tuple[str, ...], enforced: bool
) -> Terms:
    """Most clocks are measured by the few terms of a policy: each is made once."""
    pauses = frozenset(State(one) for one in pausing)
    return Terms(ClockMetric(metric), target, calendar, pauses, enforced)


def _seconds(value: timedelta) -> str:
    whole, micros = divmod(value, timedelta(seconds=1))
    return f"{whole}.{micros // timedelta(microseconds=1):06d}"


def _time(value: str) -> datetime:
    return datetime.fromisoformat(value).astimezone(UTC)

"""What a deadline in business hours costs: microseconds of CPU, and how many a walk through the
minutes would take.

    .venv/bin/python benchmarks/calendars.py [--rounds 9]

An office in China with a lunch break and public holidays, and one that never closes; starts are
spread over two years. A new one has seen no day yet. One core; the fastest and the median of the
rounds.
"""

import argparse
import sys
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.support import machine, median, table
from heedful.alerting.calendars import ALWAYS, Calendar, due, elapsed, last_open
from heedful.alerting.calendars.announced import Region, announced
from heedful.alerting.calendars.document import CalendarDocument, kept
from tests.unit.alerting.calendars.walker import Walker

_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday")
_DOCUMENT = CalendarDocument.model_validate(
    {
        "zone": "Asia/Shanghai",
        "week": {day: ["09:00-12:00", "13:30-18:00"] for day in _DAYS},
        "public_holidays": {"region": "CN"},
    }
)
_HOUR = timedelta(hours=1)
_FIRST = datetime(2024, 11, 1, tzinfo=UTC)
_STARTS = [_FIRST + number * 17 * _HOUR for number in range(1000)]
_WALKED = 20

Case = Callable[[Calendar, datetime], object]
_CASES: dict[str, Case] = {
    "due in 4 h": lambda calendar, start: due(calendar, start, 4 * _HOUR),
    "due in 40 h": lambda calendar, start: due(calendar, start, 40 * _HOUR),
    "due in 400 h": lambda calendar, start: due(calendar, start, 400 * _HOUR),
    "elapsed in 30 days": lambda calendar, start: elapsed(calendar, start, start + 720 * _HOUR),
    "last working minute": last_open,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=9)
    rounds = parser.parse_args().rounds
    rows = []
    for name, case in _CASES.items():
        office = _office()
        _microseconds(case, office)
        rows += [
            _row(name, "office, new", [_microseconds(case, _office()) for _ in range(rounds)]),
            _row(name, "office", [_microseconds(case, office) for _ in range(rounds)]),
            _row(name, "always", [_microseconds(case, ALWAYS) for _ in range(rounds)]),
        ]
    rows.append(_row("due in 4 h", "office, minute by minute", list(map(_walk, _STARTS[:_WALKED]))))
    print(machine())
    table(("what", "calendar", "fastest µs", "median µs"), rows)


def _row(name: str, calendar: str, spent: Sequence[float]) -> tuple[str, ...]:
    return name, calendar, f"{min(spent):,.1f}", f"{median(spent):,.1f}"


def _office() -> Calendar:
    return kept(_DOCUMENT, announced(Region.CN)).calendar("office", 1)


def _microseconds(case: Case, calendar: Calendar) -> float:
    """Of one call."""
    began = time.process_time_ns()
    for start in _STARTS:
        case(calendar, start)
    return (time.process_time_ns() - began) / 1000 / len(_STARTS)


def _walk(start: datetime) -> float:
    began = time.process_time_ns()
    Walker(_office(), start, timedelta(days=14)).due(start, 4 * _HOUR)
    return (time.process_time_ns() - began) / 1000


if __name__ == "__main__":
    main()

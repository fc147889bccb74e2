"""What the audit costs: microseconds of CPU for an event that is hashed, and one that is checked.

    .venv/bin/python benchmarks/audit.py [--rounds 9]

One core, no database; the fastest and the median of the rounds. For comparison: the same row as
JSON with orjson, as the outbox needs it anyway.
"""

import argparse
import os
import sys
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import orjson

from benchmarks.support import machine, median, table
from heedful.alerting.audit import events
from heedful.alerting.audit.checking import Stored, walked
from heedful.alerting.audit.links import SALT_BYTES, START, link

_EVENTS = 5000
_AT = datetime(2026, 11, 25, 0, 15, 3, 123456, tzinfo=UTC)
_BARE: dict[str, Any] = {
    "case_id": "5b0e0c5e-4f0d-5d8e-9a53-3a9c8d0f1b11",
    "id": "0b1f5a3e-6c0d-5d8e-9a53-3a9c8d0f1b12",
    "tenant": "shop",
    "kind": "warned",
    "at": _AT,
    "recorded_at": _AT,
    "actor_type": "system",
    "actor_id": "heedful-alerting",
    "request_id": None,
    "colour": "red",
    "feedback_source": None,
    "feedback_id": None,
    "clock": "respond",
    "deadlines": None,
    "note": None,
    "detail": {},
}
_WORDS = {
    **_BARE,
    "kind": "planned",
    "request_id": "4bf92f3577b34da6a3ce929d0e0e4736",
    "note": "客户很生气，要求马上换车",
    "detail": {"owner": "li.wei", "action": "给客户换刹车片并道歉", "due": "2026-11-26T00:15:03Z"},
}
_OPENED = {
    **_BARE,
    "kind": "opened",
    "feedback_source": "calls",
    "feedback_id": "call-20261125-0815",
    "deadlines": {"respond": "2026-11-26T00:15:03Z", "plan": "2026-11-27T00:15:03Z",
                  "land": "2026-11-28T00:15:03Z"},
}  # fmt: skip
_CASES = {"warned, no words": _BARE, "opened": _OPENED, "planned, with words": _WORDS}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=9)
    rounds = parser.parse_args().rounds
    rows = []
    for name, columns in _CASES.items():
        chain = _chain(columns)
        for what, work in (
            ("hash", lambda columns=columns: _chain(columns)),
            ("check", lambda chain=chain: walked(chain)),
            ("orjson", lambda columns=columns: _dumped(columns)),
        ):
            found = sorted(_microseconds(work) for _ in range(rounds))
            rows.append((name, what, f"{found[0]:.1f}", f"{median(found):.1f}"))
    print(machine())
    table(("event", "what", "fastest µs", "median µs"), rows)


def _microseconds(work: Callable[[], object]) -> float:
    started = time.process_time()
    work()
    return (time.process_time() - started) / _EVENTS * 1e6


def _chain(columns: dict[str, Any]) -> Sequence[Stored]:
    previous, rows = START, []
    salts = os.urandom(SALT_BYTES * _EVENTS)
    for position in range(1, _EVENTS + 1):
        kept = ["due", "owner"] if columns["kind"] == "planned" else []
        content = events.content(columns, kept)
        salt = salts[(position - 1) * SALT_BYTES : position * SALT_BYTES]
        made = link(previous, position, content, salt)
        rows.append(Stored(position, content, made.salt, made.words, made.hash))
        previous = made.hash
    return rows


def _dumped(columns: dict[str, Any]) -> None:
    for _ in range(_EVENTS):
        orjson.dumps(columns)


if __name__ == "__main__":
    main()

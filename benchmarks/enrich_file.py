"""`heedful enrich` on a large file: lines a second, memory, and what a `kill -9` costs.

The file is made of the bundled examples, seeded, no two lines alike. The command runs in a terminal
of its own, is killed when half of the lines are labelled, and runs again to the end; then every
line must be there once, in its place. The progress that it showed last before the kill is printed.

    python benchmarks/enrich_file.py --lines 50000
"""

import argparse
import contextlib
import os
import pty
import re
import resource
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import orjson

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.feedback import mixed
from benchmarks.support import BIN, PREFIX, machine, table

POLL_S = 0.05
_CONTROL = re.compile(rb"\x1b\[[0-9;?]*[A-Za-z]")


@dataclass(frozen=True, slots=True)
class Ran:
    """One process: what it took, and the last line that its terminal showed of how far it is."""

    seconds: float
    peak_mb: float
    code: int
    shown: str


def write(path: Path, count: int) -> None:
    with path.open("wb") as file:
        for number, text in enumerate(mixed(count)):
            line = {"id": f"{number}", "text": f"{text}（{number}）"}
            file.write(orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE))


def run(source: Path, target: Path, until: Callable[[], bool]) -> Ran:
    """The command in a terminal, killed as soon as `until` says so."""
    env = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    mine, theirs = pty.openpty()
    shown = bytearray()
    started = time.perf_counter()
    process = subprocess.Popen(
        [str(BIN / "heedful"), "enrich", str(source), str(target)],
        stderr=theirs,
        env={**env, "COLUMNS": "120", "TERM": "xterm"},
    )
    os.close(theirs)
    reader = threading.Thread(target=_read, args=(mine, shown))
    reader.start()
    status, usage = _wait(process.pid, until)
    process.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.perf_counter() - started
    reader.join()
    os.close(mine)
    return Ran(seconds, usage.ru_maxrss / 1024, process.returncode, _last(bytes(shown)))


def _wait(pid: int, until: Callable[[], bool]) -> tuple[int, resource.struct_rusage]:
    while True:
        ended, status, usage = os.wait4(pid, os.WNOHANG)
        if ended:
            return status, usage
        if until():
            os.kill(pid, signal.SIGKILL)
            _, status, usage = os.wait4(pid, 0)
            return status, usage
        time.sleep(POLL_S)


def _read(terminal: int, into: bytearray) -> None:
    # A terminal whose other end is closed is an error, not an end.
    with contextlib.suppress(OSError):
        while read := os.read(terminal, 65536):
            into += read
            del into[:-65536]


def _last(shown: bytes) -> str:
    lines = re.split(r"[\r\n]+", _CONTROL.sub(b"", shown).decode("utf-8", "replace"))
    return next((line.strip() for line in reversed(lines) if "lines" in line), "")


def reached(target: Path) -> int:
    """Lines that are on the disk for good."""
    with contextlib.suppress(OSError, orjson.JSONDecodeError):
        return int(orjson.loads(Path(f"{target}.progress").read_bytes())["lines"])
    return 0


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--lines", type=int, default=50_000)
    count = parser.parse_args().lines
    with tempfile.TemporaryDirectory() as name:
        source, target = Path(name) / "in.jsonl", Path(name) / "out.jsonl"
        write(source, count)
        first = run(source, target, lambda: reached(target) >= count // 2)
        done = reached(target)
        second = run(source, target, lambda: False)
        with target.open("rb") as labelled:
            found = [orjson.loads(line)["id"] for line in labelled]
        megabytes = source.stat().st_size / 1e6, target.stat().st_size / 1e6
    if first.code != -signal.SIGKILL or second.code != 0:
        raise SystemExit(f"ended with {first.code} and {second.code}: {second.shown}")
    if found != [str(number) for number in range(count)]:
        raise SystemExit(f"{len(found):,} lines of {count:,}, or not in their order")
    print(machine())
    print(f"{count:,} lines, {megabytes[0]:.1f} MB in, {megabytes[1]:.1f} MB out")
    print(f"shown last before the kill: {first.shown}\n")
    rows = [("until kill -9", done, first), ("gone on to the end", count - done, second)]
    table(
        ("", "lines", "seconds", "lines/s", "memory at most, MB"),
        [
            (title, f"{n:,}", f"{ran.seconds:.0f}", f"{n / ran.seconds:,.0f}", f"{ran.peak_mb:.0f}")
            for title, n, ran in rows
        ],
    )
    print(f"\nevery line is there once, in its place: {len(found):,}")


if __name__ == "__main__":
    main()

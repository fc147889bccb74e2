"""Import of a file of reviews into `heedful up` on its embedded log: rows a second, and memory.

Four runs on one file, each text in it once: a dry run of the command (reading and converting
alone), the same of the rows as Excel, the command, and `POST /v1/imports`. All services run, so nlp
labels what came in meanwhile and takes what it can of the cores; `--ingest-alone` leaves it out.
Memory is the peak of resident memory, of the command and of the process that takes the rows; the
CPU time of a row is the same on a machine that has other work.

    python benchmarks/importing.py --rows 100000
"""

import argparse
import csv
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx
import openpyxl

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.support import BIN, cpu_s, free_port, machine, process, table
from heedful.cli.postgres import embedded_postgres

KEY = "benchmark"
HEAD = ("评价ID", "门店", "评价内容", "评价时间", "星级", "手机号")
WORDS = "等了两个小时也没有人理我，服务员态度很差，菜也是凉的，下次不会再来了，第{}次"


@dataclass(frozen=True, slots=True)
class Used:
    """What a process has used: seconds of processors, and the peak of its resident memory."""

    cpu_s: float
    peak_mb: float


@dataclass(frozen=True, slots=True)
class Run:
    """`command` and `server` are None of who took no part."""

    name: str
    rows: int
    seconds: float
    command: Used | None = None
    server: Used | None = None

    def cells(self) -> tuple[str, ...]:
        found = [self.name, f"{self.rows / self.seconds:,.0f}", f"{self.seconds:.1f}"]
        for one in (self.command, self.server):
            found += ["", ""] if one is None else [
                f"{one.cpu_s / self.rows * 1e6:,.0f}", f"{one.peak_mb:.0f}"
            ]  # fmt: skip
        return tuple(found)


def row(number: int) -> tuple[str, ...]:
    return (
        f"r{number}",
        f"{number % 50}号店",
        WORDS.format(number),
        f"2026/{number % 10 + 1}/{number % 28 + 1} {number % 24}:{number % 60:02}",
        str(number % 5 + 1),
        f"139{number:08}",
    )


def write_csv(path: Path, rows: int) -> None:
    with path.open("w", encoding="gb18030", newline="") as file:
        csv.writer(file).writerows([HEAD, *map(row, range(rows))])


def write_excel(path: Path, rows: int) -> None:
    book: Any = openpyxl.Workbook(write_only=True)
    sheet: Any = book.create_sheet()
    for one in (HEAD, *map(row, range(rows))):
        sheet.append(one)
    book.save(path)


def run_command(name: str, file: Path, rows: int, *arguments: str) -> Run:
    """One `heedful import`."""
    command = [str(BIN / "heedful"), "import", str(file), "--channel", "review", *arguments]
    started = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as child:
        _, status, used = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise SystemExit(f"{command} ended with {child.returncode}")
    seconds = time.perf_counter() - started
    spent = Used(used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)
    return Run(name, rows, seconds, command=spent)


def upload(name: str, file: Path, rows: int, url: str) -> Run:
    """One `POST /v1/imports`, to its end."""
    started = time.perf_counter()
    with httpx.Client(base_url=url, headers={"X-API-Key": KEY}, timeout=120) as client:
        with file.open("rb") as content:
            answer = client.post(
                "/v1/imports",
                data={"source": "upload", "channel": "review"},
                files={"file": (file.name, content)},
            )
        if answer.status_code != 202:
            raise SystemExit(f"the upload was answered {answer.status_code}: {answer.text}")
        while (found := client.get(answer.headers["location"]).json())["ended_at"] is None:
            time.sleep(0.2)
    if found["rows"]["imported"] != rows:
        raise SystemExit(f"not every row is in: {found}")
    return Run(name, rows, time.perf_counter() - started)


def peak_mb(pid: int) -> float:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    raise SystemExit("this system does not tell the peak of a process")


def beside(pid: int, send: Callable[[], Run]) -> Run:
    """A run, with what the server has used for it."""
    # The peak counts from now on (proc(5), clear_refs).
    Path(f"/proc/{pid}/clear_refs").write_text("5")
    before = cpu_s(pid)
    found = send()
    return replace(found, server=Used(cpu_s(pid) - before, peak_mb(pid)))


def measure(options: argparse.Namespace, folder: Path) -> Sequence[Run]:
    rows: int = options.rows
    flat, excel = folder / "reviews.csv", folder / "reviews.xlsx"
    write_csv(flat, rows)
    write_excel(excel, rows)
    dry = ("--source", "dry", "--dry-run")
    runs = [
        run_command("dry run, CSV", flat, rows, *dry),
        run_command("dry run, Excel", excel, rows, *dry),
    ]
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    command = ["heedful-ingest"] if options.ingest_alone else ["heedful", "up", "--log-file", "-"]
    with embedded_postgres(folder / "postgres") as database:
        env = {
            "HEEDFUL_DATA_DIR": str(folder / "data"),
            "HEEDFUL_DATABASE_URL": database,
            "HEEDFUL_API_KEYS": f"benchmark:{KEY}:*",
            "HEEDFUL_HTTP__PORT": str(port),
        }
        command[0] = str(BIN / command[0])
        with process(command, env, f"{url}/readyz", folder / "log") as server:
            given = ("--source", "command", "--yes", "--url", url, "--key", KEY)
            ways: Sequence[Callable[[], Run]] = (
                lambda: run_command("heedful import", flat, rows, *given),
                lambda: upload("POST /v1/imports", flat, rows, url),
            )
            runs += [beside(server.pid, send) for send in ways]
    return runs


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--ingest-alone", action="store_true", help="without the other services")
    options = parser.parse_args()
    print(machine())
    with tempfile.TemporaryDirectory() as folder:
        runs = measure(options, Path(folder))
    heading = ["", "rows/s", "seconds"]
    for who in ("command", "heedful"):
        heading += [f"{who}: CPU µs/row", f"{who}: peak MB"]
    table(heading, [one.cells() for one in runs])


if __name__ == "__main__":
    main()

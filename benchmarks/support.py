"""What the benchmarks share: a broker, topics, processes, figures, tables. Not a benchmark."""

import asyncio
import contextlib
import os
import platform
import signal
import socket
import statistics
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import psutil
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

BIN = Path(sys.executable).parent
READY_S = 60.0
STOP_S = 45.0
PREFIX = "HEEDFUL_"
NO_QUOTA = {
    f"HEEDFUL_QUOTA__{whose}_{what}_PER_SECOND": "0"
    for whose in ("KEY", "TENANT")
    for what in ("REQUESTS", "ITEMS")
}
"""What is measured is what a process can take, not what a key may."""
_LOG_LINES = 15


@contextlib.contextmanager
def broker() -> Iterator[str]:
    """Bootstrap servers of a real Apache Kafka; `tests.kafka_broker` says where it is looked for.

    Raises:
        SystemExit: there is none.
    """
    import pytest  # its skip is how the tests say that there is none

    from tests.kafka_broker import running_broker

    try:
        with running_broker() as bootstrap:
            yield bootstrap
    except pytest.skip.Exception as error:
        raise SystemExit(str(error)) from error


def create_topic(bootstrap: str, name: str, partitions: int) -> None:
    """Create a topic; one that is there stays as it is."""

    async def run() -> None:
        admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
        await admin.start()
        try:
            if name not in await admin.list_topics():
                await admin.create_topics([NewTopic(name, partitions, 1)])
        finally:
            await admin.close()

    asyncio.run(run())


def delete_topic(bootstrap: str, name: str) -> None:
    async def run() -> None:
        admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
        await admin.start()
        try:
            await admin.delete_topics([name])
        finally:
            await admin.close()

    asyncio.run(run())


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextlib.contextmanager
def process(
    command: Sequence[str], env: Mapping[str, str], url: str | None, log: Path | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a process until the block ends; waits until `url` answers 200.

    Args:
        env: beside our own environment, which is cleaned of every HEEDFUL_ variable.
        log: takes its output; nothing keeps it otherwise.

    Raises:
        SystemExit: it ended, or was not ready in time.
    """
    clean = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    with contextlib.ExitStack() as stack:
        output = subprocess.DEVNULL if log is None else stack.enter_context(log.open("ab"))
        started = subprocess.Popen(
            list(command), env={**clean, **env}, stdout=output, stderr=output
        )
        try:
            if url is not None:
                _wait(started, url, log)
            yield started
        finally:
            started.send_signal(signal.SIGTERM)
            try:
                started.wait(STOP_S)
            except subprocess.TimeoutExpired:
                started.kill()
                started.wait()


def _wait(started: subprocess.Popen[bytes], url: str, log: Path | None) -> None:
    deadline = time.monotonic() + READY_S
    while time.monotonic() < deadline:
        if started.poll() is not None:
            raise SystemExit(f"{started.args!r} ended with {started.returncode}\n{_tail(log)}")
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310  # our own URL
                if answer.status == 200:
                    return
        except (urllib.error.URLError, TimeoutError, ConnectionError):
            time.sleep(0.1)
    raise SystemExit(f"{url} was not ready within {READY_S:g} s\n{_tail(log)}")


def _tail(log: Path | None) -> str:
    if log is None:
        return ""
    return "\n".join(log.read_text(errors="replace").splitlines()[-_LOG_LINES:])


def cpu_s(pid: int) -> float:
    """CPU seconds of a process until now (proc(5): fields 14 and 15 of stat)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def postgres_cpu_s(data_dir: Path) -> float:
    """CPU seconds of the embedded server of a data folder until now, with all of its processes."""
    started = (data_dir / "postgres" / "postmaster.pid").read_text().split()[0]
    server = psutil.Process(int(started))
    times = server.cpu_times()
    # A process that has ended is in the sum of the children.
    total = times.user + times.system + times.children_user + times.children_system
    for child in server.children():
        with contextlib.suppress(psutil.NoSuchProcess):
            spent = child.cpu_times()
            total += spent.user + spent.system
    return float(total)


def percentile(values: Sequence[float], percent: float) -> float:
    """By nearest rank; nan of nothing."""
    if not values:
        return float("nan")
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))]


def median(values: Sequence[float]) -> float:
    return statistics.median(values)


def spread(values: Sequence[float], digits: int = 0) -> str:
    return f"{min(values):,.{digits}f}-{max(values):,.{digits}f}"


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print a Markdown table."""
    lines = (header, *rows)
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    for index, line in enumerate(lines):
        cells = (cell.ljust(width) for cell, width in zip(line, widths, strict=True))
        print("| " + " | ".join(cells) + " |")
        if index == 0:
            print("|" + "|".join("-" * (width + 2) for width in widths) + "|")


def machine() -> str:
    """Processor, cores and load, for the line above a table."""
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    return (
        f"{_processor()}, {os.cpu_count()} cores, load average {load},"
        f" Python {sys.version.split()[0]}"
    )


def _processor() -> str:
    """Its name, and whether it has VNNI, which 8-bit models run faster with."""
    try:
        said = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        return platform.processor() or platform.machine()
    found = {
        name.strip(): value for name, _, value in (x.partition(": ") for x in said.split("\n"))
    }
    vnni = any(flag.endswith("vnni") for flag in found.get("flags", "").split())
    return f"{found.get('model name', platform.machine())} {'with' if vnni else 'without'} VNNI"

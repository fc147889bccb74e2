"""What the benchmarks share: a broker, processes, a load generator, tables. Not a benchmark."""

import asyncio
import contextlib
import os
import signal
import socket
import statistics
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import httptools

BIN = Path(sys.executable).parent
READY_S = 60.0
STOP_S = 30.0
PREFIX = "HEEDFUL_"


@contextlib.contextmanager
def broker() -> Iterator[str]:
    """Bootstrap servers of `HEEDFUL_TEST_KAFKA`, or of a broker of our own."""
    given = os.environ.get("HEEDFUL_TEST_KAFKA")
    if given:
        yield given
        return
    from tests.kafka_broker import running_broker  # needs Java; only where no broker is given

    with running_broker() as bootstrap:
        yield bootstrap


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextlib.contextmanager
def process(
    command: Sequence[str], env: Mapping[str, str], url: str, log: Path | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a server until the block ends; waits until `url` answers 200."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    output = log.open("ab") if log is not None else subprocess.DEVNULL
    started = subprocess.Popen(
        list(command), env={**clean, **env}, stdout=output, stderr=output
    )
    try:
        _wait(started, url)
        yield started
    finally:
        started.send_signal(signal.SIGTERM)
        try:
            started.wait(STOP_S)
        except subprocess.TimeoutExpired:
            started.kill()
            started.wait()


def _wait(started: subprocess.Popen[bytes], url: str) -> None:
    deadline = time.monotonic() + READY_S
    while time.monotonic() < deadline:
        if started.poll() is not None:
            raise SystemExit(f"{started.args!r} ended with {started.returncode}")
        try:
            with urllib.request.urlopen(url, timeout=2) as answer:  # noqa: S310  # our own URL
                if answer.status == 200:
                    return
        except (urllib.error.URLError, TimeoutError, ConnectionError):
            time.sleep(0.1)
    raise SystemExit(f"{url} was not ready within {READY_S:g} s")


@dataclass
class Load:
    """What a load generator saw."""

    seconds: float = 0.0
    latencies: list[float] = field(default_factory=list)
    statuses: dict[int, int] = field(default_factory=dict)

    @property
    def rate(self) -> float:
        return len(self.latencies) / self.seconds if self.seconds else 0.0

    def percentile(self, percent: float) -> float:
        return percentile(self.latencies, percent)


class _Connection(asyncio.Protocol):
    """One request after the other on one connection."""

    def __init__(self, make: Callable[[], bytes], load: Load, until: float, warm: float) -> None:
        self._make = make
        self._load = load
        self._until = until
        self._warm = warm
        self._parser = httptools.HttpResponseParser(self)
        self._sent_at = 0.0
        self._transport: asyncio.Transport | None = None
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._send()

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.done.done():
            self.done.set_result(None)

    def on_message_complete(self) -> None:
        now = time.perf_counter()
        if self._sent_at >= self._warm:
            status = self._parser.get_status_code()
            self._load.latencies.append(now - self._sent_at)
            self._load.statuses[status] = self._load.statuses.get(status, 0) + 1
        self._parser = httptools.HttpResponseParser(self)
        # Not from inside the parser's own call.
        asyncio.get_running_loop().call_soon(self._send)

    def _send(self) -> None:
        assert self._transport is not None
        now = time.perf_counter()
        if now >= self._until:
            self._transport.close()
            return
        self._sent_at = now
        self._transport.write(self._make())


async def generate(
    port: int, make: Callable[[], bytes], concurrency: int, seconds: float, warm_s: float
) -> Load:
    """Keep `concurrency` connections busy; requests of the first `warm_s` do not count."""
    load = Load()
    started = time.perf_counter()
    warm, until = started + warm_s, started + warm_s + seconds
    loop = asyncio.get_running_loop()
    connections = [
        await loop.create_connection(
            lambda: _Connection(make, load, until, warm), "127.0.0.1", port
        )
        for _ in range(concurrency)
    ]
    await asyncio.gather(*(protocol.done for _, protocol in connections))
    load.seconds = seconds
    return load


def request(path: str, body: bytes, headers: Mapping[str, str]) -> bytes:
    """The bytes of one POST."""
    lines = [f"POST {path} HTTP/1.1", "Host: benchmark", "Content-Type: application/json"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def percentile(values: Sequence[float], percent: float) -> float:
    """By nearest rank; nan of nothing."""
    if not values:
        return float("nan")
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))]


def median(values: Sequence[float]) -> float:
    return statistics.median(values)


def spread(values: Sequence[float]) -> str:
    return f"{min(values):,.0f}-{max(values):,.0f}"


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print a Markdown table."""
    widths = [max(len(row[column]) for row in (header, *rows)) for column in range(len(header))]
    for index, row in enumerate((header, *rows)):
        print("| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths)) + " |")
        if index == 0:
            print("|" + "|".join("-" * (width + 2) for width in widths) + "|")


def machine() -> str:
    """Cores and load, for the line above a table."""
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    return f"{os.cpu_count()} cores, load average {load}, Python {sys.version.split()[0]}"

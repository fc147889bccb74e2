"""How long the server takes for each page of the console, and for the parts that come after it.

    python benchmarks/console_pages.py --data /tmp/heedful-pages

The first run fills the folder: `heedful up` takes in the example feedback, people work on its
cases (benchmarks/console_seed.py), and everything is copied until there are `--feedback` items and
`--open-cases` open cases (benchmarks/console_data.py); later runs find it there. Then `heedful up`
serves it, somebody signs in, and each page and part is asked one after the other, of objects drawn
at random. A figure is the time from the request to the whole answer over a connection that is kept
open. Beside it stand the processor time that an answer took, the slowest request to a service on
the way, by that service's own metric, and the slowest of the probes that were sent to `/livez`
meanwhile: what blocks the process shows there.
"""

import argparse
import re
import sys
import threading
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import httpx

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.console_asked import Asked, pages
from benchmarks.console_data import many
from benchmarks.console_seed import seed
from benchmarks.console_server import CSRF, Server, api, browser, up
from benchmarks.support import machine, percentile, table

_FILLED: Final = "filled"
_WARM: Final = 3
_PROBE_S: Final = 0.05
_SERVED: Final = re.compile(
    r'heedful_http_request_seconds_(sum|count)\{method="(\w+)",route="(/v1/[^"]*)"\} (\S+)'
)

Served = dict[str, tuple[float, float]]


@dataclass
class Took:
    """Seconds of each answer, the slowest mean of a route of a service, the slowest probe.

    Attributes:
        failed: answers that were errors, by status.
        cpu: seconds of heedful and of PostgreSQL an answer, with the probes and whatever else
            they did meanwhile.
    """

    seconds: list[float] = field(default_factory=list)
    failed: Counter[int] = field(default_factory=Counter)
    cpu: tuple[float, ...] = ()
    upstream: tuple[str, float] = ("", 0.0)
    probe: float = 0.0


def measure(server: Server, client: httpx.Client, what: Asked, rounds: int) -> Took:
    took, rounds, url = Took(), what.rounds or rounds, server.url
    for number in range(-_WARM if what.rounds is None else -1, rounds):
        if number == 0:
            before, probes, spent = served(url), Probes(url), server.cpu
        path = what.paths[number % len(what.paths)]
        began = time.perf_counter()
        if what.form:
            answer = client.post(path, data=what.form[number % len(what.form)])
        else:
            answer = client.get(path)
        seconds = time.perf_counter() - began
        if number >= 0:
            took.seconds.append(seconds)
            if answer.is_error:
                took.failed[answer.status_code] += 1
    took.probe = probes.end()
    took.cpu = tuple((now - then) / rounds for then, now in zip(spent, server.cpu, strict=True))
    took.upstream = slowest(before, served(url))
    return took


class Probes(threading.Thread):
    """Asks /livez all the time, on a connection of its own."""

    def __init__(self, url: str) -> None:
        super().__init__(daemon=True)
        self._url = url
        self._ended = threading.Event()
        self._slowest = 0.0
        self.start()

    def run(self) -> None:
        with httpx.Client(base_url=self._url, timeout=60, trust_env=False) as client:
            client.get("/livez")
            while not self._ended.wait(_PROBE_S):
                began = time.perf_counter()
                client.get("/livez")
                self._slowest = max(self._slowest, time.perf_counter() - began)

    def end(self) -> float:
        """Seconds of the slowest."""
        self._ended.set()
        self.join()
        return self._slowest


def served(url: str) -> Served:
    """Of each route of the services, how often and for how many seconds it was asked."""
    sums: dict[str, dict[str, float]] = {}
    for kind, method, route, value in _SERVED.findall(
        httpx.get(f"{url}/metrics", trust_env=False).text
    ):
        sums.setdefault(f"{method} {route}", {})[kind] = float(value)
    return {route: (one["count"], one["sum"]) for route, one in sums.items()}


def slowest(before: Served, after: Served) -> tuple[str, float]:
    """The route that took longest on the average, and its mean."""
    means = {}
    for route, (count, total) in after.items():
        was = before.get(route, (0.0, 0.0))
        if count > was[0]:
            means[route] = (total - was[1]) / (count - was[0])
    return max(means.items(), key=lambda one: one[1], default=("", 0.0))


def report(found: Mapping[str, Took]) -> None:
    def ms(seconds: float) -> str:
        return f"{1000 * seconds:,.0f}"

    rows = [
        (
            name,
            ", ".join([str(len(took.seconds)), *(f"{n} × {x}" for x, n in took.failed.items())]),
            *(ms(percentile(took.seconds, q)) for q in (50, 95, 99)),
            " + ".join(map(ms, took.cpu)),
            f"{took.upstream[0]} {ms(took.upstream[1])}".strip() if took.upstream[0] else "-",
            ms(took.probe),
        )
        for name, took in found.items()
    ]
    header = (
        "",
        "asked",
        "p50 ms",
        "p95 ms",
        "p99 ms",
        "CPU ms",
        "slowest service, mean ms",
        "/livez max ms",
    )
    table(header, rows)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True, help="a folder that is kept")
    parser.add_argument("--feedback", type=int, default=1_000_000)
    parser.add_argument("--open-cases", type=int, default=50_000)
    parser.add_argument("--embedded", type=float, default=1.0, help="share with an embedding")
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument(
        "--fast", action="store_true", help="leave out parts that read a whole period"
    )
    parser.add_argument("--only", default="", help="pages whose name has this in it")
    given = parser.parse_args()
    given.data.mkdir(parents=True, exist_ok=True)
    if not (given.data / _FILLED).exists():
        seed(given.data)
        many(given.data, given.feedback, given.open_cases, given.embedded)
        (given.data / _FILLED).touch()
    found = {}
    with (
        up(given.data) as server,
        browser(server.url, given.data) as client,
        api(server.url) as services,
    ):
        print(machine())
        csrf = CSRF.search(client.get("/board").text)
        assert csrf is not None
        for one in pages(services, csrf[1]):
            if given.only in one.name and not (given.fast and one.is_slow):
                found[one.name] = measure(server, client, one, given.rounds)
                took = found[one.name]
                p50 = percentile(took.seconds, 50)
                print(one.name, f"{p50:.3f} s, CPU", took.cpu, file=sys.stderr, flush=True)
        print(machine())
    report(found)


if __name__ == "__main__":
    main()

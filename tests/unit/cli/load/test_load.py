"""`heedful load` against a server of the test, on a loop whose clock runs without waiting."""

import asyncio
import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import pytest
from click.testing import CliRunner, Result

from heedful.cli.load import command
from heedful.cli.load.connection import Lost, OnAnswer, Target
from heedful.cli.load.histogram import Histogram
from heedful.cli.load.items import mixture
from heedful.cli.load.outcome import judged
from heedful.cli.load.running import Limits, Run, Sample, Tally
from heedful.cli.load.schedule import phases, schedule
from heedful.cli.load.sending import Answer, OpenLoop, Request
from tests.unit.cli.load.clock import busy, timed


@dataclass
class _Server:
    """Answers each request so many seconds later; nothing goes over a wire.

    Attributes:
        takes: seconds for a request that comes at a time; None: it never answers.
        most: connections that were open at one time.
    """

    takes: Callable[[float], float | None]
    status: int = 202
    requests: list[bytes] = field(default_factory=list)
    refuses: bool = False
    open: int = 0
    most: int = 0

    async def connect(self, on_answer: OnAnswer) -> "_Wire":
        if self.refuses:
            raise ConnectionRefusedError
        self.open += 1
        self.most = max(self.most, self.open)
        return _Wire(self, on_answer)

    def request(self, path: str, body: bytes, *_: object) -> bytes:
        return path.encode() + b" " + body


class _Wire:
    usable = True

    def __init__(self, server: _Server, on_answer: OnAnswer) -> None:
        self._server, self._on_answer = server, cast("Any", on_answer)
        self._loop = asyncio.get_running_loop()
        self.closed: asyncio.Future[None] = self._loop.create_future()

    def send(self, request: bytes) -> None:
        self._server.requests.append(request)
        takes = self._server.takes(self._loop.time())
        if takes is not None:
            self._loop.call_later(takes, self._on_answer, self, self._server.status, b"")

    def give_up(self) -> None:
        self.usable = False
        self._on_answer(self, Lost.TIMEOUT, b"")

    def close(self) -> None:
        if not self.closed.done():
            self._server.open -= 1
            self.closed.set_result(None)


def played(
    server: _Server, due: list[float], connections: int = 1000, timeout: float = 30
) -> list[Answer[int]]:
    found: list[Answer[int]] = []

    async def run() -> None:
        target = cast("Target", server)
        loop = OpenLoop[int](target, found.append, connections, timeout)
        await loop.run(Request(at, lambda: b"x", n) for n, at in enumerate(due))

    timed(run())
    return found


def latencies(answers: list[Answer[int]]) -> dict[int, float]:
    return {one.about: round(one.answered - one.due, 6) for one in answers}


def stalled(until: float) -> Callable[[float], float]:
    return lambda now: max(until - now, 0.0) + 0.01


def test_a_stall_shows_in_every_request_that_was_due_in_it() -> None:
    # Ten a second; the server takes nothing for the first five seconds.
    seen = latencies(played(_Server(stalled(5)), [n / 10 for n in range(100)]))
    assert [seen[n] for n in (0, 10, 49, 60)] == pytest.approx([5.01, 4.01, 0.11, 0.01])
    times = Histogram(seen.values())
    # A closed loop would have sent one request in the stall and shown it in none of these.
    assert times.percentile(50) == pytest.approx(0.06, abs=0.06)
    assert times.percentile(75) == pytest.approx(2.51, rel=0.01)


def test_a_late_answer_delays_no_later_request() -> None:
    server = _Server(lambda now: 100 if now == 0 else 0.01)
    seen = played(server, [0, 1, 2], timeout=200)
    assert {one.about: one.taken for one in seen} == pytest.approx({0: 0, 1: 1, 2: 2})
    assert server.most == 2


def test_waiting_for_a_connection_counts_and_is_told() -> None:
    server = _Server(lambda _: 1)
    seen = played(server, [0, 0.1, 0.2], connections=1)
    assert latencies(seen) == pytest.approx({0: 1, 1: 1.9, 2: 2.8})
    assert {one.about: one.held for one in seen} == {0: False, 1: True, 2: True}
    assert server.most == 1


def test_every_request_has_one_end_whatever_the_server_does() -> None:
    assert [one.status for one in played(_Server(lambda _: None), [0, 1], timeout=3)] == [
        Lost.TIMEOUT,
        Lost.TIMEOUT,
    ]
    refused = played(_Server(lambda _: 0, refuses=True), [0, 1])
    assert [one.status for one in refused] == [Lost.REFUSED, Lost.REFUSED]
    # What waits for a connection that never comes free is given up, too.
    queued = played(_Server(lambda _: None), [0, 1, 2], connections=1, timeout=3)
    assert Counter(one.status for one in queued) == {Lost.TIMEOUT: 3}


def outcome_of(server: _Server, batch: int = 1, connections: int = 100) -> Tally:
    plan = phases(10, 5, 2, None)
    tally = Tally.of(plan)
    limits = Limits(connections, 300, None)
    run = Run(cast("Target", server), "key", batch, mixture("r", 0.1), limits)
    timed(run.go(schedule(plan, None), tally, None, lambda _: None))
    return tally


def test_figures_count_from_when_a_request_was_due() -> None:
    # Ten a second on one connection that serves one a second: the last waits for the fifty before.
    tally = outcome_of(_Server(lambda _: 1), connections=1)
    steady = tally.outcomes(7)[1]
    assert steady.latency.max == pytest.approx(53_000, rel=0.03)
    assert tally.held == 59
    # It was always the server that was late.
    assert tally.lag.max == pytest.approx(0, abs=1e-6)


def test_the_generators_own_lateness_is_told_apart() -> None:
    class Slow(_Server):
        def request(self, path: str, body: bytes, *_: object) -> bytes:
            busy(0.2)
            return b""

    tally = outcome_of(Slow(lambda _: 0.01))
    assert tally.lag.percentile(99) > 4
    assert judged(tally.lag, 0.05)


def test_phases_count_apart_and_failures_by_what_came_instead() -> None:
    tally = outcome_of(_Server(lambda _: 0.02, status=503))
    ramp, steady = tally.outcomes(7)
    assert (steady.requests, steady.offered, steady.answered) == (50, 10, 0)
    assert steady.failures == {"503": 50}
    assert ramp.failures == {"503": 10}
    assert steady.latency.count == 0


def test_a_run_that_was_cut_short_has_the_rate_of_what_was_played() -> None:
    server = _Server(lambda _: 0.02)
    plan = phases(10, 100, 0, None)
    tally = Tally.of(plan)
    run = Run(cast("Target", server), "key", 1, mixture("r", 0), Limits(100, 30, None))

    def started(sending: OpenLoop[Any]) -> None:
        asyncio.get_running_loop().call_later(4, sending.end)

    timed(run.go(schedule(plan, None), tally, None, started))
    (steady,) = tally.outcomes(4)
    assert (steady.seconds, steady.offered, steady.items) == (4, 10, 10)


def test_batches_go_as_lines_with_ids_and_texts_of_their_own() -> None:
    server = _Server(lambda _: 0.02)
    tally = outcome_of(server, batch=5)
    assert tally.outcomes(7)[1].items == 50
    lines = [
        json.loads(line)
        for one in server.requests
        for line in one.removeprefix(b"/v1/feedback/batch ").splitlines()
    ]
    assert len({one["id"] for one in lines}) == len({one["text"] for one in lines}) == 300
    red = [one for one in lines if "-red-" in one["id"]]
    assert len(red) == 30
    assert len({one["conversation_id"] for one in red}) == 30


def test_alarming_items_are_followed_as_often_as_others() -> None:
    sample, items = Sample(2.0), mixture("r", 0.25)
    # One request a second, of which every fourth is alarming.
    followed = [sample.chosen([next(items)], float(second)) for second in range(16)]
    kinds = [None if one is None else one.alarming for one in followed]
    assert kinds.count(True) == 4
    assert kinds.count(False) == 8
    assert Sample(None).chosen([next(items)], 0) is None


def test_a_generator_that_was_late_makes_the_run_invalid() -> None:
    late = Histogram([0.001] * 980 + [0.4] * 20)
    assert judged(late, 0.5) == []
    assert "1 % of the requests by more than 40" in judged(late, 0.05)[0]


def invoked(url: str, *arguments: str) -> Result:
    return CliRunner().invoke(
        command.load_command, ["--url", url, "--key", "k", "--ramp", "0", *arguments]
    )


def test_the_command_tells_what_failed_and_writes_its_figures(
    tmp_path: Path, unused_tcp_port: int
) -> None:
    file = tmp_path / "load.json"
    result = invoked(
        f"http://127.0.0.1:{unused_tcp_port}", "--rate", "200", "--seconds", "0.1",
        "--max-lag", "60000", "--json", str(file),
    )  # fmt: skip
    assert result.exit_code == 0, result.output
    assert "requests failed: refused" in result.output
    told = json.loads(file.read_text())
    assert set(told["phases"][0]["failures"]) == {"refused"}
    assert told["phases"][0]["latency"]["percentiles"]["99"] is None
    assert told["invalid"] == []
    assert told["command"]["rate"] == 200


def test_wrong_options_say_what_is_right() -> None:
    assert "is not a URL like http://" in invoked("shop:8080").output
    assert "is not e.g. 10:20:5" in invoked("http://x", "--burst", "lots").output
    assert "ends after the run" in invoked("http://x", "--burst", "2:29:5").output

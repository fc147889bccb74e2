"""Posting until the log has it: patience, splitting, and what a refusal says."""

from collections.abc import Callable
from datetime import UTC, datetime

import httpx
import orjson
import pytest

from heedful.cli.posting import (
    PATIENCE_S,
    CutOff,
    NotThere,
    Posted,
    Refused,
    Sender,
    greet,
    retry_after,
)

NOW = datetime(2026, 11, 24, 8, 15, tzinfo=UTC)
Answer = Callable[[httpx.Request], httpx.Response]


class Server:
    """Answers in turn; what it was sent is kept."""

    def __init__(self, *answers: httpx.Response | Exception) -> None:
        self.answers = list(answers)
        self.batches: list[int] = []
        self.waited: list[float] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        lines = request.content.splitlines()
        self.batches.append(len(lines))
        answer = self.answers.pop(0) if self.answers else taken(len(lines))
        if isinstance(answer, Exception):
            raise answer
        return answer

    def sender(self) -> Sender:
        client = httpx.Client(base_url="http://ingest", transport=httpx.MockTransport(self))
        return Sender(client, wait=self.waited.append, now=lambda: sum(self.waited))


def taken(count: int, status: str = "accepted") -> httpx.Response:
    items = [{"index": index, "status": status} for index in range(count)]
    return httpx.Response(202, json={"items": items})


def problem(status: int, **headers: str) -> httpx.Response:
    return httpx.Response(status, json={"detail": "why"}, headers=headers)


def items(count: int) -> list[bytes]:
    return [orjson.dumps({"id": str(number)}) for number in range(count)]


def test_nothing_is_sent_for_nothing() -> None:
    server = Server()
    assert server.sender().send([]) == []
    assert server.batches == []


def test_results_come_in_the_order_of_the_items() -> None:
    body = {"items": [{"status": "accepted"}, {"status": "conflict", "detail": "other body"}]}
    server = Server(httpx.Response(207, json=body))
    assert server.sender().send(items(2)) == [Posted("accepted"), Posted("conflict", "other body")]


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
def test_what_passes_is_waited_for(status: int) -> None:
    server = Server(problem(status), problem(status), taken(1))
    assert server.sender().send(items(1)) == [Posted("accepted")]
    assert len(server.waited) == 2


def test_a_lost_connection_is_tried_again() -> None:
    server = Server(httpx.ReadError("gone"), httpx.ConnectTimeout("late"), taken(1))
    assert server.sender().send(items(1)) == [Posted("accepted")]


def test_the_server_says_how_long() -> None:
    server = Server(problem(429, **{"Retry-After": "30"}), taken(1))
    server.sender().send(items(1))
    assert 30 <= server.waited[0] <= 33


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("7", 7),
        ("Tue, 24 Nov 2026 08:15:09 GMT", 9),
        ("Tue, 24 Nov 2026 08:00:00 GMT", 0),
        ("soon", 0),
        ("", 0),
    ],
)
def test_retry_after_is_a_number_or_a_date(said: str, seconds: float) -> None:
    found = retry_after(httpx.Response(503, headers={"Retry-After": said} if said else {}), NOW)
    assert seconds <= found <= seconds * 1.1


def test_patience_ends() -> None:
    server = Server(*[problem(503) for _ in range(1000)])
    with pytest.raises(CutOff, match="answered 503: why"):
        server.sender().send(items(1))
    assert sum(server.waited) <= PATIENCE_S


def test_who_gives_up_does_not_wait() -> None:
    sender = Server(problem(503), problem(503)).sender()
    sender.give_up()
    with pytest.raises(CutOff):
        sender.send(items(1))


def test_a_server_that_asks_for_more_than_there_is_patience() -> None:
    with pytest.raises(CutOff):
        Server(problem(429, **{"Retry-After": "86400"})).sender().send(items(1))


@pytest.mark.parametrize(
    ("status", "said"),
    [(401, "--key"), (403, "feedback:write"), (404, "--url"), (422, "why"), (301, "answered 301")],
)
def test_a_refusal_says_what_to_do(status: int, said: str) -> None:
    with pytest.raises(Refused, match=said):
        Server(problem(status)).sender().send(items(1))


def test_a_server_that_takes_less_at_once_gets_less() -> None:
    def small(request: httpx.Request) -> httpx.Response:
        count = len(request.content.splitlines())
        return problem(413) if count > 3 else taken(count)

    client = httpx.Client(base_url="http://ingest", transport=httpx.MockTransport(small))
    assert Sender(client).send(items(10)) == [Posted("accepted")] * 10


def test_an_item_that_is_too_large_alone_is_told() -> None:
    assert Server(problem(413)).sender().send(items(1)) == [Posted("invalid", "why")]


def test_a_server_that_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("heedful.cli.posting._GREET_EVERY_S", 0)
    server = Server(*[httpx.ConnectError("refused")] * 3)
    client = httpx.Client(base_url="http://ingest", transport=httpx.MockTransport(server))
    with pytest.raises(NotThere, match="heedful up"):
        greet(client)
    greet(client)

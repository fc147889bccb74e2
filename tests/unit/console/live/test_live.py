"""Pages that are kept up to date."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import orjson
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from heedful.console.live.events import HEARTBEAT, events
from heedful.console.live.feed import Feed
from heedful.console.live.listener import MOST, Listener
from heedful.console.live.streams import Streams
from heedful.console.signing import Alone, Signer
from heedful.console.upstream.caller import Caller, Credentials

NOW = datetime(2026, 11, 30, 8, tzinfo=UTC)


class Alerting:
    """Answers `/v1/cases/changes` as it is told to, one answer after another."""

    def __init__(self, *answers: tuple[int, dict[str, Any]]) -> None:
        self.answers = list(answers)
        self.requests: list[httpx2.Request] = []

    def caller(self) -> Caller:
        key = Ed25519PrivateKey.from_private_bytes(bytes(32))
        credentials = Credentials({"acme": "key"}, Signer("k", key), lambda: NOW)
        http = httpx2.AsyncClient(
            transport=httpx2.MockTransport(self._answer), base_url="http://alerting.test"
        )
        return Caller("alerting", http, credentials, Alone("acme"))

    def _answer(self, request: httpx2.Request) -> httpx2.Response:
        self.requests.append(request)
        status, body = self.answers.pop(0)
        return httpx2.Response(status, content=orjson.dumps(body))


def _changes(position: str, *items: tuple[str, int], more: bool = False) -> tuple[int, Any]:
    found = [{"id": name, "sequence": sequence} for name, sequence in items]
    return 200, {"items": found, "position": position, "more": more}


async def test_every_page_is_told_what_one_question_found() -> None:
    alerting = Alerting(_changes("p1"), _changes("p2", ("c1", 3), ("c2", 1)))
    feed = Feed(alerting.caller())
    pages = [Listener(), Listener()]
    feed.listeners.update(pages)
    await feed.step()
    await feed.step()
    assert [await one.next(0) for one in pages] == [{"c1": 3, "c2": 1}] * 2
    assert await pages[0].next(0) is None, "nothing is told twice"
    assert [one.url.params.get("after") for one in alerting.requests] == [None, "p1"]


async def test_the_console_asks_as_a_machine() -> None:
    alerting = Alerting(_changes("p1"))
    await Feed(alerting.caller()).step()
    (request,) = alerting.requests
    assert request.headers["x-api-key"] == "key"
    assert "x-actor-token" not in request.headers


async def test_what_is_left_is_asked_for_at_once_and_a_service_that_is_away_later() -> None:
    alerting = Alerting(_changes("p1", more=True), (503, {}), _changes("p2", ("c1", 1)))
    feed = Feed(alerting.caller())
    page = Listener()
    feed.listeners.add(page)
    assert await feed.step() == 0
    assert await feed.step() == 5
    assert await feed.step() == 1
    assert await page.next(0) == {"c1": 1}, "nothing was missed"
    assert alerting.requests[-1].url.params["after"] == "p1"


async def test_after_a_restored_database_anything_may_have_changed() -> None:
    bad = {"type": "https://heedful.dev/problems/bad-position"}
    alerting = Alerting(_changes("p1"), (400, bad), _changes("q1"))
    feed = Feed(alerting.caller())
    page = Listener()
    feed.listeners.add(page)
    for _ in range(3):
        await feed.step()
    assert await page.next(0) == {}
    assert "after" not in alerting.requests[-1].url.params


async def test_a_page_that_is_not_read_keeps_no_more_than_its_bound() -> None:
    page = Listener()
    page.tell((str(one), 1) for one in range(MOST + 1))
    assert await page.next(0) == {}, "any may have changed"


async def test_pages_are_bounded_and_closing_ends_them() -> None:
    alerting = Alerting(*[_changes("p")] * 9)
    streams = Streams(lambda _: alerting.caller(), most=1)
    with streams.listen("acme") as page:
        assert streams.full
        await asyncio.sleep(0)
        streams.close()
        assert page.ended
    assert streams.full, "nobody is let in any more"


async def _lines(*listened: Any, holds: bool = True) -> AsyncIterator[bytes]:
    async def still() -> bool:
        return holds

    class Told(Listener):
        async def next(self, seconds: float) -> Any:
            assert seconds == HEARTBEAT.total_seconds()
            if not rest:
                self.end()
                return None
            return rest.pop(0)

    rest, times = list(listened), iter(NOW + n * timedelta(seconds=1) for n in range(99))
    async for one in events(Told(), still, lambda: next(times)):
        yield one


async def test_changes_are_events_and_silence_a_comment() -> None:
    found = [one async for one in _lines({"c1": 3}, None)]
    assert found == [
        b"retry: 3000\n\n",
        b'event: changed\ndata: [["c1",3]]\n\n',
        b": still here\n\n",
    ]


async def test_a_stream_ends_with_its_session() -> None:
    found = [one async for one in _lines({"c1": 3}, None, {"c1": 4}, holds=False)]
    assert found[-1].startswith(b"event: changed")
    assert len(found) == 2

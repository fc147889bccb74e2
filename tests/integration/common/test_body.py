"""How a body may arrive: packed, slowly, in parts."""

import asyncio
import gzip
import os
import zlib
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import httpx
import pytest

from heedful.common.http.body import Body, BodyLimits
from heedful.common.http.json_body import MAX_DEPTH
from heedful.common.serve import build_app
from heedful.common.service import Platform
from tests.integration.common.world import Order, Shop, client_of, post, problem, replayed
from tests.integration.conftest import API_KEY

LIMIT = 200_000
RATIO = 50
BODY = b'{"note":"a"}'


def with_http(platform: Platform, **changes: float) -> Platform:
    http = platform.settings.http.model_copy(
        update={"max_body_bytes": LIMIT, "max_unpacked_ratio": RATIO, **changes}
    )
    return replace(platform, settings=platform.settings.model_copy(update={"http": http}))


@pytest.fixture
async def client(platform: Platform, shop: Shop) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(with_http(platform), [shop.service()]) as made:
        made.headers["content-type"] = "application/json"
        yield made


def padded(size: int) -> bytes:
    """An order of this many bytes, which pack to next to nothing."""
    return BODY + b" " * (size - len(BODY))


def raw_deflate(body: bytes) -> bytes:
    made = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return made.compress(body) + made.flush()


async def send(client: httpx.AsyncClient, body: Any, coding: str) -> httpx.Response:
    return await client.post("/v1/orders", content=body, headers={"Content-Encoding": coding})


GZIPPED = gzip.compress(BODY, mtime=0)
"""Without the time: test ids are made of it, and workers must collect the same ones."""


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        ("gzip", GZIPPED),
        ("GZIP", GZIPPED),
        ("x-gzip", GZIPPED),
        ("deflate", zlib.compress(BODY)),
        ("identity", BODY),
        ("", BODY),
    ],
)
async def test_a_packed_body_is_opened(
    client: httpx.AsyncClient, shop: Shop, coding: str, body: bytes
) -> None:
    assert (await send(client, body, coding)).status_code == 201
    assert shop.orders == [Order(note="a")]


async def test_it_may_come_in_parts_of_any_size(client: httpx.AsyncClient, shop: Shop) -> None:
    packed = gzip.compress(padded(5000))

    async def parts() -> AsyncIterator[bytes]:
        for start in range(0, len(packed), 3):
            yield packed[start : start + 3]

    assert (await send(client, parts(), "gzip")).status_code == 201
    assert shop.orders == [Order(note="a")]


@pytest.mark.parametrize("coding", ["br", "zstd", "compress", "gzip, gzip", "gzip, identity"])
async def test_another_coding_is_415_with_those_that_are_known(
    client: httpx.AsyncClient, coding: str
) -> None:
    response = await send(client, BODY, coding)
    problem(response, 415, "unknown-encoding")
    assert response.headers["accept-encoding"] == "gzip, deflate"


@pytest.mark.parametrize(
    ("coding", "body", "said"),
    [
        ("gzip", BODY, "is not gzip"),
        ("deflate", GZIPPED, "is not deflate"),
        ("deflate", raw_deflate(BODY), "is not deflate"),
        ("gzip", GZIPPED[:-3], "is cut off"),
        ("gzip", GZIPPED + b"more", "goes on after the end"),
        ("gzip", GZIPPED[:-5] + b"00000", "is not gzip"),
    ],
)
async def test_a_body_that_does_not_open_is_400(
    client: httpx.AsyncClient, shop: Shop, coding: str, body: bytes, said: str
) -> None:
    assert said in problem(await send(client, body, coding), 400, "bad-encoding")["detail"]
    assert shop.orders == []


async def test_a_body_that_grows_too_much_is_refused_before_it_has(
    client: httpx.AsyncClient, shop: Shop
) -> None:
    bomb = gzip.compress(padded(150_000))
    assert RATIO * len(bomb) < 150_000
    body = problem(await send(client, bomb, "gzip"), 413, "too-large")
    assert f"{RATIO} times" in body["detail"]
    huge = gzip.compress(b" " * 100_000_000)
    problem(await send(client, huge, "gzip"), 413, "too-large")
    assert shop.orders == []


async def test_an_opened_body_has_the_same_bound_as_a_plain_one(
    client: httpx.AsyncClient, shop: Shop
) -> None:
    noise = b'{"note":"' + os.urandom(LIMIT).hex().encode() + b'"}'
    body = problem(await send(client, gzip.compress(noise), "gzip"), 413, "too-large")
    assert str(LIMIT) in body["detail"]
    assert (await send(client, gzip.compress(padded(60_000)), "gzip")).status_code == 201


async def test_an_idempotency_key_is_of_what_was_meant_however_it_was_packed(
    client: httpx.AsyncClient, shop: Shop
) -> None:
    headers = {"Idempotency-Key": "k"}
    await client.post("/v1/orders", content=BODY, headers=headers)
    packed = {**headers, "Content-Encoding": "gzip"}
    assert replayed(await client.post("/v1/orders", content=gzip.compress(BODY), headers=packed))
    assert len(shop.orders) == 1


async def test_a_stranger_with_a_broken_body_learns_nothing_of_it(
    client: httpx.AsyncClient,
) -> None:
    client.headers["x-api-key"] = "unknown"
    for body, coding in ((b"{", ""), (b"x", "gzip"), (padded(LIMIT), "")):
        problem(await send(client, body, coding), 401, "unauthorized")


async def test_json_that_is_too_deep_is_told(client: httpx.AsyncClient) -> None:
    deep = b'{"labels":' + b"[" * MAX_DEPTH + b"]" * MAX_DEPTH + b"}"
    assert str(MAX_DEPTH) in problem(await post_raw(client, deep), 422, "too-deep")["detail"]


async def post_raw(client: httpx.AsyncClient, body: bytes) -> httpx.Response:
    return await client.post("/v1/orders", content=body)


class Slow:
    """A caller whose body comes in parts, when the test lets them come."""

    def __init__(self, platform: Platform, shop: Shop, *headers: tuple[bytes, bytes]) -> None:
        self._app = build_app(platform, [shop.service()], [], "shop")
        self._parts: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._headers = headers
        self.answer: list[Any] = []

    def give(self, body: bytes, *, more: bool) -> None:
        self._parts.put_nowait({"type": "http.request", "body": body, "more_body": more})

    async def ask(self) -> int:
        """The status of the answer."""
        scope = {
            "type": "http",
            "method": "POST",
            "path": "/v1/orders",
            "query_string": b"",
            "headers": [
                (b"content-type", b"application/json"),
                (b"x-api-key", API_KEY.encode()),
                *self._headers,
            ],
        }

        async def send(message: Any) -> None:
            self.answer.append(message)

        await self._app(scope, self._parts.get, send)
        status: int = self.answer[0]["status"]
        return status

    @property
    def headers(self) -> dict[bytes, bytes]:
        return dict(self.answer[0]["headers"])


NOW_OR_NEVER = [{"body_timeout_seconds": 0}, {"body_total_seconds": 0}]
"""What is not there yet comes too late: a pause, or all of it, has no time at all."""


@pytest.mark.parametrize("limits", NOW_OR_NEVER)
@pytest.mark.parametrize("headers", [(), ((b"idempotency-key", b"k"),)])
async def test_a_body_that_stops_coming_is_408_and_the_connection_ends(
    platform: Platform,
    shop: Shop,
    headers: tuple[tuple[bytes, bytes], ...],
    limits: dict[str, float],
) -> None:
    slow = Slow(with_http(platform, **limits), shop, *headers)
    slow.give(BODY[:4], more=True)
    assert await slow.ask() == 408
    assert slow.headers[b"connection"] == b"close"
    assert shop.orders == []
    async with client_of(platform, [shop.service()]) as client:
        assert (await post(client, "k")).status_code == 201


async def test_the_work_may_take_longer_than_the_body(platform: Platform, shop: Shop) -> None:
    slow = Slow(with_http(platform, body_timeout_seconds=0, body_total_seconds=0), shop)
    slow.give(BODY, more=False)
    shop.gate.clear()
    asked = asyncio.create_task(slow.ask())
    await shop.entered.wait()
    shop.gate.set()
    assert await asked == 201


async def test_who_waits_for_the_caller_to_leave_may_wait(platform: Platform) -> None:
    limits = replace(BodyLimits.of(platform.settings.http), pause_seconds=0, total_seconds=0)
    parts: asyncio.Queue[Any] = asyncio.Queue()
    body = Body(parts.get, limits, None)
    parts.put_nowait({"type": "http.request", "body": BODY, "more_body": False})
    await body()
    left = asyncio.create_task(body())
    await asyncio.sleep(0)
    parts.put_nowait({"type": "http.disconnect"})
    assert (await left)["type"] == "http.disconnect"

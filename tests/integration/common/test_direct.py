"""A route that is reached directly answers as FastAPI would have."""

from collections.abc import AsyncIterator
from typing import Annotated, Any

import httpx
import pytest
from fastapi import APIRouter, Depends, HTTPException, Request, Response

from heedful.common.errors import BusUnavailable
from heedful.common.http import Problem
from heedful.common.http.route import Route, shortcuts
from heedful.common.security import Principal, Scope
from heedful.common.service import Platform, Service
from tests.integration.common.world import PRIVATE, Order, client_of

JSON = {"content-type": "application/json"}
FAILURES: dict[str, Exception] = {
    "bug": LookupError(PRIVATE),
    "bus": BusUnavailable(PRIVATE),
    "connection": ConnectionResetError(PRIVATE),
    "problem": Problem(409, "sold-out", "sold out", headers={"X-Shop": "1"}, left=0),
    "http": HTTPException(418, PRIVATE),
}
BODIES = [
    b'{"note": "a"}', b'{"note": 1}', b'{"remark": "x"}', b'{"lines": ["x"]}', b"[]", b"null", b"",
    b'{"note": "', b"\xff", b"NaN", b'"' + PRIVATE.encode() + b'"', b"[" * 40 + b"]" * 40,
]  # fmt: skip
MEDIA = [
    "application/json",
    "application/cloudevents+json; charset=utf-8",
    "text/plain",
    "json",
    "",
]


@pytest.fixture
def router(platform: Platform) -> APIRouter:
    """Each route twice: the one that says nothing of its answer goes FastAPI's way."""
    routes = APIRouter(route_class=Route)
    Writer = Annotated[  # noqa: N806  # a type
        Principal, Depends(platform.auth.requires(Scope.CASES_WRITE))
    ]

    def answer(order: Order, principal: Principal) -> Response:
        if order.note in FAILURES:
            raise FAILURES[order.note]
        return Response(f"{principal.tenant}: {order.note}", 201, {"x-shop": "1"}, "text/plain")

    @routes.post("/v1/direct")
    async def direct(body: Order, principal: Writer) -> Response:
        return answer(body, principal)

    @routes.post("/v1/usual", response_model=None)
    async def usual(body: Order, principal: Writer) -> Any:
        return answer(body, principal)

    @routes.post("/v1/direct/raw")
    async def direct_raw(request: Request, principal: Writer) -> Response:
        return Response(await request.body())

    @routes.post("/v1/usual/raw", response_model=None)
    async def usual_raw(request: Request, principal: Writer) -> Any:
        return Response(await request.body())

    return routes


@pytest.fixture
async def client(platform: Platform, router: APIRouter) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(platform, [Service(name="shop", routers=[router])]) as made:
        yield made


async def both(client: httpx.AsyncClient, path: str = "", **request: Any) -> httpx.Response:
    """The answer of the direct route, which the other one gives too."""
    direct = await client.post(f"/v1/direct{path}", **request)
    usual = await client.post(f"/v1/usual{path}", **request)
    assert direct.status_code == usual.status_code
    assert direct.content == usual.content
    assert named(direct) == named(usual)
    return direct


def named(response: httpx.Response) -> dict[str, str]:
    """Its headers, without what counts requests."""
    return {name: value for name, value in response.headers.items() if name != "ratelimit"}


def test_these_are_direct_and_the_others_are_not(router: APIRouter) -> None:
    assert set(shortcuts([router])) == {("POST", "/v1/direct"), ("POST", "/v1/direct/raw")}


@pytest.mark.parametrize("body", BODIES)
@pytest.mark.parametrize("media", MEDIA)
async def test_every_body_is_read_and_refused_alike(
    client: httpx.AsyncClient, body: bytes, media: str
) -> None:
    answer = await both(client, content=body, headers={"content-type": media} if media else {})
    assert PRIVATE not in answer.text
    assert "ratelimit-policy" in answer.headers


@pytest.mark.parametrize(
    ("failure", "status"),
    [("bug", 500), ("bus", 503), ("connection", 503), ("problem", 409), ("http", 418)],
)
async def test_every_error_is_answered_alike(
    client: httpx.AsyncClient, failure: str, status: int
) -> None:
    answer = await both(client, json={"note": failure})
    assert answer.status_code == status
    assert PRIVATE not in answer.text


async def test_bytes_are_the_functions_to_read(client: httpx.AsyncClient) -> None:
    async def parts() -> AsyncIterator[bytes]:
        yield b"a" * 100_000
        yield b""
        yield b"b" * 100_000

    assert (await both(client, "/raw", content=b"\x00\xff")).content == b"\x00\xff"
    answer = await client.post("/v1/direct/raw", content=parts())
    assert answer.content == b"a" * 100_000 + b"b" * 100_000


async def test_a_stranger_is_refused_alike(client: httpx.AsyncClient) -> None:
    answer = await both(client, content=b"{", headers={**JSON, "x-api-key": "wrong"})
    assert answer.status_code == 401


async def test_another_method_is_refused_alike(client: httpx.AsyncClient) -> None:
    direct, usual = await client.put("/v1/direct"), await client.put("/v1/usual")
    assert direct.status_code == usual.status_code == 405
    assert direct.headers["allow"] == usual.headers["allow"] == "POST"


async def test_a_repeated_request_has_the_same_answer(client: httpx.AsyncClient) -> None:
    sent: dict[str, Any] = {"json": {"note": "a"}, "headers": {"idempotency-key": "1"}}
    await both(client, **sent)
    assert (await both(client, **sent)).headers["idempotent-replayed"] == "true"

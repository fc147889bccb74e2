"""A small service with one route for each thing that the shared HTTP side must get right."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Annotated, Any

import httpx
from fastapi import APIRouter, Depends, HTTPException, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import text

from heedful.common.contracts import UtcTime
from heedful.common.errors import BusUnavailable
from heedful.common.http import Problem
from heedful.common.http.health import Check, Progressing
from heedful.common.http.route import Route
from heedful.common.security import Principal, Scope
from heedful.common.serve import build_app
from heedful.common.service import Platform, Service
from tests.integration.conftest import API_KEY

PRIVATE = "张三13900001234"
ORDER = {"note": "a"}


class Line(BaseModel):
    model_config = ConfigDict(extra="forbid")

    article: str = Field(max_length=20)
    pieces: int = Field(ge=1)


class Order(BaseModel):
    model_config = ConfigDict(extra="forbid")

    lines: list[Line] = []
    labels: tuple[str, ...] = ()
    due: UtcTime | None = None
    note: str = Field(default="", max_length=20, pattern=r"^[^\x00]*$")


class Shop:
    """Takes orders and counts them; tests hold it, or make it fail."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        self.orders: list[Order] = []
        self.failure: Exception | None = None
        self.entered = asyncio.Event()
        self.gate = asyncio.Event()
        self.gate.set()

    def service(self, checks: dict[str, Check] | None = None) -> Service:
        return Service(name="shop", routers=[self._router()], checks=checks or {})

    def _router(self) -> APIRouter:
        routes = APIRouter(route_class=Route)
        auth = self._platform.auth
        Writer = Annotated[  # noqa: N806  # a type
            Principal, Depends(auth.requires(Scope.CASES_WRITE))
        ]
        Reader = Annotated[Principal, Depends(auth.requires(Scope.CASES_READ))]  # noqa: N806
        Anyone = Annotated[  # noqa: N806
            Principal, Depends(auth.requires_any((Scope.CASES_READ, Scope.ENRICH)))
        ]

        @routes.post("/v1/orders", status_code=201)
        async def order(body: Order, principal: Writer) -> dict[str, Any]:
            await self._work()
            self.orders.append(body)
            return {"number": len(self.orders), "tenant": principal.tenant}

        @routes.put("/v1/orders", status_code=200)
        async def replace(body: Order, principal: Writer) -> dict[str, Any]:
            self.orders.append(body)
            return {"number": len(self.orders)}

        @routes.delete("/v1/orders/{number}", status_code=204)
        async def cancel(number: str, principal: Writer) -> None:
            self.orders.append(Order(labels=(number,)))

        @routes.post("/v1/receipts")
        async def receipt(principal: Writer) -> Response:
            self.orders.append(Order())
            return Response("a,b\n1,2\n", media_type="text/csv")

        @routes.get("/v1/orders")
        async def orders(principal: Reader) -> dict[str, Any]:
            return {"tenant": principal.tenant, "key_id": principal.key_id}

        @routes.get("/v1/orders/{number}")
        async def one(number: int, principal: Anyone) -> dict[str, Any]:
            return {"number": number}

        @routes.get("/v1/due")
        async def due(at: UtcTime) -> dict[str, str]:
            return {"at": at.isoformat()}

        @routes.get("/v1/trace")
        async def trace(request: Request) -> dict[str, str]:
            return {"traceparent": request.state.traceparent}

        @routes.get("/v1/failures/{kind}")
        async def fail(kind: str) -> None:
            await self._fail(kind)

        return routes

    async def _work(self) -> None:
        self.entered.set()
        await self.gate.wait()
        if self.failure is not None:
            raise self.failure

    async def _fail(self, kind: str) -> None:
        failures: dict[str, Exception] = {
            "bug": LookupError(PRIVATE),
            "bus": BusUnavailable(PRIVATE),
            "connection": ConnectionResetError(PRIVATE),
            "timeout": TimeoutError(PRIVATE),
            "problem": Problem(409, "sold-out", "sold out", headers={"X-Shop": "1"}, left=0),
            "http": HTTPException(418, PRIVATE),
        }
        if kind in failures:
            raise failures[kind]
        async with self._platform.engine.connect() as connection:
            failing = text("SELECT 1 / (length(CAST(:word AS text)) - length(:word))")
            await connection.execute(failing, {"word": PRIVATE})


@asynccontextmanager
async def client_of(
    platform: Platform,
    services: Sequence[Service],
    parts: Sequence[Progressing] = (),
    address: str = "127.0.0.1",
) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the app, at this address, that carries the first tenant's key."""
    app = build_app(platform, services, parts, "shop")
    # As in production, an error that nobody handles is a 500 and not an exception of the caller.
    transport = httpx.ASGITransport(app, raise_app_exceptions=False, client=(address, 50_000))
    async with httpx.AsyncClient(
        transport=transport, base_url="http://shop", headers={"X-API-Key": API_KEY}
    ) as client:
        yield client


def problem(response: httpx.Response, status: int, code: str) -> dict[str, Any]:
    """The problem object of an answer that must be this one (RFC 9457 §3.1)."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    body = response.json()
    assert {"type", "title", "status", "detail"} <= body.keys()
    assert body["type"] == f"https://heedful.dev/problems/{code}"
    assert body["status"] == status
    assert isinstance(body, dict)
    return body


async def post(
    client: httpx.AsyncClient, key: str, body: Any = ORDER, path: str = "/v1/orders", **headers: str
) -> httpx.Response:
    """Post an order under an Idempotency-Key."""
    return await client.post(path, json=body, headers={"Idempotency-Key": key, **headers})


def replayed(response: httpx.Response) -> bool:
    return "idempotent-replayed" in response.headers

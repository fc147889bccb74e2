"""Journey on a test's platform, and what the tests look at."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpx
from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncEngine

from heedful.common.erasure import Tombstones
from heedful.common.events import Delivery
from heedful.common.runtime import Handled, Handler, Subscription
from heedful.common.security.secrets import SecretBox
from heedful.common.serve import build_app
from heedful.common.service import Platform, Service
from heedful.journey import consumer
from heedful.journey.admission import Admission
from heedful.journey.erasures import Erasures
from heedful.journey.main import build
from heedful.journey.publishing import Publisher
from heedful.journey.store import Store
from tests.integration.conftest import API_KEY
from tests.unit.journey.history import node_of

NOW = datetime(2026, 11, 24, 8, tzinfo=UTC)

_TABLES = {
    "identifier": "SELECT * FROM journey.identifier ORDER BY id",
    "link": "SELECT * FROM journey.link ORDER BY a, b",
    "event": "SELECT * FROM journey.event ORDER BY tenant, kind, source, id",
}
"""What a rebuild gives again. `move` is not among them: it is what happened on the way."""
_BESIDE = (
    "move",
    "conversation",
    "journey",
    "touched",
    "told",
    "feedback_text",
    "day_touched",
    "day_due",
    "day_pack",
    "day_column",
)


@dataclass(frozen=True)
class Journey:
    """A running journey, with a client that carries the first tenant's key."""

    platform: Platform
    service: Service
    client: httpx.AsyncClient

    @property
    def subscription(self) -> Subscription:
        return self.service.subscriptions[0]

    @property
    def handler(self) -> Handler:
        return self.subscription.handler

    async def consume(self, *batch: Delivery) -> Sequence[Handled]:
        return await self.handler(batch)

    async def query(self, sql: str, **values: Any) -> Sequence[Row[Any]]:
        async with self.platform.engine.connect() as connection:
            return (await connection.execute(text(sql), values)).all()

    async def tables(self) -> dict[str, list[dict[str, Any]]]:
        """Every row that derives from the events alone."""
        return {
            name: [dict(row._mapping) for row in await self.query(sql)]
            for name, sql in _TABLES.items()
        }

    async def forget(self) -> None:
        """As new: the way to rebuild from the events."""
        async with self.platform.engine.begin() as connection:
            names = ", ".join(f"journey.{name}" for name in (*_TABLES, *_BESIDE))
            await connection.execute(text(f"TRUNCATE {names} CASCADE"))

    async def customer_of(self, name: str, source: str = "crm") -> str | None:
        """The customer of an identifier, given as `type:value`."""
        rows = await self.query(
            "SELECT customer_id FROM journey.identifier WHERE id = :id", id=node_of(name, source).id
        )
        return str(rows[0].customer_id) if rows and rows[0].customer_id else None

    async def get(self, path: str, **params: Any) -> Any:
        answer = await self.client.get(path, params=params)
        assert answer.status_code == 200, f"{path}: {answer.status_code} {answer.text[:300]}"
        return answer.json()

    async def pages(self, path: str, **params: Any) -> list[dict[str, Any]]:
        """Every item of a paginated resource."""
        return [item async for page in self.walk(path, **params) for item in page]

    async def walk(self, path: str, **params: Any) -> AsyncIterator[list[dict[str, Any]]]:
        """Page after page. A cursor that comes again would walk for ever."""
        cursors: set[str | None] = set()
        page = await self.get(path, **params)
        while True:
            yield page["items"]
            cursor = page["next_cursor"]
            if cursor is None:
                return
            assert cursor not in cursors, "the walk goes round in circles"
            cursors.add(cursor)
            page = await self.get(path, **params, cursor=cursor)

    async def timeline(self, name: str, source: str = "crm", **params: Any) -> list[str]:
        """Ids of the events of the customer whom an identifier leads to, in their order."""
        customer = await self.customer_of(name, source)
        items = await self.pages(f"/v1/customers/{customer}/timeline", **params)
        return [item["id"] for item in items]


@asynccontextmanager
async def running(
    platform: Platform, clock: Callable[[], datetime] = lambda: NOW
) -> AsyncIterator[Journey]:
    """Behind a client."""
    service = build(platform, clock)
    assert service.start is not None
    await service.start()
    transport = httpx.ASGITransport(
        build_app(platform, [service], [], "journey"), raise_app_exceptions=False
    )
    async with httpx.AsyncClient(
        transport=transport, base_url="http://journey", headers={"X-API-Key": API_KEY}
    ) as client:
        yield Journey(platform, service, client)


def member(engine: AsyncEngine, secrets: SecretBox) -> consumer.Handler:
    """Another member of the group, on connections of its own."""
    tombstones = Tombstones("journey")
    tombstones.use_secret(b"t" * 32)
    erasures = Erasures(engine, tombstones, Publisher(secrets), "CN", lambda: NOW, lambda: None)
    store = Store(engine, Admission(tombstones, erasures, "CN"))
    return consumer.Handler(store, "CN", clock=lambda: NOW)


def problem(response: httpx.Response, status: int, code: str) -> dict[str, Any]:
    """The problem object of an answer that must be this one."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = response.json()
    assert body["status"] == status
    assert body["type"].rsplit("/", 1)[1] == code
    return body

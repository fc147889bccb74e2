"""All four services on one port, and one tenant who has something of everything."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from fastapi import FastAPI

from heedful.alerting.main import build as alerting
from heedful.common.bus.reading import everything
from heedful.common.events import from_record
from heedful.common.runtime import ConsumerRunner
from heedful.common.serve import build_app
from heedful.common.service import Platform, Service
from heedful.common.settings import ConsumerSettings
from heedful.common.topics import FEEDBACK_ENRICHED
from heedful.ingest.main import build as ingest
from heedful.journey.main import build as journey
from heedful.nlp.main import build as nlp
from tests.integration.conftest import API_KEY, OTHER_API_KEY
from tests.patience import until
from tests.people import Console

MARK = "秘密花园"
"""Stands in every text of the first tenant, and in nothing of the second."""

CALENDAR = "nights"
POLICY = {
    "description": "",
    "rules": [{"name": "rest"}],
    "ladders": {"default": {"rungs": [{"name": "breach", "percent": 100, "notify": ["owner"]}]}},
}
OFFICE = {"zone": "Asia/Shanghai", "week": {"monday": ["09:00-18:00"]}}

REVIEWS = {"file": ("reviews.csv", "text\n很好\n".encode(), "text/csv")}
FORM = {"source": "shop", "channel": "review", "occurred_at": "now", "accept_guesses": "true"}
WORD = {"x-word": "lovely plumage"}
_CONNECTION = {"channel": "parrot", "name": MARK, "secrets": {"word": "lovely plumage"}}
CONSOLE = Console()
"""Its tokens are taken by every service."""
_FEEDBACK = {
    "id": "call-1",
    "source": "callcentre",
    "channel": "call",
    "text": f"在{MARK}做完保养，高速上刹车突然失灵，差点出人命",
    "identifiers": [{"type": "phone", "value": "13900001234"}],
    "touchpoint": MARK,
}
_UNREADABLE = {"items": [{"unreadable": True, "text": MARK}]}


@dataclass(frozen=True)
class World:
    """The platform, with a client of each tenant."""

    app: FastAPI
    owner: httpx.AsyncClient
    stranger: httpx.AsyncClient
    ids: Mapping[str, str]


@asynccontextmanager
async def started(platform: Platform) -> AsyncIterator[Sequence[Service]]:
    """All services. The week of the audit sample is over."""
    services = [ingest(platform), nlp(platform, _next_week), journey(platform), alerting(platform)]
    for service in services:
        if service.start is not None:
            await service.start()
    yield services
    for service in reversed(services):
        if service.stop is not None:
            await service.stop()


@asynccontextmanager
async def running(platform: Platform) -> AsyncIterator[World]:
    """Everything runs, and the first tenant has objects of every kind."""
    platform = CONSOLE.believed(platform, datetime.now(UTC))
    async with started(platform) as services, consuming(platform, services):
        app = build_app(platform, services, [], "heedful")
        async with _client(app, API_KEY) as owner, _client(app, OTHER_API_KEY) as stranger:
            yield World(app, owner, stranger, await _seed(platform, owner))


def _next_week() -> datetime:
    return datetime.now(UTC) + timedelta(weeks=1)


def _client(app: FastAPI, key: str) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    return httpx.AsyncClient(
        transport=transport, base_url="http://heedful", headers={"X-API-Key": key}
    )


@asynccontextmanager
async def consuming(platform: Platform, services: Sequence[Service]) -> AsyncIterator[None]:
    """What the services subscribed to is handled."""
    settings = ConsumerSettings(poll_seconds=0.05, commit_seconds=0.05)
    runners = [
        ConsumerRunner(subscription, platform.bus, settings)
        for service in services
        for subscription in service.subscriptions
    ]
    tasks = [asyncio.create_task(runner.run()) for runner in runners]
    try:
        yield
    finally:
        for runner in runners:
            runner.stop()
        await asyncio.gather(*tasks)


async def _seed(platform: Platform, owner: httpx.AsyncClient) -> Mapping[str, str]:
    """One object of every kind. Ids by the names that paths have for them."""
    endpoint = await _post(owner, "/v1/endpoints", {"url": f"https://example.com/{MARK}"})
    key = await _post(owner, "/v1/keys", {"scopes": ["*"], "name": MARK})
    connection = await _post(owner, "/v1/connections", _CONNECTION)
    await _put(owner, "/v1/standards/survey", {"feedback": {"required": ["touchpoint"]}})
    await _post(owner, "/v1/policies", {**POLICY, "description": MARK})
    await _put(owner, f"/v1/calendars/{CALENDAR}", {**OFFICE, "note": MARK})
    nights = f"/v1/calendars/{CALENDAR}/versions/1"
    await _post(owner, f"{nights}/activate", {})
    applied = await _post(owner, f"{nights}/apply", {"dry_run": False})
    await _put(owner, "/v1/members/their-lead", {"name": MARK, "position": "lead"})
    await _put(owner, "/v1/privacy", {"retention_days": 321})
    await _post(owner, "/v1/alignment/answers", {"role": MARK, "topics": [MARK]})
    await _post(owner, "/v1/priorities", {"topic": MARK, "ability": 3})
    path = f"/v1/channels/parrot/{connection['id']}"
    answer = await owner.post(path, json=_UNREADABLE, headers=WORD)
    assert answer.json()["quarantined"] == 1, answer.text
    imported = await owner.post("/v1/imports", files=REVIEWS, data=FORM)
    assert imported.status_code == 202, imported.text
    await _post(owner, "/v1/feedback", _FEEDBACK)
    case = await _first(owner, "/v1/cases")
    customer = await _first(owner, "/v1/customers")
    issue = await _post(owner, "/v1/issues", {"case_ids": [case["id"]], "title": MARK})
    sample = await _first(owner, "/v1/audit-sample")
    await _correct(platform, owner)
    return {
        "endpoint_id": endpoint["id"],
        "key_id": key["id"],
        "member_id": "their-lead",
        "connection_id": connection["id"],
        "channel": "parrot",
        "import_id": imported.json()["id"],
        "entry_id": (await _first(owner, "/v1/quarantine"))["id"],
        "case_id": case["id"],
        "issue_id": issue["id"],
        "application_id": applied["application"]["id"],
        "customer_id": customer["id"],
        "decision_id": await _decided(owner, customer["id"]),
        "sample_id": sample["id"],
        "delivery_id": (await _first(owner, "/v1/deliveries"))["id"],
    }


async def _post(client: httpx.AsyncClient, path: str, body: Any) -> dict[str, Any]:
    answer = await client.post(path, json=body)
    assert answer.status_code < 300, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def _put(client: httpx.AsyncClient, path: str, body: Any) -> None:
    answer = await client.put(path, json=body)
    assert answer.status_code < 300, answer.text


async def _first(client: httpx.AsyncClient, path: str) -> dict[str, Any]:
    """The first of a list, once there is one."""
    found: list[dict[str, Any]] = []

    async def there() -> bool:
        found[:] = (await client.get(path)).json()["items"]
        return bool(found)

    await until(there)
    return found[0]


async def _decided(owner: httpx.AsyncClient, customer: str) -> str:
    """Two customers that may be one, and a decision that a third one is neither; its id."""
    for card in ("1", "2"):
        carried = [
            {"type": "member_card", "value": card},
            {"type": "phone", "value": "13700001111"},
        ]
        named = {"identifiers": carried, "attributes": {"customer_name": MARK}}
        await _post(owner, "/v1/interactions", {"kind": "visit", **named})
    other = (await _first(owner, "/v1/identities/suggestions"))["customers"][0]
    answer = await owner.post(
        f"/v1/customers/{customer}/keep-apart",
        json={"other": other, "reason": MARK},
        headers=CONSOLE.headers(datetime.now(UTC)),
    )
    assert answer.status_code == 201, answer.text
    found: str = answer.json()["id"]
    return found


async def _correct(platform: Platform, owner: httpx.AsyncClient) -> None:
    """A correction of the feedback's light."""
    (record,) = [one async for one in everything(platform.bus, [FEEDBACK_ENRICHED.name])]
    enrichment: Any = from_record(record, FEEDBACK_ENRICHED).payload
    body = {
        "feedback": {"source": "callcentre", "id": "call-1"},
        "enrichment_id": enrichment.id,
        "label": "light",
        "was": enrichment.light.colour,
        "value": "amber",
        "note": MARK,
    }
    await _post(owner, "/v1/corrections", body)

"""The monthly report: its figures from cases, over HTTP, and told once."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import orjson
import pytest
from sqlalchemy import text

from heedful.alerting.api import reports
from heedful.alerting.reports.posting import ReportLoop
from tests.integration.alerting.calling import calling
from tests.integration.alerting.figures_world import Known, live
from tests.integration.alerting.world import HOUR, T0, World, contact, feedback
from tests.integration.conftest import API_KEY, OTHER_API_KEY, TENANT

ZONE = ZoneInfo("Asia/Shanghai")
CASES = [
    Known(1, received=0, acknowledged=1, planned=20, landed=30),
    Known(2, received=10, acknowledged=30, planned=80, landed=90),
    Known(3, received=24, acknowledged=30),
    Known(4, received=50),
]
TOLD = datetime(2026, 4, 1, 1, tzinfo=UTC)
"""The first working day after March 2026, at nine in Shanghai."""


@pytest.fixture
async def month(world: World) -> World:
    """March, as it was after 110 hours: the first customer was answered after 20 hours."""
    await live(world, CASES, 110)
    talk = contact(conversation_id="conv-1", identifiers=(), occurred_at=T0 + 20 * HOUR)
    await world.consume(talk)
    return world


async def asked(world: World, key: str = API_KEY, **params: Any) -> httpx.Response:
    router = reports.router(world.database, world.platform.auth, ZONE)
    async with calling(world.platform, [router], key=key) as caller:
        return await caller.get("/v1/reports/monthly", params=params)


async def listen(world: World, event: str, name: str = "ep") -> None:
    await world.add_endpoint("https://example.com/", endpoint_id=name)
    async with world.database.begin() as (connection, _):
        await connection.execute(
            text("UPDATE alerting.endpoint SET events = ARRAY[:event] WHERE id = :id"),
            {"event": event, "id": name},
        )


def loop(world: World) -> ReportLoop:
    return ReportLoop(world.database, ZONE, "https://heedful.example.com/", lambda: None)


async def test_figures(month: World) -> None:
    found = (await asked(month, month="2026-03")).json()
    cases = found["cases"]
    assert (cases["received"], cases["red"]) == (4, 4)
    assert cases["responded_in_24h"] == {"share": 0.25, "n": 4}
    assert cases["planned_in_48h"] == {"share": 1 / 4, "n": 4}
    # Above 72 h: the second (80 h) and the third (open for 86 h); the fourth is open and young.
    assert cases["landed_above_72h"] == {"share": 2 / 3, "n": 3}
    assert found["landing"]["above_72h"] == cases["landed_above_72h"]
    assert cases["answered"] == {"share": 0.25, "n": 4}
    assert (found["landed"], found["verified"], found["reopened"]["n"]) == (2, 0, 2)
    (team,) = found["teams"]
    assert (team["name"], team["open"], team["landed"]) == (None, 2, 2)
    assert found["coverage"] == {"share": 1.0, "n": 4}


async def test_what_is_not_of_the_month(month: World) -> None:
    """The month ends; what happens after it is not in its report."""
    month.now = T0 + timedelta(days=60)
    april = (await asked(month, month="2026-04")).json()
    assert (april["cases"]["received"], april["landed"]) == (0, 0)
    assert april["teams"][0]["open"] == 2
    march = (await asked(month, month="2026-03")).json()
    assert march["cases"]["landed_above_72h"]["n"] == 4
    assert march["at"] == "2026-03-31T16:00:00Z"


async def test_feedback_without_labels_is_missing(month: World) -> None:
    await month.consume(feedback(9, received_at=month.now))
    month.now += HOUR
    await month.watch.step()
    found = (await asked(month, month="2026-03")).json()
    assert found["coverage"] == {"share": 0.8, "n": 5}


@pytest.mark.parametrize(
    ("form", "media", "begins"),
    [("html", "text/html", "<!doctype html>"), ("md", "text/markdown", "# ")],
)
async def test_forms(month: World, form: str, media: str, begins: str) -> None:
    answer = await asked(month, month="2026-03", format=form, language="en")
    assert answer.headers["content-type"].startswith(media)
    assert answer.text.startswith(begins)
    assert "67 % (2/3)" in answer.text


async def test_what_cannot_be_asked_for(month: World) -> None:
    for wrong in ("2026-13", "March", "0000-01"):
        assert (await asked(month, month=wrong)).status_code == 422
    answer = await asked(month, month="2026-04")
    assert answer.json()["type"].endswith("/month-to-come")
    assert (await asked(month)).json()["month"] == "2026-02"


async def test_other_tenants_see_nothing_of_it(month: World) -> None:
    found = (await asked(month, OTHER_API_KEY, month="2026-03")).json()
    assert (found["cases"]["received"], found["teams"], found["coverage"]["n"]) == (0, [], 0)


async def test_it_is_told_once_by_one_of_many(month: World) -> None:
    await listen(month, "report.monthly")
    await listen(month, "case.breached", name="other")
    month.now = TOLD - timedelta(seconds=1)
    await loop(month).step()
    assert await month.query("SELECT 1 FROM alerting.delivery") == []
    month.now = TOLD
    await asyncio.gather(*(loop(month).step() for _ in range(4)))
    month.now = TOLD + timedelta(days=3)
    await loop(month).step()
    (one,) = await month.query("SELECT * FROM alerting.delivery")
    assert (one.tenant, one.endpoint_id, one.event_type) == (TENANT, "ep", "report.monthly")
    told = orjson.loads(bytes(one.body))
    assert told["data"]["month"] == "2026-03"
    assert told["data"]["url"].startswith("https://heedful.example.com/v1/reports/monthly?")
    assert set(told["data"]["told"]) == {"zh", "en"}
    assert len(bytes(one.body)) < 20_000


async def test_a_missed_day_is_made_up_for(month: World) -> None:
    await listen(month, "report.monthly")
    month.now = TOLD + timedelta(days=12)
    await loop(month).step()
    assert len(await month.query("SELECT 1 FROM alerting.delivery")) == 1

"""The cases behind the board, for a spreadsheet."""

import csv
import io

import pytest

from heedful.alerting.api import exports
from heedful.alerting.figures import store_export
from tests.integration.alerting.figures_world import Known, client, live
from tests.integration.alerting.world import World, enriched, feedback

CASES = [
    Known(1, received=0, acknowledged=1, planned=20, landed=80),
    Known(2, received=10, acknowledged=30),
    Known(3, received=100),
]


async def table(world: World, query: str = "") -> list[dict[str, str]]:
    async with client(world) as caller:
        answer = await caller.get(f"/v1/board/cases.csv{query}")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("text/csv")
    assert answer.content.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))


async def test_cases_with_their_clocks(world: World) -> None:
    await live(world, CASES, 110)
    first, second, third = await table(world)
    assert list(first) == list(store_export.COLUMNS)
    assert [row["case_id"] for row in (first, second, third)] == [one.id for one in CASES]
    assert first["received_at"] == "2026-03-01T08:00:00Z"
    assert (first["owner"], first["hours_to_land"], first["above_72h"]) == ("li.wei", "80", "true")
    assert (second["above_72h"], second["hours_to_land"]) == ("true", "")
    assert (third["above_72h"], third["age_hours"]) == ("", "10")
    assert first["respond_due"] == "2026-03-02T08:00:00Z"
    assert first["reasons"] == "fire"


async def test_filters(world: World) -> None:
    await live(world, CASES, 110)
    assert len(await table(world, "?state=landed")) == 1
    assert len(await table(world, "?older_than_hours=72&unowned=true")) == 1


async def test_page_by_page_none_is_lost(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store_export, "AT_ONCE", 7)
    await world.consume(*(enriched(feedback(number, identifiers=())) for number in range(50)))
    rows = await table(world)
    assert len({row["case_id"] for row in rows}) == len(rows) == 50


async def test_too_many_for_one_file(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exports, "MOST_ROWS", 2)
    await live(world, CASES, 110)
    async with client(world) as caller:
        answer = await caller.get("/v1/board/cases.csv")
    assert answer.status_code == 422
    assert answer.json()["rows"] == 3
    assert len(await table(world, "?state=landed")) == 1

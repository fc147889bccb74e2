"""The board, before services that answer what a test says."""

from typing import Any

import httpx2
import orjson
import pytest

from heedful.common.security.roles import Role
from tests.integration.console.world import World
from tests.unit.console.cases.cases import answer

MEMBERS = {
    "items": [
        {"id": "wang.fang", "name": "王芳", "position": "lead", "teams": [], "absent": False}
    ],
    "next_cursor": None,
}
MOVED = {
    "type": "https://heedful.dev/problems/changed",
    "detail": "event 4 has happened",
    "sequence": 4,
    "state": "acknowledged",
    "by": {"type": "human", "id": "wang.fang"},
    "at": "2026-11-30T07:30:00Z",
}


@pytest.fixture
def world(console: World) -> World:
    """Two cases are due; a third, red, was opened a moment ago."""
    due = [answer(id="c1", sequence=3), answer(id="c2", sequence=7, colour="amber")]
    fresh = answer(id="c3", opened_at="2026-11-30T07:59:00Z")

    def cases(request: httpx2.Request) -> httpx2.Response:
        newest = request.url.params.get("sort") == "opened"
        items = [fresh] if newest else due
        return httpx2.Response(200, content=orjson.dumps({"items": items, "next_cursor": None}))

    console.upstream.does("GET", "/v1/cases", cases)
    console.upstream.gives("GET", "/v1/members", MEMBERS)
    return console


def at(page: str, *ids: str) -> list[int]:
    return [page.index(f'data-id="{one}"') for one in ids]


async def test_what_has_just_come_in_stands_before_what_is_due(world: World) -> None:
    async with world.signed_in(Role.AGENT) as browser:
        page = (await browser.get("/board")).text
        assert at(page, "c3", "c1", "c2") == sorted(at(page, "c3", "c1", "c2"))
        assert 'data-id="c3"' not in (await browser.get("/board", tab="settled")).text
    assert "Counting…" in page, "the list does not wait for them"


async def test_figures_are_counted_once_for_all_who_look_at_the_same_cases(world: World) -> None:
    share = {"share": 0.5, "n": 2}
    figures = {
        "days": 30,
        "states": {"new": 3, "closed": 4},
        "colours": {"red": 2},
        "overdue": {"respond": 1},
        "responded_in_time": share,
        "planned_in_time": share,
        "landing": {"above_72h": share},
    }
    async with world.signed_in(Role.AGENT) as browser:
        away = await browser.get("/board/figures")
        assert "The key figures cannot be had now" in away.text
        world.upstream.gives("GET", "/v1/board", figures)
        counted = await browser.get("/board/figures")
        assert "50%" in counted.text
        page = await browser.get("/board", tab="new")
        assert "50%" in page.text
        assert '<span class="n">3</span>' in page.text
        await browser.get("/board/figures", tab="new")
        assert len(world.upstream.asked("GET", "/v1/board")) == 2
        await browser.get("/board/figures", colour="red")
        assert len(world.upstream.asked("GET", "/v1/board")) == 3


async def test_topics_are_called_as_the_person_calls_them(world: World) -> None:
    topic = {"kind": "topic", "code": "vehicle.brake", "zh": "刹车", "en": "Brakes"}
    world.upstream.gives("GET", "/v1/labels", {"items": [topic]})
    one = {"items": [answer(id="c1", topic="vehicle.brake", reasons=[])], "next_cursor": None}
    world.upstream.gives("GET", "/v1/cases", one)
    async with world.signed_in(Role.AGENT) as browser:
        page = (await browser.get("/board", topic="vehicle.brake")).text
    assert '<option value="vehicle.brake" selected>Brakes</option>' in page
    assert ">Brakes</a>" in page, "its title"
    assert "<span>Brakes</span>" in page, "what it is about"
    assert "vehicle.brake<" not in page


async def test_filters_are_those_of_the_address(world: World) -> None:
    async with world.signed_in(Role.AGENT, "li.lei") as browser:
        await browser.get("/board", tab="planned", owner="@me", topic="vehicle.brake", colour="")
    asked = world.upstream.asked("GET", "/v1/cases")
    assert all(one.url.params["owner"] == "li.lei" for one in asked)
    assert {one.url.params["topic"] for one in asked} == {"vehicle.brake"}
    assert {one.url.params["state"] for one in asked} == {"planned"}


async def test_of_many_cases_each_tells_what_became_of_it(world: World) -> None:
    world.upstream.gives("POST", "/v1/cases/c1/claim", answer(id="c1"))
    world.upstream.gives("POST", "/v1/cases/c2/claim", MOVED, 412)
    async with world.signed_in(Role.AGENT) as browser:
        part = await browser.post("/board/claim", on="/board", case=["c1:3", "c2:7", "c1:3", "?"])
    assert "Claimed: 1." in part.text
    assert "Somebody was faster:" in part.text
    assert "王芳" in part.text
    (request,) = world.upstream.asked("POST", "/v1/cases/c1/claim")
    assert request.headers["if-match"] == '"3"'


async def test_without_a_tick_nothing_is_done(world: World) -> None:
    async with world.signed_in(Role.AGENT) as browser:
        part: Any = await browser.post("/board/assign", on="/board", owner="wang.fang")
    assert "No case is chosen" in part.text

"""The map and the search, before services that answer what a test says."""

from typing import Any

import pytest

from heedful.common.security.roles import Role
from tests.integration.console.world import World

STAGES = {
    "version": "1",
    "stages": [{"code": "use", "zh": "使用", "en": "Use", "limit_days": 7}],
    "touchpoints": [{"touchpoint": "store.*", "stage": "use"}],
}
TOUCHPOINT = {
    "touchpoint": "store.visit",
    "events": 40,
    "feedback": 40,
    "lights": {"red": 30, "amber": 0, "green": 10, "grey": 0},
    "colour": "red",
}


def hit(text: str, **fields: Any) -> dict[str, Any]:
    return {
        "source": "app",
        "id": "1",
        "customer_id": None,
        "occurred_at": "2026-11-01T08:00:00Z",
        "channel": "app",
        "touchpoint": "store.visit",
        "light": "red",
        "topics": [],
        "snippet": {"text": text, "marks": [{"start": 0, "end": 1}]},
        "matched": {"text": None, "vector": None},
        **fields,
    }


def found(*hits: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {"items": hits, "next_cursor": None, "searched": ["text"], "note": None, **fields}


@pytest.fixture
def journey(console: World) -> World:
    console.upstream.gives("GET", "/v1/stages", STAGES)
    console.upstream.gives("GET", "/v1/touchpoints", {"items": [TOUCHPOINT], "next_cursor": None})
    return console


async def test_without_the_insight_the_map_has_lights_and_says_so(journey: World) -> None:
    journey.upstream.refuses(
        "GET", "/v1/insights/touchpoint-map", 422, "too-many-events", "ask less"
    )
    async with journey.signed_in(Role.AGENT) as browser:
        page = (await browser.get("/map/journey", days="30")).text
    assert "ask less" in page
    assert "30 of 40" in page
    assert "/search?days=30&amp;touchpoint=store.visit&amp;light=red" in page
    (asked,) = journey.upstream.asked("GET", "/v1/touchpoints")
    assert asked.url.params["from"] == "2026-10-31T08:00:00+00:00"


async def test_a_map_of_a_wrong_time_is_refused_as_a_page(journey: World) -> None:
    async with journey.signed_in(Role.AGENT) as browser:
        assert (await browser.get("/map", days="often")).status_code == 422


async def test_what_customers_wrote_is_text_and_stays_text(console: World) -> None:
    evil = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>"
    console.upstream.gives(
        "GET", "/v1/search", found(hit(evil, topics=[evil], touchpoint=evil, id=evil))
    )
    async with console.signed_in(Role.AGENT) as browser:
        page = (await browser.get("/search/found", q=evil, touchpoint=evil)).text
        form = (await browser.get("/search", q=evil, touchpoint=evil, topic=evil)).text
    for one in (page, form):
        assert "<script>alert" not in one
        assert "<img" not in one.replace('<img src="/assets', "")
        assert "&lt;script&gt;" in one
    assert "<mark>&lt;</mark>script" in page


async def test_the_search_asks_what_the_form_says_and_leaves_out_what_is_empty(
    console: World,
) -> None:
    console.upstream.gives("GET", "/v1/search", found())
    async with console.signed_in(Role.AGENT) as browser:
        page = await browser.get(
            "/search/found", q=" ", light="red", topic="", mode="text", to="2026-11-30"
        )
        assert (await browser.get("/search", light="pink")).status_code == 422
    (asked,) = console.upstream.asked("GET", "/v1/search")
    assert dict(asked.url.params) == {
        "light": "red",
        "to": "2026-12-01T00:00:00+08:00",
        "limit": "20",
    }
    assert "Nothing found" in page.text


async def test_more_is_asked_with_the_cursor_of_the_page_before(console: World) -> None:
    console.upstream.gives("GET", "/v1/search", found(hit("a"), next_cursor="next"))
    async with console.signed_in(Role.AGENT) as browser:
        page = (await browser.get("/search/found", q="a")).text
    assert 'hx-get="/search/found?q=a&amp;cursor=next"' in page


KNOWN = {
    "name": "hidden-needs",
    "title": {"zh": "隐性需求", "en": "Hidden needs"},
    "parameters": {"properties": {"least": {"type": "integer", "default": 20}}},
}
REPORT = {
    "name": "hidden-needs",
    "title": KNOWN["title"],
    "meaning": {"zh": "", "en": "what it means"},
    "customers": 40,
    "events": 90,
    "state": "ok",
    "figures": {},
    "columns": [
        {"key": key, "label": {"zh": key, "en": key}, "unit": unit}
        for key, unit in {"topic": "text", "service": "share", "surveys": "share"}.items()
    ],
    "rows": [
        {
            "cells": {
                "topic": "</script><script>alert(1)</script>",
                "service": {"value": 0.3, "low": 0.2, "high": 0.4},
            },
            "customers": 4,
            "grey": True,
            "why": {"zh": "太少", "en": "too few"},
            "examples": [{"customer_id": "c1"}],
        }
    ],
    "notes": [],
}


@pytest.fixture
def insights(console: World) -> World:
    console.upstream.gives("GET", "/v1/insights", {"items": [KNOWN]})
    console.upstream.gives("GET", "/v1/insights/hidden-needs", REPORT)
    return console


async def test_an_insight_shows_what_is_grey_and_why_and_nothing_of_it_runs(
    insights: World,
) -> None:
    async with insights.signed_in(Role.AGENT) as browser:
        page = (await browser.get("/insights/hidden-needs/report", least="5", q="1")).text
    assert "Uncertain" in page
    assert "too few" in page
    assert 'href="/customers/c1"' in page
    assert "<script>alert" not in page
    asked = insights.upstream.asked("GET", "/v1/insights/hidden-needs")[0].url.params
    assert asked["least"] == "5"
    assert "q" not in asked, "it is no parameter of this insight"


async def test_an_insight_is_handed_on_as_a_file(insights: World) -> None:
    async with insights.signed_in(Role.AGENT) as browser:
        answer = await browser.get("/insights/hidden-needs/file", days="30")
        assert (await browser.get("/insights/nonsense")).status_code == 404
        index = (await browser.get("/insights")).text
    assert answer.headers["content-type"].startswith("text/csv")
    assert answer.headers["content-disposition"] == 'attachment; filename="hidden-needs.csv"'
    (asked,) = insights.upstream.asked("GET", "/v1/insights/hidden-needs")
    assert asked.url.params["format"] == "csv"
    assert 'href="/insights/hidden-needs"' in index


async def test_a_period_with_too_much_leads_to_one_that_would_do(insights: World) -> None:
    told = {
        "type": "https://heedful.dev/problems/too-many-events",
        "detail": "ask for less",
        "from": "2026-04-12T00:00:00Z",
    }
    insights.upstream.gives("GET", "/v1/insights/hidden-needs", told, 422)
    async with insights.signed_in(Role.AGENT) as browser:
        answer = await browser.get("/insights/hidden-needs/report", days="365", least="5")
    assert answer.status_code == 422
    assert 'href="/insights/hidden-needs?least=5&amp;from=2026-04-12"' in answer.text

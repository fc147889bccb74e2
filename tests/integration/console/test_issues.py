"""The page of an issue."""

from typing import Any

import pytest

from heedful.common.security.roles import Role
from tests.integration.console.world import World

PAGE = "/issues/i1"
XSS = "<script>alert(1)</script>"


def issue(**changed: Any) -> dict[str, Any]:
    return {
        "id": "i1",
        "topic": "vehicle.brake",
        "touchpoint": None,
        "region": None,
        "title": XSS,
        "opened_at": "2026-11-30T07:00:00Z",
        "closed_at": None,
        "cases": {"all": 140, "unsettled": 130, "red": 20},
        "plan": None,
        "children": [
            {
                "case_id": f"c{n}",
                "state": "new",
                "colour": "red",
                "owner": None,
                "received_at": "2026-11-30T07:00:00Z",
            }
            for n in range(140)
        ],
        "timeline": [
            {
                "kind": "told",
                "at": "2026-11-30T07:00:00Z",
                "actor": {"type": "system", "id": None},
                "detail": {},
            }
        ],
        **changed,
    }


@pytest.fixture
def world(console: World) -> World:
    console.upstream.gives("GET", PAGE.replace("/issues", "/v1/issues"), issue())
    return console


async def test_an_issue_shows_its_cases_and_only_leads_act_on_all_of_them(world: World) -> None:
    async with world.signed_in(Role.AGENT) as browser:
        page = (await browser.get(PAGE)).text
    assert XSS not in page
    assert "40 earlier cases more" in page
    assert f'action="{PAGE}/plan"' not in page


async def test_a_plan_for_all_that_is_refused_keeps_what_was_typed(world: World) -> None:
    closed = "the issue is closed; its cases tell of themselves"
    world.upstream.refuses("POST", "/v1/issues/i1/plan", 409, "issue-closed", closed)
    typed = {"action": "recall the lot", "owner": "lead", "due": "2026-12-02T09:00"}
    async with world.signed_in(Role.LEAD) as browser:
        late = await browser.post(f"{PAGE}/plan", on=PAGE, **typed)
        assert late.status_code == 409
        assert closed in late.text
        assert ">recall the lot</textarea>" in late.text
        again = await browser.get(f"{PAGE}/plan")
        assert (again.status_code, again.headers["location"]) == (303, PAGE)
        assert (await browser.get(f"{PAGE}/erase")).status_code == 404
        world.upstream.gives("POST", "/v1/issues/i1/plan", issue())
        done = await browser.post(f"{PAGE}/plan", on=PAGE, **typed)
    assert done.headers["location"] == f"{PAGE}?done=plan"
    request = world.upstream.asked("POST", "/v1/issues/i1/plan")[-1]
    assert b'"due":"2026-12-02T09:00:00+08:00"' in request.content

"""Policies through the API: what a version says, who may change it, and what clocks take."""

import asyncio
from collections.abc import AsyncIterator
from itertools import pairwise
from typing import Any

import httpx
import pytest

from heedful.alerting.api import calendar_versions, calendars, policies
from heedful.common.contracts import Colour
from tests.integration.alerting.calling import calling
from tests.integration.alerting.world import HOUR, T0, World, case_id, enriched, feedback
from tests.integration.conftest import OTHER_API_KEY

LADDER = {
    "rungs": [
        {"name": "half", "percent": 50, "notify": ["owner"]},
        {"name": "breach", "percent": 100, "notify": ["manager"]},
    ]
}
WEEK = {day: ["09:00-18:00"] for day in ("monday", "tuesday", "wednesday", "thursday", "friday")}
OFFICE = {"zone": "Asia/Shanghai", "week": WEEK}


def policy(hours: int = 4, calendar: str = "always", **changes: Any) -> dict[str, Any]:
    """Red is responded to within so many hours of that calendar; nothing else is a case."""
    respond = {"target": f"PT{hours}H", "calendar": calendar}
    rules = [
        {"name": "red", "when": {"colours": ["red"]}, "clocks": {"respond": respond}},
        {"name": "rest"},
    ]
    return {"rules": rules, "ladders": {"default": LADDER}, **changes}


@pytest.fixture
async def client(world: World) -> AsyncIterator[httpx.AsyncClient]:
    auth = world.platform.auth
    routers = [
        policies.router(world.database, world.rulebook, auth),
        calendars.router(world.database, auth),
        calendar_versions.router(world.database, world.rulebook, auth),
    ]
    async with calling(world.platform, routers) as made:
        yield made


async def activate(client: httpx.AsyncClient, document: dict[str, Any]) -> int:
    made = await client.post("/v1/policies", json=document)
    assert made.status_code == 201, made.text
    version: int = made.json()["version"]
    answer = await client.post(f"/v1/policies/{version}/activate")
    assert (answer.status_code, answer.json()["active"]) == (200, True)
    return version


async def test_without_one_of_its_own_a_tenant_has_the_built_in_one(
    client: httpx.AsyncClient,
) -> None:
    found = (await client.get("/v1/policies/active")).json()
    assert (found["version"], found["active"]) == (0, True)
    assert [rule["name"] for rule in found["document"]["rules"]][:2] == ["red", "unclassified"]
    assert (await client.get("/v1/policies")).json()["items"] == []


async def test_clocks_that_start_take_the_active_version_and_others_keep_theirs(
    world: World, client: httpx.AsyncClient
) -> None:
    first, second, third = (feedback(number) for number in (1, 2, 3))
    await world.consume(enriched(first))
    assert await activate(client, policy(hours=4)) == 1
    await world.consume(enriched(second))
    assert await activate(client, policy(hours=8)) == 2
    await world.consume(enriched(third))
    due = [(await world.case(case_id(one))).deadlines for one in (first, second, third)]
    assert [one.respond for one in due] == [T0 + 24 * HOUR, T0 + 4 * HOUR, T0 + 8 * HOUR]
    assert [one.plan for one in due[1:]] == [None, None]
    refs = [(await world.case(case_id(one))).policy for one in (first, second, third)]
    assert refs == ["builtin@1", "policy@1", "policy@2"]
    listed = (await client.get("/v1/policies", params={"limit": 1})).json()
    assert [(one["version"], one["active"]) for one in listed["items"]] == [(2, True)]
    rest = await client.get("/v1/policies", params={"cursor": listed["next_cursor"]})
    assert [(one["version"], one["active"]) for one in rest.json()["items"]] == [(1, False)]


async def test_what_a_version_leaves_out_is_no_case(
    world: World, client: httpx.AsyncClient
) -> None:
    await activate(client, policy())
    amber = enriched(feedback(), Colour.AMBER).model_copy(update={"needs_response": True})
    await world.consume(amber)
    assert await world.query("SELECT 1 FROM alerting.cases") == []


async def test_a_clock_of_business_hours_keeps_its_calendar_and_steps_wait_for_them(
    world: World, client: httpx.AsyncClient
) -> None:
    """From Sunday 16:00 in Shanghai four office hours end on Monday at 13:00, or at 16:00.

    Two of them are worked at 11:00; the office of today opens at 12:00.
    """
    assert (await client.put("/v1/calendars/office", json=OFFICE)).status_code == 200
    assert (await client.post("/v1/calendars/office/versions/1/activate")).status_code == 200
    await activate(client, policy(4, "office", notify_calendar="office"))
    await world.consume(enriched(feedback()))
    later = {**OFFICE, "week": {**WEEK, "monday": ["12:00-18:00"]}}
    assert (await client.put("/v1/calendars/office", json=later)).status_code == 200
    assert (await client.post("/v1/calendars/office/versions/2/activate")).status_code == 200
    await world.consume(enriched(feedback(2)))
    old, new = [await world.case(case_id(feedback(number))) for number in (1, 2)]
    monday = T0.replace(day=2, hour=1)
    assert (old.deadlines.respond, new.deadlines.respond) == (
        monday + 4 * HOUR,
        monday + 7 * HOUR,
    )
    await world.fire_until(monday + 3 * HOUR)
    assert await world.kinds(case_id(feedback(1))) == [("opened", None), ("warned", "respond")]
    assert await world.kinds(case_id(feedback(2))) == [("opened", None)]


async def test_a_try_tells_the_rule_the_deadlines_and_the_steps(client: httpx.AsyncClient) -> None:
    version = await activate(client, policy())
    item = {"colour": "red", "received_at": T0.isoformat()}
    found = (await client.post(f"/v1/policies/{version}/try", json=item)).json()
    assert (found["rule"], found["opens"]) == ("red", True)
    assert found["deadlines"] == {"respond": (T0 + 4 * HOUR).isoformat().replace("+00:00", "Z")}
    steps = [(one["clock"], one["step"]) for one in found["steps"]]
    assert steps == [
        ("respond", "half"),
        ("respond", "breach"),
        *(("respond", f"repeat-{count}") for count in range(1, 6)),
    ]
    green = {**item, "colour": "green"}
    rest = (await client.post(f"/v1/policies/{version}/try", json=green)).json()
    assert (rest["rule"], rest["opens"], rest["steps"]) == ("rest", False, [])


async def test_a_try_tells_what_becomes_of_a_signal(client: httpx.AsyncClient) -> None:
    entries: list[dict[str, Any]] = [
        {"name": "grave", "kinds": ["churn_risk"], "confidence": 0.9, "colour": "red",
         "effect": "open"},
        {"name": "rest", "effect": "join"},
    ]  # fmt: skip
    version = await activate(client, policy(signals=entries))
    body = {"received_at": T0.isoformat(), "signal": {"kind": "churn_risk", "confidence": 0.95}}
    found = (await client.post(f"/v1/policies/{version}/try", json=body)).json()
    assert (found["effect"], found["rule"], found["opens"]) == ("open", "red", True)
    assert found["deadlines"] == {"respond": "2026-03-01T12:00:00Z"}
    body["signal"] = {"kind": "journey_stuck"}
    joins = (await client.post(f"/v1/policies/{version}/try", json=body)).json()
    assert (joins["effect"], joins["opens"]) == ("join", False)
    wrong = await client.post("/v1/policies", json=policy(signals=[{**entries[1], "rule": "blue"}]))
    assert wrong.status_code == 422
    assert "asks for the rule blue" in wrong.text


async def test_what_cannot_be_used_is_told_with_its_place(client: httpx.AsyncClient) -> None:
    unknown = await client.post("/v1/policies", json=policy(calendar="night"))
    assert unknown.status_code == 422
    assert unknown.json()["errors"] == [
        {
            "at": "body.rules.0.clocks.respond.calendar",
            "message": "there is no active calendar of this name; use always",
        }
    ]
    seldom = {"zone": "Asia/Shanghai", "week": {"monday": ["09:00-10:00"]}}
    await client.put("/v1/calendars/seldom", json=seldom)
    await client.post("/v1/calendars/seldom/versions/1/activate")
    long = await client.post("/v1/policies", json=policy(hours=100, calendar="seldom"))
    assert [one["at"] for one in long.json()["errors"]] == ["body.rules.0.clocks.respond.target"]
    wrong = await client.post("/v1/policies", json={**policy(), "rules": [{"name": "a"}] * 2})
    assert wrong.status_code == 422
    assert "twice" in wrong.json()["errors"][0]["message"]


async def test_a_calendar_under_which_the_active_policy_has_no_deadline_is_not_activated(
    client: httpx.AsyncClient,
) -> None:
    await client.put("/v1/calendars/office", json=OFFICE)
    await client.post("/v1/calendars/office/versions/1/activate")
    version = await activate(client, policy(hours=100, calendar="office"))
    seldom = {**OFFICE, "week": {"monday": ["09:00-10:00"]}}
    await client.put("/v1/calendars/office", json=seldom)
    refused = await client.post("/v1/calendars/office/versions/2/activate")
    assert (refused.status_code, refused.json()["type"][-14:]) == (409, "calendar-unfit")
    (error,) = refused.json()["errors"]
    assert error["at"] == "policy.rules.0.clocks.respond.target"
    assert f"policy@{version}" in refused.json()["detail"]
    assert (await client.get("/v1/calendars/office")).json()["active_version"] == 1
    await activate(client, policy(hours=10, calendar="office"))
    again = await client.post("/v1/calendars/office/versions/2/activate")
    assert again.status_code == 200
    # The version of before cannot be used any more, and says so.
    old = await client.post(f"/v1/policies/{version}/activate")
    assert (old.status_code, len(old.json()["errors"])) == (422, 1)


async def test_every_change_stands_in_the_audit(world: World, client: httpx.AsyncClient) -> None:
    await activate(client, policy())
    rows = await world.query("SELECT action, after FROM alerting.audit_entry ORDER BY position")
    assert [row.action for row in rows] == ["policy.made", "policy.activated"]
    assert rows[0].after["document"]["rules"][0]["name"] == "red"
    assert rows[1].after == {"version": 1}


async def test_of_activations_at_once_each_says_which_one_it_replaces(
    world: World, client: httpx.AsyncClient
) -> None:
    versions = [await activate(client, policy(hours)) for hours in (4, 8)]
    await asyncio.gather(
        *(client.post(f"/v1/policies/{version}/activate") for version in versions * 4)
    )
    rows = await world.query(
        "SELECT before, after FROM alerting.audit_entry WHERE action = 'policy.activated'"
        " ORDER BY position"
    )
    assert len(rows) == 10
    assert all(one.after == other.before for one, other in pairwise(rows))


async def test_a_tenants_versions_are_its_own(client: httpx.AsyncClient) -> None:
    await activate(client, policy())
    theirs = {"X-API-Key": OTHER_API_KEY}
    assert (await client.get("/v1/policies/1", headers=theirs)).status_code == 404
    assert (await client.post("/v1/policies/1/activate", headers=theirs)).status_code == 404
    mine = (await client.get("/v1/policies/active", headers=theirs)).json()
    assert mine["version"] == 0


async def test_a_breach_at_night_is_recorded_then_and_told_in_the_morning(
    world: World, client: httpx.AsyncClient
) -> None:
    """Eight hours from Sunday 16:00 in Shanghai are over at midnight."""
    await world.add_endpoint("https://example.com/")
    await client.put("/v1/calendars/office", json=OFFICE)
    await client.post("/v1/calendars/office/versions/1/activate")
    await activate(client, policy(8, notify_calendar="office"))
    await world.consume(enriched(feedback()))
    await world.fire_until(T0 + 8 * HOUR)
    case = await world.case(case_id(feedback()))
    assert [clock.breached_at for clock in case.clocks] == [T0 + 8 * HOUR]
    told = await world.query(
        "SELECT due_at FROM alerting.delivery WHERE event_type = 'case.breached'"
    )
    assert [one.due_at for one in told] == [T0.replace(day=2, hour=1)]


async def test_under_another_ladder_the_next_step_is_that_of_the_other_ladder(
    world: World, client: httpx.AsyncClient
) -> None:
    """Also of a clock that has run out, and so keeps its terms."""
    plan = {"plan": {"target": "PT48H"}}
    rungs = [*LADDER["rungs"], {"name": "over", "percent": 110, "notify": ["director"]}]
    rules = [
        {"name": "red", "when": {"colours": ["red"]}, "clocks": plan, "ladder": "steep"},
        {"name": "amber", "when": {"colours": ["amber"]}, "clocks": plan},
        {"name": "rest"},
    ]
    ladders = {"default": LADDER, "steep": {"rungs": rungs}}
    await activate(client, policy(rules=rules, ladders=ladders))
    await world.consume(enriched(feedback(), Colour.AMBER))
    await world.fire_until(T0 + 50 * HOUR)
    more = feedback(2, conversation_id="conv-1", received_at=T0 + 50 * HOUR)
    await world.consume(enriched(more))
    await world.fire_until(T0 + 53 * HOUR)
    steps = [kind for kind, clock in await world.kinds(case_id(feedback())) if clock == "plan"]
    assert steps == ["warned", "breached", "escalated"]

"""Versions that are applied to open clocks: told before, done in batches, resumed, in the audit."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from heedful.alerting import work
from heedful.alerting.api import applications, applying, calendar_versions, calendars, policies
from heedful.alerting.applying import loop
from heedful.alerting.case import Case
from heedful.alerting.matching import Hashed
from heedful.alerting.policies.matching import item_of
from heedful.alerting.records import Classified, FeedbackKey, Heard, Tally
from heedful.alerting.states import State
from heedful.common.contracts import Actor, ActorType, ClockMetric, Colour
from tests.integration.alerting.auditing import Audit
from tests.integration.alerting.calling import calling
from tests.integration.alerting.world import (
    HOUR,
    T0,
    World,
    case_id,
    contact,
    enriched,
    feedback,
)
from tests.integration.conftest import OTHER_API_KEY

WANG = Actor(type=ActorType.HUMAN, id="wang")
LADDER = {
    "rungs": [
        {"name": "half", "percent": 50, "notify": ["owner"]},
        {"name": "breach", "percent": 100, "notify": ["manager"]},
    ]
}
WEEK = {day: ["09:00-18:00"] for day in ("monday", "tuesday", "wednesday", "thursday", "friday")}
OFFICE = {"zone": "Asia/Shanghai", "week": WEEK}
OPEN = {day: ["00:00-24:00"] for day in (*WEEK, "saturday", "sunday")}


def policy(calendar: str = "always", **hours: int) -> dict[str, Any]:
    """Red has clocks of so many hours; nothing else is a case."""
    clocks = {
        name: {
            "target": f"PT{target}H",
            "calendar": calendar,
            "pauses": [] if name == "respond" else ["waiting_customer"],
        }
        for name, target in hours.items()
    }
    rules = [{"name": "red", "when": {"colours": ["red"]}, "clocks": clocks}, {"name": "rest"}]
    return {"rules": rules, "ladders": {"default": LADDER}}


@pytest.fixture
async def client(world: World) -> AsyncIterator[httpx.AsyncClient]:
    auth, rulebook = world.platform.auth, world.rulebook
    routers = [
        policies.router(world.database, rulebook, auth),
        calendars.router(world.database, auth),
        calendar_versions.router(world.database, world.rulebook, auth),
        applying.router(world.database, rulebook, auth, lambda: None),
        applications.router(world.database, auth),
    ]
    async with calling(world.platform, routers) as made:
        yield made


async def activate(client: httpx.AsyncClient, document: dict[str, Any]) -> str:
    """The path of the version."""
    made = await client.post("/v1/policies", json=document)
    assert made.status_code == 201, made.text
    path = f"/v1/policies/{made.json()['version']}"
    assert (await client.post(f"{path}/activate")).status_code == 200
    return path


async def put_office(client: httpx.AsyncClient, body: dict[str, Any]) -> str:
    put = await client.put("/v1/calendars/office", json=body)
    path = f"/v1/calendars/office/versions/{put.json()['version']}"
    assert (await client.post(f"{path}/activate")).status_code == 200
    return path


async def previewed(client: httpx.AsyncClient, path: str) -> dict[str, Any]:
    answer = await client.post(f"{path}/apply")
    assert answer.status_code == 200, answer.text
    assert (answer.json()["dry_run"], answer.json()["application"]) == (True, None)
    found: dict[str, Any] = answer.json()["preview"]
    return found


async def apply(client: httpx.AsyncClient, world: World, path: str) -> dict[str, Any]:
    """Order it, do it, and see what it did."""
    answer = await client.post(f"{path}/apply", json={"dry_run": False})
    assert answer.status_code == 200, answer.text
    ordered = answer.json()["application"]
    assert (ordered["progress"], ordered["finished_at"]) == ("running", None)
    await world.apply_all()
    found: dict[str, Any] = (await client.get(f"/v1/applications/{ordered['id']}")).json()
    return found


async def cases_of(world: World, count: int) -> list[Case]:
    return [await world.case(case_id(feedback(number))) for number in range(count)]


async def test_a_preview_tells_what_applying_does_and_changes_nothing(
    world: World, client: httpx.AsyncClient
) -> None:
    await world.consume(*(enriched(feedback(number)) for number in range(3)))
    path = await activate(client, policy(respond=4, plan=60))
    world.now = T0 + 5 * HOUR
    told = await previewed(client, path)
    assert (told["cases"], told["changed"], told["complete"]) == (3, 3, True)
    nothing = dict.fromkeys(("earlier", "later", "started", "ended", "overdue", "out_of_reach"), 0)
    assert told["clocks"] == {
        "respond": {"looked_at": 3, **nothing, "earlier": 3, "overdue": 3},
        "plan": {"looked_at": 3, **nothing, "later": 3},
        "land": {"looked_at": 3, **nothing, "ended": 3},
    }
    assert told["found_by"] == {"labels": 3}
    first = told["most_moved"][0]
    assert (first["metric"], first["by_seconds"]) == ("respond", -20 * 3600)
    assert {one["metric"] for one in told["most_moved"]} == {"respond", "plan"}
    assert await world.query("SELECT 1 FROM alerting.application") == []
    assert [one.policy for one in await cases_of(world, 3)] == ["builtin@1"] * 3

    done = await apply(client, world, path)
    assert (done["progress"], done["waiting"], done["ref"]) == ("done", 0, "policy@1")
    assert {name: done[name] for name in ("cases", "changed", "clocks", "found_by")} == {
        name: told[name] for name in ("cases", "changed", "clocks", "found_by")
    }
    for one in await cases_of(world, 3):
        assert (one.policy, one.rule) == ("policy@1", "red")
        assert (one.deadlines.respond, one.deadlines.plan) == (T0 + 4 * HOUR, T0 + 60 * HOUR)
    await world.fire_until(world.now)
    assert await world.kinds(case_id(feedback(0))) == [
        ("opened", None),
        ("policy_applied", None),
        ("warned", "respond"),
        ("breached", "respond"),
    ]
    (breached,) = [one for one in (await cases_of(world, 1))[0].clocks if one.breached_at]
    assert breached.breached_at == T0 + 4 * HOUR


async def test_it_is_done_by_any_replica_and_a_killed_one_leaves_nothing_half_done(
    world: World, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three replicas, one of which dies in its first batch."""
    monkeypatch.setattr(loop, "BATCH", 4)
    count = 30
    await world.consume(*(enriched(feedback(number)) for number in range(count)))
    path = await activate(client, policy(respond=4))
    await client.post(f"{path}/apply", json={"dry_run": False})
    await world.applications.step()
    killed = world.application_loop()

    async def die(*_: object) -> None:
        raise RuntimeError("killed")

    monkeypatch.setattr(killed, "_responses", type("Dead", (), {"match": die})())
    with pytest.raises(RuntimeError):
        await killed.step()

    async def work() -> None:
        replica = world.application_loop()
        for _ in range(40):
            await replica.step()

    await asyncio.gather(work(), work())
    (found,) = (await client.get("/v1/applications")).json()["items"]
    assert (found["progress"], found["cases"], found["changed"]) == ("done", count, count)
    events = await world.query(
        "SELECT case_id FROM alerting.case_event WHERE kind = 'policy_applied'"
    )
    assert Counter(row.case_id for row in events) == Counter(
        case_id(feedback(number)) for number in range(count)
    )
    assert {one.deadlines.respond for one in await cases_of(world, count)} == {T0 + 4 * HOUR}


async def test_pauses_taken_steps_and_breaches_survive(
    world: World, client: httpx.AsyncClient
) -> None:
    await activate(client, policy(respond=2, plan=20))
    await world.consume(enriched(feedback()))
    one = case_id(feedback())
    await world.acknowledge(one, WANG)
    await world.fire_until(T0 + 3 * HOUR)
    await world.take(one, lambda _, now: work.paused(now, WANG, State.WAITING_CUSTOMER, "asked"))
    world.now = T0 + 5 * HOUR
    await world.take(one, lambda _, now: work.resumed(now, WANG, None))
    path = await activate(client, policy(respond=8, plan=30))
    await apply(client, world, path)
    case = await world.case(one)
    respond, plan = case.latest(ClockMetric.RESPOND), case.latest(ClockMetric.PLAN)
    assert respond is not None
    assert plan is not None
    assert (respond.due_at, respond.breached_at) == (T0 + 2 * HOUR, T0 + 2 * HOUR)
    assert plan.due_at == T0 + 32 * HOUR
    timers = await world.query("SELECT metric, due_at FROM alerting.timer WHERE metric = 'plan'")
    assert [row.due_at for row in timers] == [T0 + 17 * HOUR]


async def test_a_clock_that_begins_is_met_by_whoever_had_reached_the_customer(
    world: World, client: httpx.AsyncClient
) -> None:
    """One call was entered by hand, one came as an interaction, and nobody called the third."""
    await activate(client, policy(plan=20))
    other = feedback(2, identifiers=())
    nobody = feedback(3, identifiers=())
    await world.consume(*map(enriched, (feedback(1), other, nobody)))
    world.now = T0 + 2 * HOUR
    await world.respond(case_id(other), WANG)
    await world.consume(contact())
    path = await activate(client, policy(respond=4, plan=20))
    world.now = T0 + 6 * HOUR
    assert (await previewed(client, path))["clocks"]["respond"]["started"] == 3
    await apply(client, world, path)
    found = [(await world.case(case_id(feedback(number)))).clocks[-1] for number in (1, 2, 3)]
    assert [one.fulfilled_at for one in found] == [T0 + HOUR, T0 + 2 * HOUR, None]
    await world.fire_until(world.now)
    kinds = [kind for kind, _ in await world.kinds(case_id(nobody))]
    assert kinds[-2:] == ["warned", "breached"]


async def test_a_calendar_moves_its_clocks(world: World, client: httpx.AsyncClient) -> None:
    """Nine office hours from Sunday 16:00 in Shanghai end on Monday at 18:00."""
    await put_office(client, OFFICE)
    await activate(client, policy("office", plan=9))
    await world.consume(enriched(feedback()))
    path = await put_office(client, {**OFFICE, "week": OPEN})
    told = await previewed(client, path)
    assert told["most_moved"][0]["due_at"] == "2026-03-01T17:00:00Z"
    done = await apply(client, world, path)
    assert (done["clocks"], done["found_by"]) == (told["clocks"], {})
    assert done["clocks"]["plan"]["earlier"] == 1
    case = await world.case(case_id(feedback()))
    assert case.deadlines.plan == T0 + 9 * HOUR
    assert [clock.terms.calendar for clock in case.clocks] == ["office@2"]
    (event,) = await world.query(
        "SELECT detail FROM alerting.case_event WHERE kind = 'calendar_applied'"
    )
    assert event.detail == {"calendar": "office@2", "application": done["id"]}


async def test_who_wrote_by_the_version_before_is_waited_for(
    world: World, client: httpx.AsyncClient
) -> None:
    """A batch that began before the change commits after the first look."""
    await world.consume(enriched(feedback(0)))
    late = enriched(feedback(1))
    heard = Heard(FeedbackKey.of(late.feedback), item_of(late), T0, T0, Hashed(("k",)))
    async with world.database.intake() as (connection, now):
        await world.openings.take(connection, now, [Classified(heard, Colour.RED, ())], Tally())
        path = await activate(client, policy(respond=4))
        answer = await client.post(f"{path}/apply", json={"dry_run": False})
        ordered = answer.json()["application"]["id"]
        await world.apply_all()
        found = (await client.get(f"/v1/applications/{ordered}")).json()
        assert (found["progress"], found["changed"]) == ("running", 1)
    await world.apply_all()
    found = (await client.get(f"/v1/applications/{ordered}")).json()
    assert (found["progress"], found["changed"]) == ("done", 2)
    assert [one.policy for one in await cases_of(world, 2)] == ["policy@1"] * 2


async def test_a_version_that_is_activated_meanwhile_ends_it(
    world: World, client: httpx.AsyncClient
) -> None:
    await world.consume(enriched(feedback()))
    path = await activate(client, policy(respond=4))
    answer = await client.post(f"{path}/apply", json={"dry_run": False})
    await activate(client, policy(respond=8))
    await world.apply_all()
    ordered = answer.json()["application"]["id"]
    found = (await client.get(f"/v1/applications/{ordered}")).json()
    assert (found["progress"], found["changed"]) == ("superseded", 0)
    assert (await world.case(case_id(feedback()))).policy == "builtin@1"


async def test_only_an_active_version_is_applied_and_one_at_a_time(
    world: World, client: httpx.AsyncClient
) -> None:
    await world.consume(enriched(feedback()))
    first = await activate(client, policy(respond=4))
    second = await activate(client, policy(respond=8))
    assert (await previewed(client, first))["changed"] == 1
    refused = await client.post(f"{first}/apply", json={"dry_run": False})
    assert (refused.status_code, refused.json()["type"][-10:]) == (409, "not-active")
    assert "policy@1 is not active" in refused.json()["detail"]
    one, again = [
        (await client.post(f"{second}/apply", json={"dry_run": False})).json()["application"]["id"]
        for _ in range(2)
    ]
    assert one == again
    office = await put_office(client, OFFICE)
    busy = await client.post(f"{office}/apply", json={"dry_run": False})
    assert (busy.status_code, busy.json()["application"]) == (409, one)
    await world.apply_all()
    # A third order finds nothing to do.
    third = await apply(client, world, second)
    assert (third["progress"], third["cases"]) == ("done", 0)


async def test_it_stands_in_the_audit_and_every_chain_holds(
    world: World, client: httpx.AsyncClient
) -> None:
    await world.consume(enriched(feedback()))
    path = await activate(client, policy(respond=4))
    done = await apply(client, world, path)
    rows = await world.query(
        "SELECT action, actor_type, after FROM alerting.audit_entry ORDER BY position"
    )
    assert [row.action for row in rows][-2:] == [
        "policy.application_ordered",
        "policy.application_ended",
    ]
    assert rows[-1].after["application"] == done["id"]
    assert rows[-1].after["changed"] == 1
    audit = Audit(world)
    await audit.anchor()
    assert await audit.broken() == []


async def test_what_is_over_and_what_is_of_others_stays(
    world: World, client: httpx.AsyncClient
) -> None:
    await world.consume(enriched(feedback()))
    path = await activate(client, policy(respond=4))
    theirs = {"X-API-Key": OTHER_API_KEY}
    assert (await client.post(f"{path}/apply", headers=theirs)).status_code == 404
    assert (await client.get("/v1/applications/none")).status_code == 404
    done = await apply(client, world, path)
    assert (await client.get(f"/v1/applications/{done['id']}", headers=theirs)).status_code == 404
    assert (await client.get("/v1/applications", headers=theirs)).json()["items"] == []


async def test_what_the_labels_say_is_forgotten_and_the_name_of_the_rule_is_not(
    world: World, client: httpx.AsyncClient
) -> None:
    await world.consume(enriched(feedback(), Colour.RED))
    async with world.platform.engine.begin() as connection:
        await connection.execute(text("DELETE FROM alerting.enriched"))
    path = await activate(client, policy(respond=4))
    assert (await previewed(client, path))["found_by"] == {"name": 1}

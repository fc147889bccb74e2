"""What a policy would have made of what is recorded."""

from collections.abc import AsyncIterator
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest
from sqlalchemy import text

from heedful.alerting.api import dry_runs, policies
from heedful.alerting.dryrun.running import dry_run
from heedful.common.contracts import Actor, ActorType, Colour, Feedback, SignalKind
from tests.integration.alerting.calling import calling
from tests.integration.alerting.signals import about, outcomes, show, signal, silence
from tests.integration.alerting.world import HOUR, T0, World, case_id, enriched, feedback, phone
from tests.integration.conftest import OTHER_API_KEY, TENANT

ZONE = ZoneInfo("Asia/Shanghai")
WANG = Actor(type=ActorType.HUMAN, id="wang")
LADDER = {
    "rungs": [
        {"name": "half", "percent": 50, "notify": ["owner"]},
        {"name": "breach", "percent": 100, "notify": ["manager"]},
    ],
    "repeats": 0,
}
TODAY = T0.date().isoformat()


def policy(hours: int, *colours: str) -> dict[str, Any]:
    """Items of these colours are responded to within so many hours."""
    respond = {"respond": {"target": f"PT{hours}H"}}
    rules = [
        {"name": colour, "when": {"colours": [colour]}, "clocks": respond, "notify": ["lead"]}
        for colour in colours
    ]
    return {"rules": [*rules, {"name": "rest"}], "ladders": {"default": LADDER}}


@pytest.fixture
async def client(world: World) -> AsyncIterator[httpx.AsyncClient]:
    auth, rulebook = world.platform.auth, world.rulebook
    routers = [
        policies.router(world.database, rulebook, auth),
        dry_runs.router(world.database, rulebook, auth, ZONE),
    ]
    async with calling(world.platform, routers) as made:
        yield made


async def tried(client: httpx.AsyncClient, document: dict[str, Any], **body: int) -> dict[str, Any]:
    made = (await client.post("/v1/policies", json=document)).json()["version"]
    answer = await client.post(f"/v1/policies/{made}/dry-run", json=body)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def alone(number: int) -> Feedback:
    return feedback(number, identifiers=())


async def test_cases_clocks_and_notices_against_what_there_was(
    world: World, client: httpx.AsyncClient
) -> None:
    """Of three red ones one is answered after two hours; of two amber ones there was no case."""
    reds, ambers = [alone(number) for number in (1, 2, 3)], [alone(number) for number in (4, 5)]
    await world.consume(*map(enriched, reds), *(enriched(one, Colour.AMBER) for one in ambers))
    world.now = T0 + 2 * HOUR
    await world.respond(case_id(reds[0]), WANG)
    await world.fire_until(T0 + 30 * HOUR)
    found = await tried(client, policy(4, "red", "amber"), days=2)
    assert (found["received"], found["without_labels"], found["complete"]) == (5, 0, True)
    assert found["by_rule"] == {
        "red": {"opened": 0, "would_open": 3, "more": 0},
        "amber": {"opened": 0, "would_open": 0, "more": 2},
    }
    assert found["by_colour"] == {
        "red": {"opened": 3, "would_open": 3, "more": 0},
        "amber": {"opened": 0, "would_open": 0, "more": 2},
    }
    assert found["by_day"] == [{"day": TODAY, "opened": 3, "would_open": 3, "more": 2}]
    assert found["clocks"]["respond"] == {
        "runs": 3,
        "breached": 2,
        "would_run": 3,
        "would_breach": 2,
    }
    assert found["clocks"]["plan"] == {
        "runs": 3,
        "breached": 0,
        "would_run": 0,
        "would_breach": 0,
    }
    notices = {one["recipient"]: (one["told"], one["unanswered"]) for one in found["notices"]}
    assert notices == {"lead": (3, 2), "owner": (2, 2), "manager": (2, 2)}
    assert {one["day"] for one in found["notices"]} == {TODAY}
    longer = await tried(client, policy(40, "red"))
    assert longer["clocks"]["respond"]["would_breach"] == 0


async def test_a_policy_under_which_it_happened_gives_what_happened(
    world: World, client: httpx.AsyncClient
) -> None:
    version = (await client.post("/v1/policies", json=policy(4, "red"))).json()["version"]
    await client.post(f"/v1/policies/{version}/activate")
    reds = [alone(number) for number in range(6)]
    await world.consume(*map(enriched, reds))
    await world.add_endpoint("https://example.com/")
    for hours, one in enumerate(reds[:4], 2):
        await world.fire_until(T0 + (hours + 0.5) * HOUR)
        await world.respond(case_id(one), WANG)
    await world.fire_until(T0 + 9 * HOUR)
    found = await tried(client, policy(4, "red"))
    kept = found["clocks"]["respond"]
    assert (kept["breached"], kept["would_breach"]) == (4, 4)
    steps = await world.query(
        "SELECT rung, count(*) AS n FROM alerting.case_event WHERE rung IS NOT NULL GROUP BY rung"
    )
    done = {row.rung: row.n for row in steps}
    told = {one["recipient"]: one["told"] for one in found["notices"]}
    assert (told["owner"], told["manager"]) == (done["half"], done["breach"])


async def test_what_is_not_kept_is_said(world: World, client: httpx.AsyncClient) -> None:
    await world.consume(enriched(alone(1)), enriched(alone(2), Colour.AMBER))
    async with world.platform.engine.begin() as connection:
        await connection.execute(
            text("UPDATE alerting.enriched SET item = NULL, received_at = NULL, seen_at = :at"),
            {"at": T0},
        )
    world.now = T0 + HOUR
    found = await tried(client, policy(4, "red", "amber"))
    assert (found["received"], found["without_labels"], found["by_name"]) == (0, 2, 1)
    assert found["by_rule"] == {"red": {"opened": 0, "would_open": 1, "more": 0}}


async def test_only_what_was_received_in_those_days_and_by_that_tenant(
    world: World, client: httpx.AsyncClient
) -> None:
    await world.consume(enriched(alone(1)))
    world.now = T0 + 50 * HOUR
    assert (await tried(client, policy(4, "red"), days=2))["by_rule"] == {}
    assert (await tried(client, policy(4, "red"), days=3))["by_rule"]["red"]["would_open"] == 1
    theirs = {"X-API-Key": OTHER_API_KEY}
    assert (await client.post("/v1/policies/1/dry-run", headers=theirs)).status_code == 404
    too_long = await client.post("/v1/policies/1/dry-run", json={"days": 91})
    assert too_long.status_code == 422


async def test_what_takes_too_long_says_how_far_it_came(
    world: World, client: httpx.AsyncClient
) -> None:
    await client.post("/v1/policies", json=policy(4, "red"))
    async with world.database.begin() as (connection, now):
        active = (await world.rulebook.active(connection, [TENANT]))[TENANT]
    found = await dry_run(world.database, TENANT, active, now, 30, ZONE, limit_s=0)
    assert (found.since, found.complete) == (now, False)


async def test_signals_by_what_came_of_them_and_what_would_have(
    world: World, client: httpx.AsyncClient
) -> None:
    """The version of before joins, the tried one opens what is about deliveries and ignores what is
    silent."""
    before = {**policy(4, "red", "amber"), "signals": [joins("repeated_contact")]}
    await client.post("/v1/policies", json=before)
    await client.post("/v1/policies/1/activate")
    person, stranger = feedback(1), feedback(2, identifiers=(phone("+8613900139000"),))
    await world.consume(about(person))
    await show(
        world,
        signal(person),
        signal(stranger, number=2, identifiers=stranger.identifiers),
        signal(stranger, number=3, identifiers=stranger.identifiers, topics=("price",)),
        silence(number=4),
        silence(number=5, kind=SignalKind.JOURNEY_STUCK),
        signal(stranger, number=6, detected_at=T0 - 80 * HOUR),
    )
    world.now += HOUR
    delivery = {
        "name": "delivery",
        "when": {"topics": ["delivery.late"]},
        "clocks": {"respond": {"target": "PT1H"}},
        "notify": ["lead"],
    }
    opens = {**joins("repeated_contact"), "effect": "open"}
    document = {
        "rules": [delivery, {"name": "rest"}],
        "ladders": {"default": LADDER},
        "signals": [opens, joins("journey_stuck")],
    }
    found = await tried(client, document, days=10)
    assert found["signals"] == {
        "repeated_contact": {
            "were": {"joined": 1, "unplaced": 2, "late": 1},
            "would_be": {"joined": 1, "opened": 1, "unplaced": 1, "late": 1},
        },
        "churn_risk": {"were": {"ignored": 1}, "would_be": {"ignored": 1}},
        "journey_stuck": {"were": {"ignored": 1}, "would_be": {"unknown": 1}},
    }
    assert found["by_rule"]["delivery"] == {"opened": 0, "would_open": 1, "more": 1}
    notices = {one["recipient"]: (one["told"], one["unanswered"]) for one in found["notices"]}
    assert notices["lead"] == (1, 1)
    again = (await client.post("/v1/policies/1/dry-run", json={"days": 10})).json()["signals"]
    assert all(one["were"] == one["would_be"] for one in again.values())


async def test_a_signal_that_opened_a_case_and_may_now_only_join(
    world: World, client: httpx.AsyncClient
) -> None:
    """Of two customers one had another case; the matter of an erased signal is that of its case."""
    opens = {**joins("repeated_contact"), "effect": "open"}
    await client.post("/v1/policies", json={**policy(4, "red", "amber"), "signals": [opens]})
    await client.post("/v1/policies/1/activate")
    other = feedback(2, identifiers=(phone("+8613900139000"),))
    await world.consume(about(feedback(1), topic="price"))
    await show(world, signal(), signal(other, number=2, identifiers=other.identifiers))
    assert await outcomes(world) == {"signal-1": "opened", "signal-2": "opened"}
    async with world.platform.engine.begin() as connection:
        await connection.execute(text("UPDATE alerting.signal SET item = NULL"))
    world.now += HOUR
    document = {**policy(4, "red", "amber"), "signals": [joins("repeated_contact")]}
    found = await tried(client, document)
    assert found["signals"]["repeated_contact"] == {
        "were": {"opened": 2},
        "would_be": {"joined": 1, "unplaced": 1},
    }


def joins(kind: str) -> dict[str, Any]:
    return {"name": kind, "kinds": [kind], "effect": "join"}

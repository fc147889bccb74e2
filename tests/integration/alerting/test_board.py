"""The board: filters, clocks at risk, what ran out and why, how long it takes to land."""

from typing import Any

import pytest

from tests.integration.alerting.figures_world import Known, client, hours, live
from tests.integration.alerting.world import T0, World, contact
from tests.integration.conftest import OTHER_API_KEY

NOW = 110.0
CASES = [
    Known(1, received=0, acknowledged=1, planned=20, landed=30),
    Known(2, received=10, acknowledged=30, planned=80, landed=90),
    Known(3, received=20, acknowledged=21, planned=70, landed=92),
    Known(4, received=24, acknowledged=30),
    Known(5, received=50),
]


async def shown(world: World, **params: Any) -> dict[str, Any]:
    async with client(world) as caller:
        answer = await caller.get("/v1/board", params=params)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_landing(world: World) -> None:
    """Above 72 h: the second (80 h) and the fourth (open for 86 h); the third took 72 h exactly."""
    await live(world, CASES, NOW)
    found = (await shown(world))["landing"]
    assert found["above_72h"] == {"share": 0.5, "n": 4}
    assert (found["young"], found["landed"]) == (1, 3)
    assert found["mean_hours"] == pytest.approx((30 + 80 + 72) / 3)
    assert found["median_hours"]["hours"] == 80
    assert set(found["excluded"].values()) == {0}


async def test_an_open_case_comes_of_age(world: World) -> None:
    await live(world, CASES, 50 + 72)
    assert (await shown(world))["landing"]["above_72h"]["n"] == 4
    world.now = T0 + hours(50 + 72.1)
    assert (await shown(world))["landing"]["above_72h"] == {"share": 0.6, "n": 5}


async def test_a_cohort_is_of_when_cases_were_received(world: World) -> None:
    await live(world, CASES, 24 * 2 + 11)
    found = (await shown(world, days=2))["landing"]
    assert (found["above_72h"]["n"], found["young"]) == (0, 3)


async def test_counts(world: World) -> None:
    await live(world, CASES, NOW)
    found = await shown(world)
    assert found["cases"] == 5
    assert found["colours"]["red"] == 5
    assert found["owners"] == [{"owner": "li.wei", "n": 3}, {"owner": None, "n": 2}]
    ages = [(one["from_hours"], one["to_hours"], one["n"]) for one in found["ages"]]
    assert ages == [(0, 24, 0), (24, 72, 1), (72, 168, 4), (168, 720, 0), (720, None, 0)]


@pytest.mark.parametrize(
    ("params", "count"),
    [
        ({"state": "new"}, 1),
        ({"colour": "green"}, 0),
        ({"owner": "li.wei"}, 3),
        ({"unowned": "true"}, 2),
        ({"older_than_hours": 90}, 3),
        ({"older_than_hours": 90, "state": "landed"}, 3),
        ({"team": "east"}, 0),
        ({"touchpoint": "app.checkout"}, 0),
        ({"topic": "price"}, 0),
    ],
)
async def test_filters_hold_for_every_figure(
    world: World, params: dict[str, Any], count: int
) -> None:
    await live(world, CASES, NOW)
    found = await shown(world, **params)
    landing = found["landing"]
    assert found["cases"] == count
    assert landing["above_72h"]["n"] + landing["young"] == count
    assert sum(one["n"] for one in found["ages"]) == count
    clocks = found["next_to_breach"] + found["breached"]
    if "owner" in params:
        assert {one["owner"] for one in clocks} == {params["owner"]}
    if not count:
        assert clocks == []


async def test_clocks_at_risk(world: World) -> None:
    await live(world, CASES, NOW)
    (first, *_) = (await shown(world))["next_to_breach"]
    assert (first["case_id"], first["metric"]) == (CASES[4].id, "land")
    assert (first["minutes_left"], first["colour"]) == (12 * 60, "red")


async def test_what_ran_out_and_why(world: World) -> None:
    """Nobody was contacted but the customer of the first, after 25 hours."""
    await live(world, CASES, NOW)
    first = contact(conversation_id="conv-1", identifiers=(), occurred_at=T0 + hours(25))
    await world.consume(first)
    found = await shown(world)
    reasons = {(one["metric"], one["why"]): one["n"] for one in found["breaches"]}
    assert reasons == {
        # The first belonged to somebody (20 h) before its time was up (24 h).
        ("respond", "late_contact"): 1,
        # The second was acknowledged in time (34 h), the third and fourth as well.
        ("respond", "no_owner"): 3,
        ("respond", "not_seen"): 1,
        # The second and third were planned after 58 h and 72 h; the fourth never was.
        ("plan", "no_owner"): 3,
        ("plan", "not_seen"): 1,
        ("land", "late_landing"): 1,
        ("land", "no_owner"): 1,
    }
    late = [one for one in found["breached"] if one["fulfilled_at"] is not None]
    assert all(one["minutes_over"] > 0 for one in found["breached"])
    waiting = [one["fulfilled_at"] is None for one in found["breached"]]
    assert waiting == sorted(waiting, reverse=True)
    assert late


async def test_other_tenants_see_nothing_of_it(world: World) -> None:
    await live(world, CASES, NOW)
    async with client(world, OTHER_API_KEY) as caller:
        found = (await caller.get("/v1/board")).json()
        lines = (await caller.get("/v1/board/cases.csv")).text.splitlines()
    assert (found["cases"], found["next_to_breach"], found["breached"]) == (0, [], [])
    assert len(lines) == 1


@pytest.mark.parametrize(
    "params", [{"state": "lost"}, {"older_than_hours": -1}, {"owner": ""}, {"days": 401}]
)
async def test_what_is_no_filter(world: World, params: dict[str, Any]) -> None:
    async with client(world) as caller:
        assert (await caller.get("/v1/board", params=params)).status_code == 422

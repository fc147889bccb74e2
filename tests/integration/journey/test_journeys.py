"""Journeys follow their events, whoever these belong to; a rebuild gives the same again."""

import random
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from heedful.common.contracts import Actor, ActorType, Colour, Direction, InteractionKind
from heedful.common.service import Periodic
from heedful.journey import store_journeys
from tests.integration.journey.erasing import answer_all, erase, seen
from tests.integration.journey.test_ageing import age
from tests.integration.journey.test_replay import in_batches, lives
from tests.integration.journey.world import NOW, Journey, problem, running
from tests.unit.journey.material import at, feedback, interaction

ANN, PHONE = "customer_id:ann", "phone:13900001234"
DAY = 24


async def fold(journey: Journey) -> None:
    """Until there is nothing left to fold now."""
    loop = next(part for part in journey.service.background if part.name == "journey.folding")
    assert isinstance(loop, Periodic)
    while not await loop._step():
        pass


async def folded(journey: Journey) -> list[dict[str, Any]]:
    """Every journey that is kept."""
    await fold(journey)
    rows = await journey.query("SELECT * FROM journey.journey ORDER BY customer_id")
    return [dict(row._mapping) for row in rows]


async def rebuilt(journey: Journey) -> list[dict[str, Any]]:
    """The same, from the events alone."""
    async with journey.platform.engine.begin() as connection:
        await connection.execute(text("TRUNCATE journey.journey"))
        await store_journeys.mark_all(connection, None)
    return await folded(journey)


async def test_a_rebuild_gives_what_grew_batch_by_batch(journey: Journey) -> None:
    """Late and out of order, with merges and splits on the way."""
    for seed in range(4):
        chance = random.Random(seed)  # noqa: S311  # not for secrets
        events = lives(chance, 24)
        await journey.forget()
        for batch in in_batches(chance, events):
            await journey.consume(*batch)
            await fold(journey)
        grown = await folded(journey)
        assert grown
        assert await rebuilt(journey) == grown, seed
        await journey.forget()
        await journey.consume(*events)
        assert await folded(journey) == grown, seed


async def test_a_journey_says_where_the_customer_stands(journey: Journey) -> None:
    human = Actor(type=ActorType.HUMAN)
    await journey.consume(
        interaction(1, ANN, kind=InteractionKind.BROWSE),
        interaction(30, ANN),
        feedback(60, ANN, colour=Colour.RED, topics=["delivery"], conversation_id="k"),
        interaction(
            62, ANN, kind=InteractionKind.CONTACT, direction=Direction.OUTBOUND, actor=human
        ),
    )
    await fold(journey)
    (item,) = await journey.pages("/v1/journeys")
    seen = await journey.get(f"/v1/journeys/{item['customer_id']}")
    assert {name: seen[name] for name in item} == item
    assert (seen["stage"], seen["events"], seen["sessions"]) == ("service", 4, 4)
    assert [one["stage"] for one in seen["stays"]] == ["explore", "buy", "service"]
    assert (seen["answered"], seen["mean_wait_s"], seen["waiting_since"]) == (1, 7200, None)
    sessions = await journey.pages(f"/v1/journeys/{item['customer_id']}/sessions", limit=3)
    assert [one["number"] for one in sessions] == [4, 3, 2, 1]
    (said,) = sessions[1]["events"]
    assert (said["id"], said["light"], said["topics"]) == ("f60", "red", ["delivery"])
    assert (said["valence"], said["stage"]) == (1.0, "service")


async def test_the_list_has_pages_and_filters(journey: Journey) -> None:
    for number in range(5):
        await journey.consume(interaction(number, f"customer_id:c{number}"))
    await journey.consume(feedback(9, "customer_id:c4", colour=Colour.RED))
    await fold(journey)
    listed = await journey.pages("/v1/journeys", limit=2)
    times = [one["last_at"] for one in listed]
    assert len(listed) == 5
    assert times == sorted(times, reverse=True)
    (served,) = await journey.pages("/v1/journeys", stage="service")
    assert served["customer_id"] == listed[0]["customer_id"]
    assert len(await journey.pages("/v1/journeys", stage="buy")) == 4
    stuck = await journey.pages("/v1/journeys", stuck=True)
    assert [one["customer_id"] for one in stuck] == [served["customer_id"]]
    assert stuck[0]["stuck_since"] == (at(9 + 7 * DAY)).isoformat().replace("+00:00", "Z")
    assert len(await journey.pages("/v1/journeys", stuck=False)) == 4
    answer = await journey.client.get("/v1/journeys", params={"stage": "bye"})
    problem(answer, 400, "unknown-stage")
    for cursor in ("x", "WyIyMDI2LTAxLTAxVDAwOjAwOjAwKzAwOjAwIiwieCJd"):
        answer = await journey.client.get("/v1/journeys", params={"cursor": cursor})
        problem(answer, 400, "bad-cursor")


async def test_stages_are_the_tenants(journey: Journey) -> None:
    found = await journey.get("/v1/stages")
    assert [one["zh"] for one in found["stages"]] == [
        *("需求产生", "了解", "购买", "使用", "售后", "复购", "推荐")
    ]
    stores = [one["stage"] for one in found["touchpoints"] if one["touchpoint"] == "store.*"]
    assert stores == ["use", "explore"]


async def test_a_merge_gives_one_journey_and_a_split_two(journey: Journey) -> None:
    await journey.consume(interaction(1, ANN), interaction(2, PHONE))
    assert [one["events"] for one in await folded(journey)] == [1, 1]
    await journey.consume(interaction(3, ANN, PHONE))
    assert [one["events"] for one in await folded(journey)] == [3]
    await journey.consume(interaction(4, "customer_id:bob", PHONE))
    assert sorted(one["events"] for one in await folded(journey)) == [1, 2]


async def test_a_replayed_event_touches_nobody(journey: Journey) -> None:
    event = feedback(1, ANN)
    await journey.consume(event)
    await fold(journey)
    await journey.consume(event)
    assert await journey.query("SELECT * FROM journey.touched") == []


async def test_who_is_erased_has_no_journey_at_once(journey: Journey) -> None:
    await journey.consume(feedback(1, ANN), feedback(2, PHONE))
    await fold(journey)
    customer = await journey.customer_of(ANN)
    erased = await erase(journey, ANN)
    await answer_all(journey)
    found = await seen(journey, erased["id"])
    own = next(one for one in found["services"] if one["service"] == "journey")
    assert own["deleted"]["journeys"] == 1
    left = {one["name"] for one in own["remaining"]}
    assert "heedful.journey.signal.v1" in left
    for table in ("journey", "touched"):
        sql = f"SELECT 1 FROM journey.{table} WHERE customer_id = :id"  # noqa: S608
        assert await journey.query(sql, id=customer) == []
    assert len(await journey.pages("/v1/journeys")) == 1
    assert await rebuilt(journey) == await folded(journey)


async def test_who_was_two_and_is_erased_leaves_neither_of_their_journeys(
    journey: Journey,
) -> None:
    """Also before they are folded into one."""
    await journey.consume(interaction(1, ANN), interaction(2, PHONE))
    await fold(journey)
    await journey.consume(interaction(3, ANN, PHONE))
    await erase(journey, ANN)
    for table in ("journey", "touched"):
        assert await journey.query(f"SELECT 1 FROM journey.{table}") == []  # noqa: S608


async def test_a_journey_ages_with_its_events(journey: Journey) -> None:
    await journey.consume(feedback(1, ANN), feedback(30, ANN), feedback(2, PHONE))
    assert len(await folded(journey)) == 2
    assert await age(journey, 20) == 2
    (left,) = await folded(journey)
    assert (left["events"], left["first_at"]) == (1, at(30))


async def test_another_lifecycle_folds_anew(
    journey: Journey, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    await journey.consume(interaction(1, ANN))
    await fold(journey)
    own = tmp_path / "own.yaml"
    own.write_text(
        'version: "7"\ntenants: [acme]\nstages: [{code: deal, zh: 成交, en: Deal}]\n'
        "rules: [{stage: deal, when: {interaction: [order]}}]"
    )
    monkeypatch.setenv("HEEDFUL_JOURNEY__LIFECYCLE", str(own))
    async with running(journey.platform) as other:
        (found,) = await folded(other)
        assert found["stage"] == "deal"
        assert found["version"].startswith("7+")


async def test_a_customer_with_more_events_than_make_a_journey_has_the_newest(
    journey: Journey, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store_journeys, "MOST_EVENTS", 3)
    await journey.consume(*(feedback(n, ANN) for n in range(5)))
    (found,) = await folded(journey)
    assert (found["events"], found["first_at"]) == (3, at(2))


def test_now_is_after_what_the_tests_tell() -> None:
    assert at(DAY) < NOW < at(60 * DAY) + timedelta(days=1)

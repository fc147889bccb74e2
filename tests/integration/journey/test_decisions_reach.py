"""A decision reaches all that stands by customer: journeys, signals, what insights read, search."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from heedful.common.contracts import Colour
from heedful.common.events import Delivery
from heedful.common.service import Platform
from heedful.journey.insights.facts import NONE
from heedful.journey.insights_reading import reading
from heedful.journey.insights_reading.period import Period
from tests.integration.journey.deciding import CONSOLE, keep_apart, merge, revoke, unmerge
from tests.integration.journey.test_journeys import folded, rebuilt
from tests.integration.journey.test_signals import given
from tests.integration.journey.world import Journey, running
from tests.people import NOW
from tests.unit.journey.history import node_of
from tests.unit.journey.material import START, TENANT, at, feedback, interaction

ANN, OPENID, MAIL = "customer_id:ann", "wechat_openid:o1", "email:a@example.com"
DAY = 24
WHOLE = Period(START, START + timedelta(days=30))


@pytest.fixture
async def journey(platform: Platform) -> AsyncIterator[Journey]:
    """Four days after it began: what happened is news."""
    async with running(CONSOLE.believed(platform, NOW), lambda: at(4 * DAY)) as started:
        yield started


def trouble(day: int, *names: str, **fields: Any) -> Delivery:
    return feedback(day * DAY, *names, colour=Colour.RED, topics=["delivery"], **fields)


async def derived(journey: Journey, *names: str) -> dict[str, Any]:
    """All that stands by customer, or is found by one of these."""
    journeys = await folded(journey)
    facts = await reading.read(journey.platform.engine, TENANT, WHOLE, (), 1000)
    return {
        "memory": await journey.tables(),
        "journeys": journeys,
        "facts": [
            (None if who == NONE else facts.customers[who], id_)
            for who, id_ in zip(facts.customer, facts.ids, strict=True)
        ],
        "found": {name: await said(journey, name) for name in names},
    }


async def said(journey: Journey, name: str) -> set[tuple[str, str]]:
    """Whose they are and which: what a search finds of the customer whom an id leads to."""
    found = await journey.get("/v1/search", q="很好", customer_id=str(node_of(name).id))
    return {(item["customer_id"], item["id"]) for item in found["items"]}


def by_customer(state: dict[str, Any]) -> dict[str | None, list[str]]:
    """What insights read, customer by customer."""
    found: dict[str | None, list[str]] = {}
    for who, id_ in state["facts"]:
        found.setdefault(who, []).append(id_)
    return found


async def test_a_merge_reaches_all_and_its_revocation_takes_all_back(journey: Journey) -> None:
    """Also what names nobody, in a conversation that was of two and is of one."""
    await journey.consume(
        trouble(1, ANN),
        trouble(2, OPENID),
        trouble(3, OPENID),
        feedback(4, ANN, conversation_id="k"),
        feedback(5, conversation_id="k"),
        feedback(6, OPENID, conversation_id="k"),
    )
    ann, other = str(node_of(ANN).id), str(node_of(OPENID).id)
    before = await derived(journey, ANN, OPENID)
    assert by_customer(before) == {
        ann: ["f4", "f24"],
        other: ["f6", "f48", "f72"],
        None: ["f5"],
    }
    assert await given(journey) == []
    made = await merge(journey, OPENID, ANN)
    merged = await derived(journey, ANN, OPENID)
    whole = ["f4", "f5", "f6", "f24", "f48", "f72"]
    assert by_customer(merged) == {ann: whole}
    assert merged["found"] == {name: {(ann, id_) for id_ in whole} for name in (ANN, OPENID)}
    assert [(str(one["customer_id"]), one["events"]) for one in merged["journeys"]] == [(ann, 6)]
    (signal,) = await given(journey)
    assert (signal.kind, signal.customer_id) == ("repeated_contact", ann)
    assert signal.feedback_ids == ("f24", "f48", "f72")
    assert await rebuilt(journey) == merged["journeys"]
    await revoke(journey, made)
    assert await derived(journey, ANN, OPENID) == before
    await merge(journey, OPENID, ANN)
    assert await derived(journey, ANN, OPENID) == merged
    assert await given(journey) == [signal]


async def test_an_unmerge_parts_all_and_its_revocation_joins_it_again(journey: Journey) -> None:
    await journey.consume(
        interaction(1, ANN), feedback(2, ANN, OPENID), feedback(3, OPENID), feedback(4, OPENID)
    )
    ann, other = str(node_of(ANN).id), str(node_of(OPENID).id)
    before = await derived(journey, ANN, OPENID)
    assert by_customer(before) == {ann: ["i1", "f2", "f3", "f4"]}
    made = await unmerge(journey, ANN, OPENID)
    parted = await derived(journey, ANN, OPENID)
    assert by_customer(parted) == {ann: ["i1", "f2"], other: ["f3", "f4"]}
    assert parted["found"] == {ANN: {(ann, "f2")}, OPENID: {(other, "f3"), (other, "f4")}}
    assert {str(one["customer_id"]): one["events"] for one in parted["journeys"]} == {
        ann: 2,
        other: 2,
    }
    await revoke(journey, made)
    assert await derived(journey, ANN, OPENID) == before


async def test_who_is_no_longer_kept_apart_is_one_everywhere(journey: Journey) -> None:
    await journey.consume(feedback(1, OPENID), feedback(2, MAIL))
    made = await keep_apart(journey, OPENID, MAIL)
    await journey.consume(feedback(3, OPENID, MAIL))
    apart = await derived(journey, OPENID, MAIL)
    assert [one["events"] for one in apart["journeys"]] in ([1, 2], [2, 1])
    await revoke(journey, made)
    joined = await derived(journey, OPENID, MAIL)
    assert by_customer(joined) == {str(node_of(OPENID).id): ["f1", "f2", "f3"]}
    assert [one["events"] for one in joined["journeys"]] == [3]
    assert len(joined["found"][MAIL]) == 3

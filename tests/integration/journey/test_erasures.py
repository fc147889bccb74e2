"""`DELETE /v1/customers/{id}`: everything of one customer goes, and nothing of another."""

import random
import uuid
from typing import Any

import pytest

from heedful.common.contracts import Colour, ErasedItem, ItemKind
from heedful.common.events import Delivery
from heedful.common.security import Scope
from heedful.common.topics import FEEDBACK_ENRICHED, INTERACTION_RECORDED
from tests.integration.conftest import OTHER_API_KEY, TENANT
from tests.integration.journey.erasing import ask, erase, names_of, parts
from tests.integration.journey.test_replay import in_batches, lives
from tests.integration.journey.world import NOW, Journey, problem
from tests.keys import make_key
from tests.leftovers import leftovers
from tests.unit.journey.history import node_of
from tests.unit.journey.material import delivery, feedback, interaction

PLANTED = (
    "王小明",
    "13900001234",
    "139 0000",
    "mail@b.cn",
    "dev-of-x",
    "talk-of-x",
    "item-of-x",
    "card-of-x",
)
X = (
    feedback(
        1,
        "phone:139 0000 1234",
        "device:dev-of-x",
        id="item-of-x-1",
        text="王小明说好",
        conversation_id="talk-of-x",
    ),
    feedback(2, "phone:+8613900001234", "email:Mail@b.cn", colour=Colour.RED, id="item-of-x-2"),
    feedback(3, id="item-of-x-3", conversation_id="talk-of-x", text="我是王小明"),
    interaction(
        4, "email:mail@b.cn", "member_card:card-of-x", id="item-of-x-4", summary="王小明来过"
    ),
)
Y = (
    feedback(11, "phone:13700007777", "device:y-dev", text="很差", conversation_id="y-talk"),
    interaction(12, "phone:13700007777", "customer_id:y", source="crm"),
    feedback(13, conversation_id="y-talk", text="就这样"),
)


def url(journey: Journey) -> str:
    found = journey.platform.settings.database_url
    assert found is not None
    return found.get_secret_value()


async def test_nothing_of_the_customer_is_left_and_the_other_one_is_whole(journey: Journey) -> None:
    await journey.consume(*Y)
    whole = await journey.tables()
    await journey.consume(*X)
    gone = {str(node_of(name).id) for name in ("phone:13900001234", "email:mail@b.cn")}
    assert await leftovers(url(journey), [*PLANTED, *gone]) != []
    found = await erase(journey, "phone:13900001234")
    await parts(journey)  # the outbox is emptied into the log
    assert await leftovers(url(journey), [*PLANTED, *gone]) == []
    assert await journey.tables() == whole
    assert await journey.timeline("customer_id:y") == ["f11", "i12", "f13"]
    assert found["services"][2] == {
        "service": "journey",
        "complete": False,
        "receipts": 0,
        "completed_at": None,
        "deleted": {},
        "remaining": [],
    }


async def test_every_service_is_told_which_items_and_which_names(journey: Journey) -> None:
    await journey.consume(*X, *Y)
    customer = await journey.customer_of("phone:13900001234")
    found = await erase(journey, "phone:13900001234")
    (part,) = await parts(journey)
    assert (part.tenant, part.id, part.part) == ("acme", found["id"], 1)
    assert part.customer_ids[0] == customer
    assert {(item.kind, item.source, item.id) for item in part.items} == {
        ("feedback", "crm", "item-of-x-1"),
        ("feedback", "crm", "item-of-x-2"),
        ("feedback", "crm", "item-of-x-3"),
        ("interaction", "shop", "item-of-x-4"),
    }
    names = names_of(journey, part)
    assert {(one.type, one.value) for one in names.identifiers} == {
        ("phone", "+8613900001234"),
        ("phone", "139 0000 1234"),
        ("email", "mail@b.cn"),
        ("email", "Mail@b.cn"),
        ("member_card", "card-of-x"),
    }
    assert names.conversations == ("talk-of-x",)
    for planted in ("13900001234", "mail@", "talk-of-x", "王小明"):
        assert planted not in part.encode().decode()


async def test_a_large_customer_is_erased_in_parts(journey: Journey) -> None:
    await journey.consume(*(feedback(number, "customer_id:big") for number in range(1203)))
    found = await erase(journey, "customer_id:big")
    assert found["parts"] == 3
    told = await parts(journey)
    assert [len(part.items) for part in told] == [500, 500, 203]
    assert {item.id for part in told for item in part.items} == {f"f{n}" for n in range(1203)}
    assert [bool(part.customer_ids) for part in told] == [True, False, False]


async def test_again_is_the_same_erasure_also_by_a_merged_id(journey: Journey) -> None:
    await journey.consume(feedback(1, "phone:13900001234"))
    phone = await journey.customer_of("phone:13900001234")
    await journey.consume(feedback(2, "phone:13900001234", "customer_id:c1"))
    first = await erase(journey, "customer_id:c1")
    assert await journey.customer_of("customer_id:c1") is None
    for given in (node_of("customer_id:c1").id, phone):
        again = await ask(journey, given)
        assert (again.status_code, again.json()["id"]) == (202, first["id"])
    assert len(await parts(journey)) == 1


async def test_what_is_not_there_cannot_be_erased(journey: Journey) -> None:
    await journey.consume(*X)
    problem(await ask(journey, uuid.uuid4()), 404, "not-found")
    customer = await journey.customer_of("phone:13900001234")
    journey.client.headers["X-API-Key"] = OTHER_API_KEY
    problem(await ask(journey, customer), 404, "not-found")
    assert await parts(journey) == []


async def test_what_several_share_is_nobody_to_erase(journey: Journey) -> None:
    await journey.consume(feedback(1, "phone:13900001234"))
    await journey.consume(
        feedback(2, "phone:13900001234", "customer_id:c1"),
        feedback(3, "phone:13900001234", "customer_id:c2"),
    )
    found = problem(await ask(journey, node_of("phone:13900001234").id), 409, "shared-identifier")
    assert "/v1/customers?identifier=" in found["detail"]


@pytest.mark.parametrize("scope", [Scope.JOURNEY_READ, Scope.PRIVACY_ERASE])
async def test_only_a_key_with_the_scope_may_erase(journey: Journey, scope: Scope) -> None:
    await journey.consume(*X)
    customer = await journey.customer_of("phone:13900001234")
    _, journey.client.headers["X-API-Key"] = await make_key(
        journey.platform.engine, TENANT, [scope.value], NOW
    )
    expected = {Scope.JOURNEY_READ: 403, Scope.PRIVACY_ERASE: 202}[scope]
    assert (await ask(journey, customer)).status_code == expected
    listed = await journey.client.get("/v1/erasures")
    assert listed.status_code == (200 if expected == 202 else 403)


async def test_a_shared_phone_stays_with_whoever_is_left(journey: Journey) -> None:
    shared = "phone:13900001234"
    await journey.consume(
        feedback(1, shared, "customer_id:c1"),
        feedback(2, shared, "customer_id:c2"),
        feedback(3, shared),
    )
    await erase(journey, "customer_id:c1")
    (row,) = await journey.query("SELECT * FROM journey.identifier WHERE type = 'phone'")
    assert (row.evidence_kind, row.shared) == ("erasure", True)
    assert await journey.timeline("customer_id:c2") == ["f2"]
    await erase(journey, "customer_id:c2")
    (row,) = await journey.query("SELECT * FROM journey.identifier")
    assert row.type == "phone", "f3 carries it"


async def test_a_phone_of_two_accounts_of_one_source_belongs_to_the_last_one(
    journey: Journey,
) -> None:
    shared = "phone:13900001234"
    await journey.consume(
        feedback(1, shared, "external:a"), feedback(2, shared, "external:b"), feedback(3, shared)
    )
    assert await journey.customer_of(shared) is None
    await erase(journey, "external:a")
    owner = await journey.customer_of(shared)
    assert owner == await journey.customer_of("external:b")
    assert await journey.timeline("external:b") == ["f2", "f3"]


async def test_an_event_of_another_customer_loses_the_identifiers_that_are_erased(
    journey: Journey,
) -> None:
    """The union id is of c2, the open id of c1, and one event carries both."""
    union, open_ = "wechat_unionid:union-of-y", "wechat_openid:open-of-x"
    await journey.consume(
        feedback(1, "customer_id:one-of-x", open_),
        feedback(2, "customer_id:c2", union),
        feedback(3, union, open_, text="是我"),
    )
    await erase(journey, "customer_id:one-of-x")
    await parts(journey)
    assert await leftovers(url(journey), ["of-x"]) == []
    assert await journey.timeline("customer_id:c2") == ["f2", "f3"]


async def test_what_is_left_is_what_the_events_that_are_left_give(journey: Journey) -> None:
    """People who share what people share: after an erasure the graph is that of the others."""
    compared = 0
    for seed in range(300, 330):
        chance = random.Random(seed)  # noqa: S311  # not for secrets
        events = lives(chance, 16)
        await journey.forget()
        for batch in in_batches(chance, events):
            await journey.consume(*batch)
        if await journey.query("SELECT 1 FROM journey.identifier WHERE shared AND NOT linking"):
            continue  # such an identifier stays so, as the page on erasure says
        customers = await journey.query("SELECT DISTINCT customer_id AS id FROM journey.identifier")
        chosen = chance.choice(sorted(str(row.id) for row in customers if row.id))
        assert (await ask(journey, chosen)).status_code == 202
        left = await journey.tables()
        await journey.forget()
        async with journey.platform.engine.begin() as connection:
            await connection.exec_driver_sql("TRUNCATE common.tombstone")
        await journey.consume(*map(told_again, left["event"]))
        assert comparable(await journey.tables()) == comparable(left), seed
        compared += 1
    assert compared >= 5


def told_again(row: dict[str, Any]) -> Delivery:
    """The record of an event as journey has it."""
    topic = FEEDBACK_ENRICHED if row["kind"] == "feedback" else INTERACTION_RECORDED
    payload = topic.payload.model_validate(row["payload"])
    return delivery(topic, payload, row["id"], row["source"], row["occurred_at"])


def comparable(tables: dict[str, list[dict[str, Any]]]) -> dict[str, list[dict[str, Any]]]:
    """Without the first sighting of devices, which keeps its time."""
    for row in tables["identifier"]:
        if row["type"] == "device":
            for name in ("first_seen", "evidence_kind", "evidence_source", "evidence_id"):
                row[name] = None
    return tables


def test_kinds_of_events_are_kinds_of_items() -> None:
    for kind in ("feedback", "interaction"):
        assert ErasedItem(kind=ItemKind(kind), source="s", id="1").kind == kind

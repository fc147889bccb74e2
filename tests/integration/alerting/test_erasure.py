"""What an erasure takes out of alerting, what stays of a case, and what does not come back."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import orjson
import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from heedful.alerting.erasing import CaseEraser, strip_closed
from heedful.alerting.main import build
from heedful.common.contracts import (
    Actor,
    ActorType,
    Colour,
    Correction,
    ErasedItem,
    Identifier,
    IdentifierType,
    ItemKind,
)
from heedful.common.erasure import Erasing, KnownName, Names
from heedful.common.retention import Rule
from heedful.common.service import Service
from heedful.common.topics import CASE_EVENT
from tests.integration.alerting.world import (
    HOUR,
    T0,
    World,
    case_id,
    contact,
    enriched,
    feedback,
    phone,
)
from tests.integration.conftest import TENANT
from tests.integration.erasures import (
    ERASURE,
    counts,
    erasure,
    feedback_key,
    given,
    interaction_key,
    obey,
)
from tests.leftovers import leftovers

STAFF = Actor(type=ActorType.HUMAN, id="staff-17")
NAMES = Names(
    identifiers=(KnownName(type=IdentifierType.PHONE, value="+8613800138000"),),
    conversations=("conv-1",),
)


async def erase(
    world: World,
    *items: tuple[ItemKind, str, str],
    names: Names = Names(),  # noqa: B008  # frozen
) -> dict[str, int]:
    """Obey an erasure that is asked for now; what it counts."""
    eraser = CaseEraser(world.tombstones, world.ledger)
    eraser.use_match_secret(b"m" * 32)
    told = tuple(ErasedItem(kind=kind, source=source, id=id_) for kind, source, id_ in items)
    async with world.database.begin() as (connection, now):
        await world.tombstones.exclude(connection)
        await bury(world, connection, told)
        return dict(await eraser(connection, Erasing(TENANT, ERASURE, now, told, names), now))


async def bury(world: World, connection: AsyncConnection, items: tuple[ErasedItem, ...]) -> None:
    stones = [world.tombstones.item(TENANT, one.kind, one.source, one.id) for one in items]
    await world.tombstones.put(connection, ERASURE, stones, None, world.now)


async def worked(world: World, case: str) -> None:
    """A case with all that people write into it."""
    await world.acknowledge(case, STAFF, "王小明很生气")
    await world.plan(case, STAFF, "给王小明换刹车", "workshop")
    await world.land(case, STAFF, "王小明的车修好了", "wrong_part")


def url(world: World) -> str:
    found = world.platform.settings.database_url
    assert found is not None
    return found.get_secret_value()


async def test_a_case_keeps_its_clocks_and_steps_and_loses_words_and_keys(world: World) -> None:
    await world.add_endpoint("https://example.com/")
    red = feedback(id="item-of-x", conversation_id="talk-of-x")
    light = Correction(
        id="c1", label="light", was="amber", value="red", actor=STAFF, at=T0 + HOUR / 2
    )
    await world.consume(red, enriched(red).model_copy(update={"corrections": (light,)}))
    world.now += HOUR
    await world.consume(contact(id="contact-of-x"))
    await worked(world, case_id(red))
    before = await world.kinds(case_id(red))
    clocks = await world.query("SELECT metric, due_at, fulfilled_at FROM alerting.clock ORDER BY 1")
    actors = await world.query("SELECT actor_id FROM alerting.case_event ORDER BY sequence")
    done = await erase(
        world, feedback_key("calls", "item-of-x"), interaction_key("crm", "contact-of-x")
    )
    assert done == {"watched_feedback": 1, "contacts": 1, "cases": 1, "webhooks": 1}
    assert await world.kinds(case_id(red)) == [*before, ("erased", None)]
    assert clocks == await world.query(
        "SELECT metric, due_at, fulfilled_at FROM alerting.clock ORDER BY 1"
    )
    assert [*actors, ("heedful-alerting",)] == await world.query(
        "SELECT actor_id FROM alerting.case_event ORDER BY sequence"
    )
    (case,) = await world.query("SELECT * FROM alerting.cases")
    assert (case.owner, case.root_cause, case.state) == ("workshop", "wrong_part", "landed")
    assert (case.action, case.action_taken, case.erased_at) == ("erased", "erased", world.now)
    (body,) = await world.query("SELECT body FROM alerting.delivery")
    assert orjson.loads(body.body)["data"]["feedback"] == {
        "source": "erased", "id": case_id(red), "channel": "call",
    }  # fmt: skip
    await world.publish()
    assert await leftovers(url(world), ["王小明", "-of-x", "13800138000"]) == []
    (told,) = await world.query(
        "SELECT value FROM bus.record WHERE topic = :topic AND position('\"erased\"' IN"
        " convert_from(value, 'UTF8')) > 0",
        topic=CASE_EVENT.name,
    )
    assert "feedback" not in orjson.loads(told.value)


async def test_an_open_case_runs_on(world: World) -> None:
    """Nobody can hide a breach by erasing the customer, and the case goes its way."""
    red = feedback()
    await world.consume(enriched(red))
    await erase(world, feedback_key("calls", "f1"))
    await world.fire_until(T0 + 25 * HOUR)
    kinds = await world.kinds(case_id(red))
    assert kinds[:2] == [("opened", None), ("erased", None)]
    told = [kind for kind, clock in kinds if clock == "respond"]
    assert told == ["warned", "warned", "warned", "breached"]
    await world.acknowledge(case_id(red), STAFF)
    await world.kinds(case_id(red))


async def test_twice_is_once(world: World) -> None:
    red = feedback()
    await world.consume(enriched(red))
    await erase(world, feedback_key("calls", "f1"), names=NAMES)
    again = await erase(world, feedback_key("calls", "f1"), names=NAMES)
    assert set(again.values()) == {0}
    assert await world.kinds(case_id(red)) == [("opened", None), ("erased", None)]


async def test_what_was_erased_opens_nothing_and_is_not_watched(world: World) -> None:
    """A replay, a newer model, somebody's correction: all of them know the key."""
    red, waiting = feedback(1), feedback(2)
    await erase(
        world,
        feedback_key("calls", "f1"),
        feedback_key("calls", "f2"),
        interaction_key("crm", "i1"),
    )
    light = Correction(id="c1", label="light", was="amber", value="red", actor=STAFF, at=T0)
    await world.consume(red, waiting, enriched(red), contact())
    await world.consume(enriched(red, Colour.GREEN))
    await world.consume(enriched(waiting).model_copy(update={"corrections": (light,)}))
    for table in ("cases", "watch", "enriched", "contact", "case_key"):
        assert await world.query(f"SELECT 1 FROM alerting.{table}") == [], table  # noqa: S608


async def test_what_was_under_way_is_known_by_its_names(world: World) -> None:
    world.now = T0 + HOUR
    await erase(world, names=NAMES)
    late = [
        feedback(1, conversation_id=None),
        feedback(2, identifiers=(), conversation_id="conv-1"),
        feedback(
            3,
            identifiers=(Identifier(type=IdentifierType.DEVICE, value="d"),),
            conversation_id="conv-1",
        ),
    ]
    await world.consume(*late, *map(enriched, late), contact(occurred_at=T0, received_at=T0))
    assert await world.query("SELECT 1 FROM alerting.cases") == []
    assert await world.query("SELECT 1 FROM alerting.watch") == []
    assert await world.query("SELECT 1 FROM alerting.contact") == []


async def test_whoever_comes_back_is_heard_and_answered(world: World) -> None:
    world.now = T0 + HOUR
    await erase(world, names=NAMES)
    after = T0 + 2 * HOUR
    red = feedback(received_at=after, occurred_at=after)
    await world.consume(red, enriched(red))
    await world.consume(contact(occurred_at=after + HOUR, received_at=after + HOUR))
    assert await world.kinds(case_id(red)) == [("opened", None), ("responded", "respond")]


async def test_whose_item_carries_another_name_stays(world: World) -> None:
    """A case, a watch and a contact that somebody else's key leads to as well."""
    shared = (phone("138 0013 8000"), Identifier(type=IdentifierType.CUSTOMER_ID, value="c2"))
    red, waiting = feedback(1, identifiers=shared), feedback(2, identifiers=shared)
    await world.consume(waiting, enriched(red))
    done = await erase(world, names=NAMES)
    assert done.get("cases", 0) == done["watched_feedback"] == 0
    assert len(await world.query("SELECT 1 FROM alerting.case_key")) == 3


async def test_a_case_that_journey_never_heard_of_is_found_by_its_keys(world: World) -> None:
    """nlp is down: the watch has opened it."""
    await world.consume(feedback(1))
    world.now = T0 + HOUR
    await world.watch.step()
    await world.consume(feedback(2, conversation_id="conv-1"))
    done = await erase(world, names=NAMES)
    assert (done["cases"], done["watched_feedback"]) == (1, 1)
    assert await world.kinds(case_id(feedback(1))) == [("opened", None), ("erased", None)]


async def test_an_identifier_of_one_source_is_not_that_of_another(world: World) -> None:
    theirs = (Identifier(type=IdentifierType.EXTERNAL, value="42"),)
    red = feedback(identifiers=theirs, conversation_id=None)
    await world.consume(enriched(red))
    scoped = KnownName(type=IdentifierType.EXTERNAL, value="42", scope="shop")
    world.now = T0 + HOUR
    await erase(world, names=Names(identifiers=(scoped,)))
    await world.consume(enriched(feedback(2, identifiers=theirs)))
    assert len(await world.query("SELECT 1 FROM alerting.case_key")) == 3
    ours = scoped.model_copy(update={"scope": "calls"})
    done = await erase(world, names=Names(identifiers=(ours,)))
    assert done["cases"] == 1


async def test_a_contact_that_answered_somebody_else_is_named_no_more(world: World) -> None:
    red = feedback()
    await world.consume(enriched(red))
    await world.consume(contact(id="contact-of-x"))
    await erase(world, interaction_key("crm", "contact-of-x"))
    assert await world.kinds(case_id(red)) == [("opened", None), ("responded", "respond")]
    await world.publish()
    assert await leftovers(url(world), ["contact-of-x"]) == []


async def test_old_closed_cases_lose_their_words(world: World) -> None:
    for number in (1, 2):
        await world.consume(enriched(feedback(number, id=f"item-{number}-of-x")))
    closed, open_ = (case_id(feedback(n, id=f"item-{n}-of-x")) for n in (1, 2))
    for case in (closed, open_):
        await worked(world, case)
    world.now += 24 * HOUR
    await world.respond(closed, STAFF, "王小明满意")
    await world.close(closed, STAFF, "王小明满意")

    async def age(hours: int) -> int:
        async with world.database.begin() as (connection, now):
            rule = Rule(T0 + timedelta(hours=hours))
            return await strip_closed(connection, now, rule, 10)

    assert await age(24) == 0
    assert await age(25) == 1
    assert await age(25) == 0
    kinds = [kind for kind, _ in await world.kinds(closed)]
    assert kinds == ["opened", "acknowledged", "planned", "landed", "responded", "closed"]
    rows = await world.query("SELECT id FROM alerting.cases WHERE erased_at IS NULL")
    assert [row.id for row in rows] == [open_]


@pytest.fixture
async def service(world: World) -> AsyncIterator[Service]:
    made = build(world.platform)
    assert made.start is not None
    assert made.stop is not None
    await made.start()
    yield made
    await made.stop()


async def test_the_service_obeys_and_answers(world: World, service: Service) -> None:
    red = feedback()
    handler: Any = service.subscriptions[0].handler
    record = world._delivery(enriched(red))
    assert list(await handler([record])) == [[]]
    told = erasure(world.platform, T0 + HOUR, feedback_key("calls", "f1"), names=NAMES)
    for _ in range(2):
        await obey(service, told)
    one, two = await given(world.platform, service)
    assert one == two
    assert counts(one) == {"cases": 1, "watched_feedback": 1}
    assert one.remaining[0].name == CASE_EVENT.name
    assert list(await handler([world._delivery(enriched(feedback(2)))])) == [[]]
    (case,) = await world.query("SELECT id, erased_at FROM alerting.cases")
    assert case.id == case_id(red)

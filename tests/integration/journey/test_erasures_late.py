"""What was under way when its customer was erased comes to nothing, in whatever order."""

import asyncio
import uuid

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from heedful.common.erasure import Tombstones
from heedful.common.events import Delivery
from heedful.journey.records import read
from heedful.journey.store import remember
from tests.integration.journey.erasing import erase, names_of, parts, seen
from tests.integration.journey.world import NOW, Journey
from tests.integration.locks import blocked
from tests.leftovers import leftovers
from tests.unit.journey.material import feedback, interaction

PHONE = "phone:13900001234"
AFTER = 24.0 * 30
"""Hours behind START, and so behind NOW, the time of every erasure here."""


def url(journey: Journey) -> str:
    found = journey.platform.settings.database_url
    assert found is not None
    return found.get_secret_value()


async def test_a_replay_of_the_log_brings_nothing_back(journey: Journey) -> None:
    old = [
        feedback(1, PHONE, id="item-of-x-1", conversation_id="talk-of-x"),
        interaction(2, PHONE, "device:dev-of-x", id="item-of-x-2"),
        feedback(3, id="item-of-x-3", conversation_id="talk-of-x"),
    ]
    await journey.consume(*old)
    await erase(journey, PHONE)
    for _ in range(2):
        await journey.consume(*old)
    again = feedback(1, PHONE, id="item-of-x-1", enriched=500, hours=1)
    await journey.consume(again)
    (part,) = await parts(journey)
    assert await leftovers(url(journey), ["13900001234", "-of-x"]) == []
    assert (await seen(journey, part.id))["parts"] == 1


async def test_an_item_that_comes_late_grows_the_erasure(journey: Journey) -> None:
    await journey.consume(feedback(1, PHONE, conversation_id="talk-of-x"))
    found = await erase(journey, PHONE)
    late = feedback(2, PHONE, "email:new@b.cn", id="item-of-x-2")
    anonymous = feedback(3, "device:dev-of-x", id="item-of-x-3", conversation_id="talk-of-x")
    await journey.consume(late, late, anonymous)
    await journey.consume(late)
    first, second = await parts(journey)
    assert (second.id, second.part, second.requested_at) == (found["id"], 2, first.requested_at)
    assert {item.id for item in second.items} == {"item-of-x-2", "item-of-x-3"}
    assert names_of(journey, second).identifiers == ()
    assert await leftovers(url(journey), ["13900001234", "new@b.cn", "-of-x"]) == []
    assert (await seen(journey, found["id"]))["parts"] == 2


async def test_whoever_comes_back_is_a_new_customer(journey: Journey) -> None:
    await journey.consume(feedback(1, PHONE), feedback(2, conversation_id="k1"))
    first = await erase(journey, PHONE)
    await journey.consume(feedback(3, PHONE, hours=AFTER, conversation_id="k1"))
    assert await journey.timeline(PHONE) == ["f2", "f3"], "f2 named nobody"
    second = await erase(journey, PHONE)
    assert second["id"] != first["id"]
    await journey.consume(feedback(4, PHONE, hours=AFTER + 1))
    assert await journey.timeline(PHONE) == ["f4"]


async def test_a_device_is_no_name(journey: Journey) -> None:
    """The neighbour at the same device is somebody else, also while their item is under way."""
    await journey.consume(feedback(1, PHONE, "device:kiosk"))
    await erase(journey, PHONE)
    await journey.consume(feedback(2, "device:kiosk", "customer_id:y"))
    assert await journey.timeline("customer_id:y") == ["f2"]


async def test_what_another_customer_sent_is_kept_and_loses_the_erased_name(
    journey: Journey,
) -> None:
    union, open_ = "wechat_unionid:u2", "wechat_openid:open-of-x"
    both = feedback(3, union, open_)
    await journey.consume(
        feedback(1, "customer_id:c1", open_), feedback(2, "customer_id:c2", union), both
    )
    await erase(journey, "customer_id:c1")
    newer = feedback(3, union, open_, enriched=500, text="新的标签")
    await journey.consume(both, newer)
    assert await journey.timeline(union) == ["f2", "f3"]
    (row,) = await journey.query("SELECT payload FROM journey.event WHERE id = 'f3'")
    assert row.payload["feedback"]["text"] == "新的标签"
    assert len(await parts(journey)) == 1
    assert await leftovers(url(journey), ["open-of-x"]) == []


async def test_an_erasure_waits_for_a_batch_that_is_being_stored(journey: Journey) -> None:
    """The batch of another member, which has asked for tombstones and not yet committed."""
    await journey.consume(feedback(1, PHONE))
    events = [read(feedback(2, PHONE, id="item-of-x-2"), "CN")]
    async with journey.platform.engine.begin() as connection:
        await Tombstones("journey").admit(connection)
        asked = asyncio.create_task(erase(journey, PHONE))
        await blocked(journey.platform.engine, asked)
        await remember(connection, events, NOW)
    await asked
    (part,) = await parts(journey)
    assert {item.id for item in part.items} == {"f1", "item-of-x-2"}
    assert await journey.query("SELECT 1 FROM journey.event") == []


def life(name: str) -> list[Delivery]:
    """Of somebody who is erased, of somebody who is not, and what both say afterwards. The first
    one is there before the erasure."""
    x, y, talk = f"customer_id:x{name}", f"customer_id:y{name}", f"talk{name}"
    return [
        feedback(1, x, f"email:x@{name}", id=f"x1{name}", conversation_id=talk),
        feedback(2, x, f"wechat_openid:o{name}", id=f"x2{name}"),
        interaction(3, f"email:x@{name}", id=f"x3{name}"),
        feedback(4, "device:d", id=f"x4{name}", conversation_id=talk),
        interaction(5, id=f"x5{name}", conversation_id=talk),
        feedback(6, y, "device:d", id=f"y6{name}", conversation_id=f"other{name}"),
        interaction(7, y, f"email:y@{name}", id=f"y7{name}"),
        feedback(8, id=f"y8{name}", conversation_id=f"other{name}"),
        feedback(9, x, id=f"x9{name}", hours=AFTER),
        interaction(10, id=f"x10{name}", hours=AFTER, conversation_id=talk),
    ]


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(order=st.permutations(range(1, 10)), place=st.integers(0, 9), again=st.booleans())
async def test_the_order_of_arrival_makes_no_difference(
    journey: Journey, order: list[int], place: int, again: bool
) -> None:
    name = f".{uuid.uuid4().hex}"
    events = life(name)
    await journey.consume(events[0])
    for number in order[:place]:
        await journey.consume(events[number])
    await erase(journey, f"customer_id:x{name}")
    for number in order[place:]:
        await journey.consume(events[number])
    if again:
        await journey.consume(*events)
    rows = await journey.query("SELECT id FROM journey.event WHERE id LIKE :name", name=f"%{name}")
    found = {row.id.removesuffix(name) for row in rows}
    assert {one for one in found if one[0] == "y"} == {"y6", "y7", "y8"}
    assert {one for one in found if one[0] == "x"} == late(order, place)


def late(order: list[int], place: int) -> set[str]:
    """What the erased customer says after the erasure is there, unless it was there before it."""
    before = set(order[:place])
    return {f"x{number + 1}" for number in (8, 9) if number not in before}

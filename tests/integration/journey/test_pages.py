"""Pages: everything once, also while events go on arriving."""

from typing import Any

from heedful.common.events import Delivery
from tests.integration.journey.world import Journey
from tests.unit.journey.history import node_of
from tests.unit.journey.material import feedback, interaction


async def walked(journey: Journey, path: str, limit: int, *news: Delivery) -> list[dict[str, Any]]:
    """All pages; after each of the first ones one of the news arrives."""
    items: list[dict[str, Any]] = []
    waiting = list(news)
    async for page in journey.walk(path, limit=limit):
        assert len(page) <= limit
        items += page
        if waiting:
            await journey.consume(waiting.pop(0))
    return items


async def test_customers_come_once_each_in_one_order(journey: Journey) -> None:
    names = [f"customer_id:c{n}" for n in range(53)]
    await journey.consume(*(feedback(n, name) for n, name in enumerate(names)))
    for limit in (1, 7, 53, 54, 500):
        found = [one["id"] for one in await walked(journey, "/v1/customers", limit)]
        assert found == sorted(str(node_of(name).id) for name in names), limit


async def test_customers_come_once_each_while_others_arrive(journey: Journey) -> None:
    old = [f"customer_id:c{n}" for n in range(40)]
    await journey.consume(*(feedback(n, name) for n, name in enumerate(old)))
    news = [feedback(100 + n, f"customer_id:d{n}") for n in range(20)]
    found = [one["id"] for one in await walked(journey, "/v1/customers", 3, *news)]
    assert len(found) == len(set(found))
    assert {str(node_of(name).id) for name in old} <= set(found)


async def test_a_customer_that_merges_during_the_walk_hides_nobody_else(journey: Journey) -> None:
    cards = [f"member_card:m{n}" for n in range(30)]
    await journey.consume(*(feedback(n, card) for n, card in enumerate(cards)))
    merges = [interaction(n, card, f"customer_id:c{n}") for n, card in enumerate(cards[:6])]
    found = {one["id"] for one in await walked(journey, "/v1/customers", 4, *merges)}
    assert {str(node_of(card).id) for card in cards[6:]} <= found


async def test_a_timeline_comes_once_while_events_arrive_before_and_behind(
    journey: Journey,
) -> None:
    """At one moment even: then received_at, id, kind and source decide."""
    name = "customer_id:c1"
    old = [feedback(n, name, hours=n // 5) for n in range(40)]
    old += [interaction(n, name, hours=n // 5, id=f"f{n}", source="crm") for n in range(10)]
    await journey.consume(*old)
    path = f"/v1/customers/{node_of(name).id}/timeline"
    expected = [(one["kind"], one["id"]) for one in await journey.pages(path, limit=500)]
    assert len(expected) == 50
    news = [feedback(200 + n, name, hours=(-1 if n % 2 else 4)) for n in range(12)]
    for limit in (1, 3, 50, 51):
        found = [(one["kind"], one["id"]) for one in await walked(journey, path, limit)]
        assert found == expected, limit
    found = [(one["kind"], one["id"]) for one in await walked(journey, path, 3, *news)]
    assert [one for one in found if one in expected] == expected
    assert len(found) == len(set(found))


async def test_a_full_last_page_has_no_next(journey: Journey) -> None:
    await journey.consume(*(feedback(n, "customer_id:c1", touchpoint=f"t{n}") for n in range(4)))
    customer = node_of("customer_id:c1").id
    for path in ("/v1/touchpoints", f"/v1/customers/{customer}/timeline"):
        page = await journey.get(path, limit=4)
        assert (len(page["items"]), page["next_cursor"]) == (4, None)
    page = await journey.get("/v1/customers", limit=1)
    assert (len(page["items"]), page["next_cursor"]) == (1, None)


async def test_a_tenant_without_anything_has_one_empty_page(journey: Journey) -> None:
    for path in ("/v1/customers", "/v1/touchpoints"):
        assert await journey.get(path) == {"items": [], "next_cursor": None}

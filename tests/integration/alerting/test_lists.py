"""`GET /v1/cases` as a list of work: every filter, every order, page by page."""

from collections.abc import Callable
from typing import Any

import httpx

from heedful.alerting import work
from heedful.alerting.work import DismissalReason
from heedful.common.contracts import Actor, ActorType, Aspect, Colour, Feedback, Polarity
from heedful.common.http import Cursor, paging
from tests.integration.alerting.figures_world import client, hours
from tests.integration.alerting.world import HOUR, KEY, T0, World, case_id, enriched, feedback
from tests.integration.common.world import problem
from tests.integration.conftest import OTHER_TENANT

MANY = 12
AMBER = (5, 10)
Item = dict[str, Any]


def said(number: int, **changes: Any) -> Feedback:
    """Received in another order than they open."""
    values = {
        "identifiers": (),
        "occurred_at": T0,
        "received_at": T0 + hours(number - (5 if number % 4 == 0 else 0)),
        "touchpoint": ("app", "store")[number % 2],
        "department": ("east", "west", "south")[number % 3],
    }
    return feedback(number, **values, **changes)


async def fill(world: World) -> None:
    """Cases that differ in all that can be asked for: the sixth is over, and the eleventh, which
    has no respond clock, has landed."""
    for number in range(MANY):
        world.now = T0 + hours(number)
        amber = number in AMBER
        topic = Aspect(
            topic=("price", "queue")[number % 2], polarity=Polarity.NEGATIVE, confidence=1
        )
        labels = {"aspects": (topic,), "needs_response": amber or None}
        colour = Colour.AMBER if amber else Colour.RED
        await world.consume(enriched(said(number), colour).model_copy(update=labels))
    await world.consume(enriched(said(MANY, tenant=OTHER_TENANT)))
    ids = [case_id(said(number)) for number in range(MANY)]
    for number in (1, 4, 7, 10):
        await world.acknowledge(ids[number], KEY)
        await world.plan(ids[number], KEY, owner="li" if number < 7 else "wang")
    await world.land(ids[10], KEY)
    await world.take(
        ids[5], lambda case, now: work.dismissed(case, now, KEY, DismissalReason.TEST, None)
    )


async def listed(caller: httpx.AsyncClient, **params: Any) -> list[Item]:
    """All pages."""
    found: list[Item] = []
    while True:
        answer = await caller.get("/v1/cases", params=params)
        assert answer.status_code == 200, answer.text
        page = answer.json()
        found += page["items"]
        if page["next_cursor"] is None:
            return found
        params["cursor"] = page["next_cursor"]


FITS: list[tuple[dict[str, Any], Callable[[Item], bool]]] = [
    ({"open": "true"}, lambda one: one["over_at"] is None),
    ({"open": "false"}, lambda one: one["over_at"] is not None),
    ({"owner": "li"}, lambda one: one["owner"] == "li"),
    ({"unowned": "true"}, lambda one: one["owner"] is None),
    ({"team": "east"}, lambda one: one["department"] == "east"),
    ({"touchpoint": "app"}, lambda one: one["touchpoint"] == "app"),
    ({"topic": "queue"}, lambda one: one["topic"] == "queue"),
    ({"state": "new"}, lambda one: one["state"] == "new"),
    ({"colour": "amber"}, lambda one: one["colour"] == "amber"),
    (
        {"open": "true", "unowned": "true", "team": "south", "touchpoint": "store"},
        lambda one: (
            (one["over_at"], one["owner"], one["department"], one["touchpoint"])
            == (None, None, "south", "store")
        ),
    ),
    ({"owner": "li", "unowned": "true"}, lambda one: False),
    (
        {"source": "calls", "feedback_id": ["f3", "f8", "f99"]},
        lambda one: one["feedback"][0]["id"] in ("f3", "f8"),
    ),
    ({"feedback_id": "f7"}, lambda one: one["feedback"][0]["id"] == "f7"),
    ({"source": "elsewhere", "owner": "li"}, lambda one: False),
]


async def test_filters_are_anded_and_each_leaves_what_fits(world: World) -> None:
    await fill(world)
    async with client(world) as caller:
        every = await listed(caller)
        assert len(every) == MANY
        for params, fits in FITS:
            expected = [one["id"] for one in every if fits(one)]
            assert [one["id"] for one in await listed(caller, **params)] == expected, params
            assert len(expected) < MANY, params
            assert expected or "owner" in params, params


async def test_orders_hold_over_pages(world: World) -> None:
    await fill(world)
    async with client(world) as caller:
        every = await listed(caller)
        opened, received, due = [
            await listed(caller, sort=sort, limit=5) for sort in ("opened", "received", "due")
        ]
        assert await listed(caller, sort="due", limit=1) == due

    def newest(name: str) -> list[Item]:
        return sorted(every, key=lambda one: (one[name], one["id"]), reverse=True)

    assert opened == newest("opened_at") == every
    assert received == newest("received_at") != every
    none = "9999"
    assert due == sorted(every, key=lambda one: (one["due_at"] or none, one["id"]))
    assert [one["due_at"] for one in due].count(None) == 2


async def test_what_is_due_follows_the_clocks(world: World) -> None:
    """The respond clock of a red light comes first, at 24 hours; in the end nothing is due."""
    await world.consume(enriched(feedback()))
    case, seen = case_id(feedback()), []

    async def look() -> None:
        async with client(world) as caller:
            answer = await caller.get(f"/v1/cases/{case}")
            (one,) = await listed(caller, sort="due")
        assert one["due_at"] == answer.json()["due_at"]
        seen.append(one["due_at"])

    await look()
    world.now += HOUR
    await world.respond(case, Actor(type=ActorType.HUMAN, id="wang"))
    await look()
    await world.acknowledge(case, KEY)
    await world.plan(case, KEY)
    await look()
    await world.land(case, KEY)
    await look()
    assert seen == ["2026-03-02T08:00:00Z", "2026-03-03T08:00:00Z", "2026-03-04T08:00:00Z", None]


async def test_a_cursor_is_of_its_order(world: World) -> None:
    await fill(world)
    async with client(world) as caller:
        page = (await caller.get("/v1/cases", params={"limit": 1, "sort": "due"})).json()
        for cursor in (
            page["next_cursor"],
            "x",
            paging.encoded(T0, "a"),
            Cursor.encode("due", "x"),
        ):
            for sort in ("opened", "received"):
                answer = await caller.get("/v1/cases", params={"cursor": cursor, "sort": sort})
                problem(answer, 400, "bad-cursor")

"""The API of journey as its callers see it."""

from typing import Any

import httpx

from heedful.common.contracts import Channel, Colour, InteractionKind
from heedful.common.http import Cursor
from heedful.common.security import Scope
from heedful.journey.timeline import SNIPPET_CHARS
from tests.integration.conftest import OTHER_API_KEY, OTHER_TENANT, TENANT
from tests.integration.journey.world import NOW, Journey, problem
from tests.keys import make_key
from tests.unit.journey.material import START, at, feedback, interaction

PHONE = "phone:13900001234"
UNKNOWN = "11111111-2222-5333-8444-555555555555"
PATHS = [
    "/v1/customers",
    "/v1/customers/{customer}",
    "/v1/customers/{customer}/timeline",
    "/v1/customers/{customer}/identities",
    "/v1/touchpoints",
    "/v1/summary",
]


async def a_life(journey: Journey) -> str:
    """Of one customer; gives her id."""
    await journey.consume(
        interaction(
            1,
            "wechat_openid:o1",
            kind=InteractionKind.BROWSE,
            channel=Channel.APP,
            touchpoint="app.home",
            summary="看了三款净水器",
        ),
        interaction(2, "customer_id:c1", PHONE, touchpoint="store.visit"),
        feedback(
            3,
            "wechat_openid:o1",
            PHONE,
            colour=Colour.RED,
            topics=["queue"],
            text="排了两个小时队",
            touchpoint="store.visit",
            department="store",
            conversation_id="k1",
        ),
        feedback(4, conversation_id="k1", colour=Colour.GREEN, text="谢谢"),
    )
    customer = await journey.customer_of("customer_id:c1")
    assert customer is not None
    return customer


# /v1/customers/{id}


async def test_a_customer_in_numbers(journey: Journey) -> None:
    customer = await a_life(journey)
    found = await journey.get(f"/v1/customers/{customer}")
    assert found == {
        "id": customer,
        "merged_from": [],
        "identifiers": [
            {"type": "wechat_openid", "value": "o1", "source": None, "shared": False},
            {"type": "customer_id", "value": "c1", "source": None, "shared": False},
            {"type": "phone", "value": "+8613900001234", "source": None, "shared": False},
        ],
        "first_seen": "2026-11-01T09:00:00Z",
        "last_seen": "2026-11-01T12:00:00Z",
        "events": 4,
        "channels": {"app": 1, "none": 1, "chat": 2},
        "lights": {"red": 1, "green": 1},
    }


async def test_the_id_of_a_merged_customer_gives_the_one_it_was_merged_into(
    journey: Journey,
) -> None:
    await journey.consume(feedback(1, "wechat_openid:o1"))
    old = await journey.customer_of("wechat_openid:o1")
    await journey.consume(feedback(2, "wechat_openid:o1", "customer_id:c1"))
    new = await journey.customer_of("customer_id:c1")
    assert old != new
    for path in ("", "/identities"):
        found = await journey.get(f"/v1/customers/{old}{path}")
        assert (found["id"], found["merged_from"]) == (new, [old])
    timeline = await journey.get(f"/v1/customers/{old}/timeline")
    assert [item["id"] for item in timeline["items"]] == ["f1", "f2"]


async def test_the_id_of_a_customer_who_turned_out_to_be_several_still_answers(
    journey: Journey,
) -> None:
    """It shows the phone, that it is shared, and no event: these belong to nobody for sure."""
    await journey.consume(feedback(1, PHONE))
    customer = await journey.customer_of(PHONE)
    await journey.consume(
        feedback(2, PHONE, "member_card:m1"), feedback(3, PHONE, "member_card:m2")
    )
    found = await journey.get(f"/v1/customers/{customer}")
    assert (found["id"], found["events"], found["first_seen"]) == (customer, 0, None)
    assert [(one["type"], one["shared"]) for one in found["identifiers"]] == [("phone", True)]


async def test_shared_phones_and_devices_show_beside_those_who_use_them(journey: Journey) -> None:
    await journey.consume(
        feedback(1, PHONE, "member_card:m1", "device:d1"), feedback(2, PHONE, "member_card:m2")
    )
    customer = await journey.customer_of("member_card:m1")
    found = await journey.get(f"/v1/customers/{customer}")
    assert {(one["type"], one["shared"]) for one in found["identifiers"]} == {
        ("member_card", False),
        ("phone", True),
        ("device", False),
    }


async def test_an_unknown_customer_is_a_404(journey: Journey) -> None:
    for path in (path for path in PATHS if "{customer}" in path):
        problem(await journey.client.get(path.format(customer=UNKNOWN)), 404, "not-found")
        problem(await journey.client.get(path.format(customer="c1")), 422, "invalid")


async def test_a_device_is_no_customer(journey: Journey) -> None:
    await journey.consume(feedback(1, "device:d1", PHONE))
    (device,) = await journey.query("SELECT id FROM journey.identifier WHERE type = 'device'")
    problem(await journey.client.get(f"/v1/customers/{device.id}"), 404, "not-found")


# /v1/customers/{id}/timeline


async def test_a_timeline_tells_what_happened(journey: Journey) -> None:
    customer = await a_life(journey)
    items = (await journey.get(f"/v1/customers/{customer}/timeline"))["items"]
    assert [item["id"] for item in items] == ["i1", "i2", "f3", "f4"]
    assert items[0] == {
        "kind": "interaction",
        "source": "shop",
        "id": "i1",
        "occurred_at": "2026-11-01T09:00:00Z",
        "received_at": "2026-11-01T09:00:00Z",
        "channel": "app",
        "touchpoint": "app.home",
        "department": None,
        "interaction_kind": "browse",
        "light": None,
        "polarity": None,
        "topics": [],
        "text": None,
        "summary": "看了三款净水器",
        "conversation_id": None,
        "matched_by": "identifier",
    }
    assert items[2] == {
        "kind": "feedback",
        "source": "crm",
        "id": "f3",
        "occurred_at": "2026-11-01T11:00:00Z",
        "received_at": "2026-11-01T11:00:00Z",
        "channel": "chat",
        "touchpoint": "store.visit",
        "department": "store",
        "interaction_kind": None,
        "light": "red",
        "polarity": "positive",
        "topics": ["queue"],
        "text": "排了两个小时队",
        "summary": None,
        "conversation_id": "k1",
        "matched_by": "identifier",
    }
    assert items[3]["matched_by"] == "conversation"


async def test_a_timeline_shows_the_beginning_of_a_long_text(journey: Journey) -> None:
    await journey.consume(feedback(1, PHONE, text="𠮷" * 5000), feedback(2, PHONE, text="短"))
    customer = await journey.customer_of(PHONE)
    items = (await journey.get(f"/v1/customers/{customer}/timeline"))["items"]
    assert [item["text"] for item in items] == ["𠮷" * (SNIPPET_CHARS - 1) + "…", "短"]


async def test_a_range_includes_from_and_excludes_to(journey: Journey) -> None:
    await journey.consume(*(feedback(number, PHONE) for number in range(5)))
    path = f"/v1/customers/{await journey.customer_of(PHONE)}/timeline"

    async def shown(**params: Any) -> list[str]:
        return [item["id"] for item in await journey.pages(path, **params)]

    one, three = at(1).isoformat(), at(3).isoformat()
    assert await shown(**{"from": one}) == ["f1", "f2", "f3", "f4"]
    assert await shown(to=three) == ["f0", "f1", "f2"]
    assert await shown(**{"from": one, "to": three}) == ["f1", "f2"]
    assert await shown(**{"from": one, "to": three, "limit": 1}) == ["f1", "f2"]
    elsewhere = "2026-11-01T17:00:00+08:00"  # = at(1)
    assert await shown(**{"from": elsewhere, "to": three}) == ["f1", "f2"]
    answer = await journey.client.get(path, params={"from": three, "to": three})
    problem(answer, 400, "bad-range")
    for wrong in ("yesterday", "2026-11-01T00:00:00", ""):
        problem(await journey.client.get(path, params={"from": wrong}), 422, "invalid")


# /v1/customers/{id}/identities


async def test_identities_say_where_they_come_from_and_what_they_did(journey: Journey) -> None:
    await journey.consume(feedback(1, "wechat_openid:o1"), interaction(2, "customer_id:c1"))
    old = await journey.customer_of("wechat_openid:o1")
    await journey.consume(feedback(3, "wechat_openid:o1", "customer_id:c1", "external:7"))
    customer = await journey.customer_of("customer_id:c1")
    found = await journey.get(f"/v1/customers/{customer}/identities")

    def row(kind: str, value: str, hours: int, *where: str, source: str | None = None) -> Any:
        evidence = dict(zip(("kind", "source", "id"), where, strict=True))
        seen = at(hours).isoformat().replace("+00:00", "Z")
        return {
            "type": kind,
            "value": value,
            "source": source,
            "shared": False,
            "first_seen": seen,
            "evidence": evidence,
        }

    assert found == {
        "id": customer,
        "merged_from": [old],
        "identifiers": [
            row("wechat_openid", "o1", 1, "feedback", "crm", "f1"),
            row("customer_id", "c1", 2, "interaction", "shop", "i2"),
            row("external", "7", 3, "feedback", "crm", "f3", source="crm"),
        ],
        "merges": [
            {
                "kind": "merge",
                "from_id": old,
                "into_id": customer,
                "at": NOW.isoformat().replace("+00:00", "Z"),
                "reason": "seen_together:customer_id+wechat_openid",
                "evidence": {"kind": "feedback", "source": "crm", "id": "f3"},
            }
        ],
        "decisions": [],
    }


# /v1/customers


async def test_a_customer_is_found_by_an_identifier_in_any_spelling(journey: Journey) -> None:
    await journey.consume(feedback(1, PHONE, "member_card:m1"), feedback(2, "member_card:m2"))
    for written in ("13900001234", "+86 139-0000-1234", "１３９００００１２３４"):
        (found,) = await journey.pages("/v1/customers", identifier=f"phone:{written}")
        assert found == {
            "id": await journey.customer_of("member_card:m1"),
            "identifiers": [
                {"type": "member_card", "value": "m1", "source": None, "shared": False},
                {"type": "phone", "value": "+8613900001234", "source": None, "shared": False},
            ],
            "first_seen": "2026-11-01T09:00:00Z",
            "last_seen": "2026-11-01T09:00:00Z",
            "events": 1,
        }


async def test_a_shared_identifier_finds_everybody_who_uses_it(journey: Journey) -> None:
    """Once each, however many of their identifiers were seen with it."""
    people = [(f"member_card:m{n}", f"wechat_openid:o{n}") for n in range(5)]
    await journey.consume(*(feedback(n, PHONE, *names) for n, names in enumerate(people)))
    found = await journey.pages("/v1/customers", identifier=PHONE, limit=2)
    expected = [await journey.customer_of(f"member_card:m{n}") for n in range(5)]
    assert [one["id"] for one in found] == sorted(str(one) for one in expected)


async def test_an_account_is_found_in_every_source_that_has_it(journey: Journey) -> None:
    await journey.consume(feedback(1, "external:7"), interaction(2, "external:7"))
    assert len(await journey.pages("/v1/customers", identifier="external:7")) == 2


async def test_an_identifier_that_nobody_has_finds_nobody(journey: Journey) -> None:
    await journey.consume(feedback(1, PHONE))
    assert await journey.pages("/v1/customers", identifier="phone:13900009999") == []
    assert await journey.pages("/v1/customers", identifier="email:+8613900001234") == []


async def test_an_identifier_has_a_type_and_a_value_that_names_somebody(journey: Journey) -> None:
    wrong = [
        "13900001234",
        "phone:",
        "phone: ",
        "fax:1",
        "",
        ":",
        "phone:\x00",
        "phone:139****1234",
    ]
    for identifier in wrong:
        answer = await journey.client.get("/v1/customers", params={"identifier": identifier})
        problem(answer, 400, "bad-identifier")


# /v1/touchpoints and /v1/summary


async def test_the_map_counts_lights_by_touchpoint(journey: Journey) -> None:
    await journey.consume(
        *(feedback(n, touchpoint="app.checkout", colour=Colour.RED) for n in range(20)),
        *(feedback(n, touchpoint="store.visit", colour=Colour.GREEN) for n in range(20, 45)),
        feedback(50, touchpoint="store.visit", colour=Colour.AMBER),
        interaction(60, touchpoint="store.visit"),
        interaction(61, touchpoint="delivery"),
        feedback(65, touchpoint="store.visit", colour=Colour.RED, channel=Channel.EMPLOYEE),
        feedback(62, touchpoint="callcentre", colour=Colour.RED),
        feedback(63, colour=Colour.RED),
        feedback(64, touchpoint="app.checkout", tenant=OTHER_TENANT),
    )
    found = {one["touchpoint"]: one for one in await journey.pages("/v1/touchpoints")}
    assert list(found) == ["app.checkout", "callcentre", "delivery", "store.visit"]
    store = found["store.visit"]
    assert store["lights"] == {"red": 0, "amber": 1, "green": 25, "grey": 0}
    assert (store["events"], store["feedback"], store["enough"]) == (27, 26, True)
    assert (store["colour"], store["red_share"]["share"]) == ("green", 0)
    assert (found["app.checkout"]["colour"], found["app.checkout"]["events"]) == ("red", 20)
    few = found["callcentre"]
    assert (few["colour"], few["enough"], few["red_share"]["share"]) == ("grey", False, 1)
    assert found["delivery"]["red_share"] is None
    assert found["delivery"]["lights"] == {"red": 0, "amber": 0, "green": 0, "grey": 0}


async def test_the_map_of_a_time_counts_what_happened_then(journey: Journey) -> None:
    """By when it was said, not by when it came."""
    late = at(200)
    await journey.consume(
        *(
            feedback(n, touchpoint="store.visit", received_at=late, colour=Colour.RED)
            for n in range(6)
        )
    )
    params = {"from": at(2).isoformat(), "to": at(4).isoformat()}
    (found,) = await journey.pages("/v1/touchpoints", **params)
    assert found["lights"]["red"] == 2
    after = {"from": late.isoformat()}
    assert await journey.pages("/v1/touchpoints", **after) == []
    backwards = {"from": after["from"], "to": START.isoformat()}
    problem(await journey.client.get("/v1/touchpoints", params=backwards), 400, "bad-range")


async def test_the_map_comes_in_pages(journey: Journey) -> None:
    names = [f"t{n:02}" for n in range(23)] + ["到店", "Ärger", "z"]
    await journey.consume(*(feedback(n, touchpoint=name) for n, name in enumerate(names)))
    found = await journey.pages("/v1/touchpoints", limit=4)
    assert [one["touchpoint"] for one in found] == sorted(names)


async def test_the_summary_counts_the_tenant(journey: Journey) -> None:
    nothing = {"events": 0, "feedback": 0, "interactions": 0, "customers": 0}
    dark = {"red": 0, "amber": 0, "green": 0, "grey": 0}
    assert await journey.get("/v1/summary") == {**nothing, "lights": dark}
    await a_life(journey)
    await journey.consume(
        feedback(9, "customer_id:c9", tenant=OTHER_TENANT), feedback(10, "customer_id:c2")
    )
    assert await journey.get("/v1/summary") == {
        "events": 5,
        "feedback": 3,
        "interactions": 2,
        "customers": 2,
        "lights": {"red": 1, "amber": 0, "green": 1, "grey": 1},
    }


# Who may see it


async def test_another_tenant_sees_nothing(journey: Journey) -> None:
    customer = await a_life(journey)
    other = {"X-API-Key": OTHER_API_KEY}
    for path in PATHS:
        answer = await journey.client.get(path.format(customer=customer), headers=other)
        if "{customer}" in path:
            problem(answer, 404, "not-found")
        elif path == "/v1/summary":
            assert answer.json()["events"] == answer.json()["customers"] == 0
        else:
            assert answer.json() == {"items": [], "next_cursor": None}
    answer = await journey.client.get("/v1/customers", params={"identifier": PHONE}, headers=other)
    assert answer.json()["items"] == []


async def test_only_a_key_with_the_scope_may_read(journey: Journey) -> None:
    engine = journey.platform.engine
    _, reader = await make_key(engine, TENANT, [Scope.JOURNEY_READ.value], NOW)
    rest = [scope.value for scope in Scope if scope is not Scope.JOURNEY_READ]
    _, stranger = await make_key(engine, TENANT, rest, NOW)

    async def get(path: str, key: str) -> httpx.Response:
        url = path.format(customer=UNKNOWN)
        return await journey.client.get(url, headers={"X-API-Key": key})

    for path in PATHS:
        problem(await get(path, stranger), 403, "forbidden")
        problem(await get(path, "nobody's"), 401, "unauthorized")
        problem(await get(path, ""), 401, "unauthorized")
        assert (await get(path, reader)).status_code == (404 if "{customer}" in path else 200)


# What callers get wrong


async def test_a_cursor_of_something_else_is_a_400(journey: Journey) -> None:
    time = "2026-01-01T00:00:00Z"
    wrong = [
        "x",
        "",
        "é",
        Cursor.encode("a", "b"),
        Cursor.encode("no uuid"),
        Cursor.encode("\x00"),
        Cursor.encode("0001-01-01T00:00:00+14:00", time, "i", "feedback", "s"),
        Cursor.encode(time, time, "\x00", "feedback", "s"),
    ]
    customer = await a_life(journey)
    for cursor in wrong:
        for path in ("/v1/customers", f"/v1/customers/{customer}/timeline"):
            answer = await journey.client.get(path, params={"cursor": cursor})
            problem(answer, 400, "bad-cursor")
    for cursor in ("x", Cursor.encode("a", "b"), Cursor.encode("\x00")):
        answer = await journey.client.get("/v1/touchpoints", params={"cursor": cursor})
        problem(answer, 400, "bad-cursor")


async def test_a_limit_is_1_to_500(journey: Journey) -> None:
    for path in ("/v1/customers", "/v1/touchpoints", f"/v1/customers/{UNKNOWN}/timeline"):
        for limit in ("0", "-1", "501", "many", "1.5"):
            answer = await journey.client.get(path, params={"limit": limit})
            problem(answer, 422, "invalid")


async def test_the_ends_of_the_calendar_are_times_as_well(journey: Journey) -> None:
    await journey.consume(feedback(1, PHONE, hours=0))
    customer = await journey.customer_of(PHONE)
    for since, expected in (("0001-01-01T00:00:00Z", 1), ("9999-12-31T23:59:59Z", 0)):
        found = await journey.pages(f"/v1/customers/{customer}/timeline", **{"from": since})
        assert len(found) == expected

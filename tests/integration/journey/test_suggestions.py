"""`GET /v1/identities/suggestions`: pairs that the rules leave apart, for people to look at."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from heedful.common.service import Platform
from heedful.journey import suggestions
from tests.integration.journey.deciding import CONSOLE, keep_apart, merge, revoke
from tests.integration.journey.world import Journey, problem, running
from tests.people import NOW
from tests.unit.journey.history import node_of
from tests.unit.journey.material import feedback, interaction

PHONE, CARD, OTHER = "phone:13900001234", "member_card:m1", "member_card:m2"
SUGGESTIONS = "/v1/identities/suggestions"


@pytest.fixture
async def journey(platform: Platform) -> AsyncIterator[Journey]:
    async with running(CONSOLE.believed(platform, NOW)) as started:
        yield started


def pair(one: str, other: str) -> list[str]:
    return [str(each) for each in sorted((node_of(one).id, node_of(other).id))]


def codes(item: dict[str, Any]) -> list[str]:
    return [one["code"] for one in item["reasons"]]


async def sharing(journey: Journey, name: str = "李雷", other: str = "李雷") -> None:
    """Two cards with one phone."""
    await journey.consume(
        feedback(1, CARD, PHONE, attributes={"customer_name": name}),
        interaction(2, OTHER, PHONE, attributes={"customer_name": f"{other} 先生"}),
    )


async def test_two_who_share_a_phone_and_a_name_are_suggested(journey: Journey) -> None:
    await sharing(journey)
    (found,) = await journey.pages(SUGGESTIONS)
    assert found["customers"] == pair(CARD, OTHER)
    assert codes(found) == ["same_name", "shared_phone"]
    assert found["reasons"][0] == {
        "code": "same_name",
        "label_zh": "姓名相同",
        "label_en": "the same name",
        "speaks_for": True,
    }


async def test_names_that_are_long_gone_do_not_count(journey: Journey) -> None:
    """Twenty events have come since."""
    await sharing(journey)
    await journey.consume(*(interaction(number, CARD) for number in range(3, 22)))
    assert codes((await journey.pages(SUGGESTIONS))[0]) == ["same_name", "shared_phone"]
    await journey.consume(interaction(22, CARD))
    assert codes((await journey.pages(SUGGESTIONS))[0]) == ["shared_phone"]


async def test_a_family_is_not(journey: Journey) -> None:
    await sharing(journey, other="韩梅梅")
    assert await journey.pages(SUGGESTIONS) == []


async def test_a_phone_of_two_customer_ids_and_a_device_with_a_slip_are(journey: Journey) -> None:
    await journey.consume(
        feedback(1, "customer_id:c1", PHONE), feedback(2, "customer_id:c2", PHONE)
    )
    await journey.consume(
        feedback(3, "email:zhang.wei@example.com", "device:d1"),
        feedback(4, "email:zhang.wie@example.com", "device:d1"),
        feedback(5, "wechat_openid:o1", "device:d2"),
        feedback(6, "wechat_openid:o2", "device:d2"),
    )
    found = {tuple(one["customers"]): codes(one) for one in await journey.pages(SUGGESTIONS)}
    assert found == {
        tuple(pair("email:zhang.wei@example.com", "email:zhang.wie@example.com")): [
            "similar_email",
            "shared_device",
        ]
    }
    await journey.consume(
        *(feedback(n, f"customer_id:c{n - 6}", PHONE, attributes={"name": "A. Li"}) for n in (7, 8))
    )
    (first, _) = await journey.pages(SUGGESTIONS)
    assert codes(first) == ["similar_email", "shared_device"]


async def test_what_is_decided_is_suggested_no_more(journey: Journey) -> None:
    await sharing(journey)
    made = await keep_apart(journey, CARD, OTHER)
    assert await journey.pages(SUGGESTIONS) == []
    await journey.consume(feedback(5, CARD, "device:d1"), feedback(6, OTHER, "device:d1"))
    assert await journey.pages(SUGGESTIONS) == []
    await revoke(journey, made)
    assert len(await journey.pages(SUGGESTIONS)) == 1
    await merge(journey, CARD, OTHER)
    assert await journey.pages(SUGGESTIONS) == []


async def test_pages_and_windows_show_each_pair_once_the_likeliest_first(
    journey: Journey, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(6):
        names = {"name": f"李雷{number}"} if number % 2 else {}
        await journey.consume(
            feedback(2 * number, f"member_card:a{number}", f"phone:1390000100{number}"),
            feedback(
                2 * number + 1,
                f"member_card:b{number}",
                f"phone:1390000100{number}",
                "device:d" if number in (0, 5) else f"device:d{number}",
                attributes=names,
            ),
            interaction(90 + number, f"member_card:a{number}", attributes=names),
            interaction(80, "member_card:a0", "device:d"),
        )
    alone = await journey.pages(SUGGESTIONS)
    assert [one["score"] for one in alone] == sorted((o["score"] for o in alone), reverse=True)
    assert len(alone) == 6
    assert await journey.pages(SUGGESTIONS, limit=1) == alone
    monkeypatch.setattr(suggestions, "WINDOW", 2)
    windowed = await journey.pages(SUGGESTIONS, limit=1)
    assert len(windowed) == 6
    assert sorted(one["customers"] for one in windowed) == sorted(o["customers"] for o in alone)


async def test_a_cursor_that_is_none_is_refused(journey: Journey) -> None:
    for cursor in ("x", "WyIyMDI2IiwiIiwiIiwiIiwiIl0", "WyJ4IiwiIiwiIiwiIiwiIl0"):
        answer = await journey.client.get(SUGGESTIONS, params={"cursor": cursor})
        problem(answer, 400, "bad-cursor")


async def test_another_tenant_sees_nothing_of_it(journey: Journey) -> None:
    await journey.consume(
        feedback(1, CARD, PHONE, tenant="other"), feedback(2, OTHER, PHONE, tenant="other")
    )
    assert await journey.pages(SUGGESTIONS) == []

"""People decide who is who: merge, unmerge, keep apart, and take it back."""

import asyncio
import uuid
from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from heedful.common.erasure import Tombstones
from heedful.common.security import Scope
from heedful.common.service import Platform
from heedful.journey import deciding
from heedful.journey.records import read
from heedful.journey.store import remember
from tests.integration.conftest import OTHER_API_KEY, TENANT
from tests.integration.journey.deciding import (
    CONSOLE,
    LEAD,
    WHY,
    decided,
    keep_apart,
    merge,
    post,
    revoke,
    unmerge,
)
from tests.integration.journey.world import Journey, problem, running
from tests.integration.locks import blocked
from tests.keys import make_key
from tests.people import NOW
from tests.unit.journey.history import node_of
from tests.unit.journey.material import feedback, interaction

PHONE, MAIL, OPENID, CARD = (
    "phone:13900001234",
    "email:a@example.com",
    "wechat_openid:o1",
    "member_card:m1",
)
C1, C2 = "customer_id:c1", "customer_id:c2"


@pytest.fixture
async def journey(platform: Platform) -> AsyncIterator[Journey]:
    async with running(CONSOLE.believed(platform, NOW)) as started:
        yield started


async def path_of(journey: Journey, name: str, rest: str) -> str:
    return f"/v1/customers/{await journey.customer_of(name)}/{rest}"


async def owners(journey: Journey, *names: str) -> set[str | None]:
    return {await journey.customer_of(name) for name in names}


async def test_a_merge_joins_identifiers_events_and_ids(journey: Journey) -> None:
    """Also of what comes later."""
    await journey.consume(feedback(1, OPENID), interaction(2, C1), feedback(3, OPENID))
    old = await journey.customer_of(OPENID)
    made = await merge(journey, OPENID, C1)
    assert await journey.timeline(C1) == ["f1", "i2", "f3"]
    assert (await journey.get(f"/v1/customers/{old}"))["id"] == await journey.customer_of(C1)
    assert {name: made[name] for name in ("kind", "in_force", "revoked", "actor")} == {
        "kind": "merge",
        "in_force": True,
        "revoked": None,
        "actor": {"type": "human", "id": "wang.fang"},
    }
    seen = await journey.get(await path_of(journey, C1, "identities"))
    assert seen["decisions"] == [made]
    assert [(one["kind"], one["reason"], one["evidence"]) for one in seen["merges"]] == [
        (
            "merge",
            "decided:merge",
            {"kind": "decision", "source": "journey", "id": made["id"]},
        )
    ]
    await journey.consume(feedback(4, OPENID, MAIL), feedback(5, MAIL))
    assert await journey.timeline(C1) == ["f1", "i2", "f3", "f4", "f5"]


async def test_a_revoked_merge_leaves_what_was_there_before(journey: Journey) -> None:
    await journey.consume(feedback(1, OPENID), interaction(2, C1), feedback(3, OPENID, MAIL))
    before = await journey.tables()
    made = await merge(journey, OPENID, C1)
    assert await journey.tables() != before
    gone = await revoke(journey, made)
    assert await journey.tables() == before
    assert (gone["in_force"], gone["revoked"]["reason"]) == (False, "看错了")
    assert gone["revoked"]["actor"] == {"type": "human", "id": "wang.fang"}
    seen = await journey.get(await path_of(journey, OPENID, "identities"))
    assert [one["id"] for one in seen["decisions"]] == [made["id"]]
    again = await post(
        journey, f"/v1/identities/decisions/{made['id']}/revoke", {"reason": "again"}
    )
    problem(again, 409, "revoked")


async def test_two_customer_ids_are_merged_only_when_that_is_said(journey: Journey) -> None:
    """Their phone, which was nobody's, is the customer's then, with the calls from it."""
    await journey.consume(
        feedback(1, C1, PHONE), feedback(2, C2, PHONE), interaction(3, PHONE), feedback(4, C2, MAIL)
    )
    before = await journey.tables()
    path, body = await path_of(journey, C1, "merge"), {"other": await journey.customer_of(C2)}
    problem(await post(journey, path, {**body, **WHY}), 409, "two-customer-ids")
    assert await journey.tables() == before
    made = await decided(journey, path, {**body, **WHY, "two_customer_ids": True})
    assert made["two_customer_ids"] is True
    assert await journey.timeline(C1) == ["f1", "f2", "i3", "f4"]
    assert await owners(journey, C1, C2, PHONE, MAIL) == {str(node_of(C1).id)}
    await journey.consume(interaction(5, PHONE))
    assert "i5" in await journey.timeline(C1)
    await revoke(journey, made)
    assert await journey.customer_of(PHONE) is None
    assert await journey.timeline(C1) == ["f1"]
    assert await journey.timeline(C2) == ["f2", "f4"]


async def test_that_two_customer_ids_are_one_is_said_only_of_those_that_are_there(
    journey: Journey,
) -> None:
    """Whoever merged two without one knew nothing of those that turn up later."""
    await journey.consume(feedback(1, OPENID), feedback(2, MAIL))
    made = await merge(journey, OPENID, MAIL, two_customer_ids=True)
    assert made["two_customer_ids"] is False
    await journey.consume(feedback(3, OPENID, C1), feedback(4, MAIL, C2))
    assert len(await owners(journey, C1, C2)) == 2


async def test_a_shops_phone_stays_nobodys(journey: Journey) -> None:
    await journey.consume(*(feedback(n, f"customer_id:c{n}", PHONE) for n in range(1, 5)))
    await merge(journey, C1, C2, two_customer_ids=True)
    assert await journey.customer_of(PHONE) is None


async def test_an_unmerge_parts_identifiers_and_their_events(journey: Journey) -> None:
    await journey.consume(
        feedback(1, C1, MAIL, OPENID), feedback(2, OPENID), feedback(3, MAIL), feedback(4, OPENID)
    )
    before = await journey.tables()
    made = await unmerge(journey, C1, OPENID)
    assert await journey.timeline(C1) == ["f1", "f3"]
    assert await journey.timeline(OPENID) == ["f2", "f4"]
    assert [one["type"] for one in made["left"]["identifiers"]] == ["wechat_openid"]
    assert made["left"]["customers"] == [str(node_of(OPENID).id)]
    assert made["right"]["customers"] == [str(node_of(C1).id)]
    await journey.consume(feedback(5, OPENID, MAIL, C1))
    assert len(await owners(journey, C1, MAIL, OPENID)) == 2
    await revoke(journey, made)
    assert len(await owners(journey, C1, MAIL, OPENID)) == 1
    rows = (await journey.tables())["identifier"]
    assert rows == before["identifier"]


async def test_what_was_theirs_only_by_way_of_the_parted_goes_with_them(journey: Journey) -> None:
    """A phone is parted in whatever spelling."""
    await journey.consume(feedback(1, C1, OPENID), feedback(2, OPENID, MAIL), feedback(3, C1, CARD))
    await unmerge(journey, C1, OPENID)
    assert await owners(journey, OPENID, MAIL) == {str(node_of(OPENID).id)}
    assert await owners(journey, C1, CARD) == {str(node_of(C1).id)}
    await journey.consume(feedback(4, C2, PHONE), feedback(5, PHONE))
    await unmerge(journey, C2, "phone:+86 139-0000-1234")
    assert await journey.timeline(PHONE) == ["f5"]


async def test_a_merge_is_parted_by_an_unmerge_as_well(journey: Journey) -> None:
    await journey.consume(feedback(1, OPENID), feedback(2, MAIL))
    await merge(journey, OPENID, MAIL)
    made = await unmerge(journey, OPENID, MAIL)
    assert len(await owners(journey, OPENID, MAIL)) == 2
    await revoke(journey, made)
    assert len(await owners(journey, OPENID, MAIL)) == 1


async def test_who_was_kept_apart_is_not_joined_by_events_nor_by_mistake(journey: Journey) -> None:
    await journey.consume(feedback(1, OPENID), feedback(2, MAIL))
    made = await keep_apart(journey, OPENID, MAIL)
    await journey.consume(feedback(3, OPENID, MAIL))
    assert len(await owners(journey, OPENID, MAIL)) == 2
    body = {"other": await journey.customer_of(MAIL), **WHY}
    for what in ("merge", "keep-apart"):
        answer = await post(journey, await path_of(journey, OPENID, what), body)
        assert problem(answer, 409, "kept-apart")["decisions"] == [made["id"]]
    await revoke(journey, made)
    assert len(await owners(journey, OPENID, MAIL)) == 1


async def test_what_a_merge_brings_back_may_forbid_it(journey: Journey) -> None:
    """An address of two customer ids is nobody's; it was kept apart from the one of them."""
    await journey.consume(feedback(1, C1, MAIL))
    made = await unmerge(journey, C1, MAIL)
    await journey.consume(feedback(2, C2, MAIL))
    before = await journey.tables()
    body = {"other": await journey.customer_of(C2), "two_customer_ids": True, **WHY}
    answer = await post(journey, await path_of(journey, C1, "merge"), body)
    assert problem(answer, 409, "kept-apart")["decisions"] == [made["id"]]
    assert await journey.tables() == before


async def test_more_than_a_person_has_is_not_kept_apart(
    journey: Journey, monkeypatch: pytest.MonkeyPatch
) -> None:
    await journey.consume(feedback(1, OPENID, MAIL), feedback(2, CARD))
    path = await path_of(journey, CARD, "keep-apart")
    body = {"other": await journey.customer_of(MAIL), **WHY}
    monkeypatch.setattr(deciding, "MAX_MEMBERS", 2)
    problem(await post(journey, path, body), 409, "too-many-identifiers")
    monkeypatch.setattr(deciding, "MAX_MEMBERS", 3)
    await decided(journey, path, body)


async def test_a_rebuild_follows_merges_by_way_of_what_is_not_there_yet(journey: Journey) -> None:
    """Else the phone would be cut for good before the account between the two is seen."""
    events = [
        feedback(1, C1, PHONE),
        feedback(2, "customer_id:c3", PHONE),
        feedback(3, C2, hours=0),
    ]
    await journey.consume(*events)
    for other in (C1, "customer_id:c3"):
        await merge(journey, C2, other, two_customer_ids=True)
    before = await journey.tables()
    await journey.forget()
    for event in events:
        await journey.consume(event)
    assert await journey.tables() == before
    assert await owners(journey, PHONE) == {str(node_of(C2).id)}


async def test_what_cannot_be_decided_says_why(journey: Journey) -> None:
    await journey.consume(
        feedback(1, OPENID, MAIL), feedback(2, CARD, PHONE), feedback(3, "member_card:m2", PHONE)
    )
    one = await journey.customer_of(OPENID)
    nobody, shared = str(uuid.uuid4()), str(node_of(PHONE).id)

    async def refused(what: str, status: int, code: str, **body: Any) -> None:
        answer = await post(journey, f"/v1/customers/{one}/{what}", {**WHY, **body})
        problem(answer, status, code)

    await refused("merge", 409, "one-customer", other=one)
    await refused("keep-apart", 409, "one-customer", other=str(node_of(MAIL).id))
    await refused("merge", 404, "not-found", other=nobody)
    await refused("merge", 409, "shared-identifier", other=shared)
    phone = {"type": "phone", "value": "13900001234"}
    await refused("unmerge", 409, "not-theirs", identifiers=[phone])
    mail, openid = ({"type": n.split(":")[0], "value": n.split(":")[1]} for n in (MAIL, OPENID))
    await refused("unmerge", 409, "nobody-left", identifiers=[mail, openid])
    await refused("unmerge", 422, "invalid", identifiers=[])
    answer = await post(journey, f"/v1/customers/{nobody}/merge", {"other": one, **WHY})
    problem(answer, 404, "not-found")
    answer = await post(journey, f"/v1/identities/decisions/{nobody}/revoke", {"reason": "x"})
    problem(answer, 404, "not-found")
    assert await journey.query("SELECT 1 FROM journey.decision") == []


async def test_only_a_lead_decides_and_no_machine(journey: Journey) -> None:
    await journey.consume(feedback(1, OPENID), feedback(2, MAIL))
    path = await path_of(journey, OPENID, "merge")
    body = {"other": await journey.customer_of(MAIL), **WHY}
    for headers in ({}, CONSOLE.headers(NOW, role="agent")):
        problem(await post(journey, path, body, headers), 403, "role-required")
    engine = journey.platform.engine
    _, reader = await make_key(engine, TENANT, [Scope.JOURNEY_READ.value], NOW)
    problem(await post(journey, path, body, {**LEAD, "X-API-Key": reader}), 403, "forbidden")
    stranger = {**CONSOLE.headers(NOW, tenant="other"), "X-API-Key": OTHER_API_KEY}
    problem(await post(journey, path, body, stranger), 404, "not-found")
    assert len(await owners(journey, OPENID, MAIL)) == 2


async def test_nobody_decides_of_another_tenant(journey: Journey) -> None:
    await journey.consume(feedback(1, OPENID), feedback(2, MAIL), feedback(3, CARD, tenant="other"))
    body = {"other": str(node_of(CARD, tenant="other").id), **WHY}
    problem(await post(journey, await path_of(journey, OPENID, "merge"), body), 404, "not-found")
    made = await merge(journey, OPENID, MAIL)
    stranger = {**CONSOLE.headers(NOW, tenant="other"), "X-API-Key": OTHER_API_KEY}
    path = f"/v1/identities/decisions/{made['id']}/revoke"
    problem(await post(journey, path, {"reason": "x"}, stranger), 404, "not-found")
    assert len(await owners(journey, OPENID, MAIL)) == 1


async def test_decisions_are_never_changed_nor_removed(journey: Journey) -> None:
    await journey.consume(feedback(1, OPENID), feedback(2, MAIL))
    await merge(journey, OPENID, MAIL)
    for change in (
        "UPDATE journey.decision SET reason = 'x'",
        "DELETE FROM journey.decision_member",
    ):
        with pytest.raises(DBAPIError, match="append-only"):
            async with journey.platform.engine.begin() as connection:
                await connection.execute(text(change))


async def test_a_batch_under_way_is_not_lost_to_a_merge(journey: Journey) -> None:
    """The phone has no say, so the batch locks nothing; the merge gives it one and waits."""
    await journey.consume(feedback(1, C1, PHONE), feedback(2, C2, PHONE))
    path = await path_of(journey, C1, "merge")
    body = {"other": await journey.customer_of(C2), "two_customer_ids": True, **WHY}
    async with journey.platform.engine.begin() as connection:
        await Tombstones("journey").admit(connection)
        await remember(connection, [read(interaction(3, PHONE), "CN")], NOW)
        merging = asyncio.create_task(decided(journey, path, body))
        await blocked(journey.platform.engine, merging)
    await merging
    assert await journey.timeline(C1) == ["f1", "f2", "i3"]

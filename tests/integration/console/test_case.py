"""The page of a case, and what is done on it."""

from typing import Any

import pytest
from sqlalchemy import text

from heedful.common.security.roles import Role
from tests.integration.console.world import Browser, World
from tests.unit.console.cases.cases import ID, answer, event

XSS = "<script>alert(1)</script><img src=x onerror=alert(2)>"
PAGE = f"/cases/{ID}"
MEMBERS = {
    "items": [
        {"id": "wang.fang", "name": f"王芳{XSS}", "position": "lead", "teams": [], "absent": False}
    ],
    "next_cursor": None,
}
CUSTOMER = "0198c0de-0000-7000-8000-00000000c057"


def record(words: str, **changed: Any) -> dict[str, Any]:
    return {
        "source": "callcentre",
        "id": "f1",
        "channel": "call",
        "text": words,
        "occurred_at": "2026-11-30T07:00:00Z",
        "received_at": "2026-11-30T07:00:00Z",
        "touchpoint": None,
        "conversation_id": None,
        "customer_id": CUSTOMER,
        "light": {"colour": "red", "reasons": []},
        **changed,
    }


@pytest.fixture
def world(console: World) -> World:
    """A red case; its words are hostile."""
    evidence = [{"start": 2, "end": 7}]
    reasons = [
        {"code": "x", "label_zh": "急", "label_en": XSS, "evidence": evidence},
        {"code": "y", "label_zh": "诉", "label_en": "Legal", "evidence": []},
    ]
    given = console.upstream.gives
    given("GET", "/v1/cases", {"items": [], "next_cursor": None})
    given("GET", f"/v1/cases/{ID}", answer())
    given("GET", "/v1/members", MEMBERS)
    given("GET", "/v1/records", record(XSS, light={"colour": "red", "reasons": reasons}))
    phone = {"type": "phone", "value": "13812345678", "shared": False}
    given("GET", f"/v1/customers/{CUSTOMER}", {"id": CUSTOMER, "identifiers": [phone], "events": 1})
    given("GET", f"/v1/customers/{CUSTOMER}/timeline", {"items": [], "next_cursor": None})
    return console


async def step(browser: Browser, name: str, **fields: Any) -> Any:
    return await browser.post(f"{PAGE}/{name}", on=PAGE, sequence="1", **fields)


async def test_what_people_and_customers_write_is_words_and_never_a_script(world: World) -> None:
    noted = event(
        2, "noted", note=XSS, actor={"type": "human", "id": "wang.fang"}, detail={"owner": XSS}
    )
    hostile = answer(events=[event(1, "opened"), noted], topic=XSS, action=XSS, owner="wang.fang")
    world.upstream.gives("GET", f"/v1/cases/{ID}", hostile)
    async with world.signed_in(Role.LEAD) as browser:
        page = (await browser.get(PAGE)).text
    assert "<script>alert" not in page
    assert "<img src=x" not in page
    assert page.count("&lt;script&gt;alert(1)") > 5
    assert "<mark>script<sup" not in page
    assert "&lt;s<mark>cript<sup" in page, "evidence is cut before it is escaped"


async def test_a_step_is_taken_on_the_case_as_it_was_seen(world: World) -> None:
    world.upstream.gives("POST", f"/v1/cases/{ID}/contacts", answer(sequence=2))
    async with world.signed_in(Role.AGENT) as browser:
        done = await step(browser, "contacts", kind="call", at="2026-11-30T15:30", note="called")
        assert done.headers["location"] == f"{PAGE}?done=contacts"
        page = await browser.get(PAGE, done="contacts")
    (request,) = world.upstream.asked("POST", f"/v1/cases/{ID}/contacts")
    assert request.headers["if-match"] == '"1"'
    assert b'"at":"2026-11-30T15:30:00+08:00"' in request.content
    assert "The contact is on record" in page.text


async def test_who_comes_too_late_sees_who_did_what_and_keeps_what_they_typed(
    world: World,
) -> None:
    actor = {"type": "human", "id": "wang.fang"}
    planned = event(
        2,
        "planned",
        actor=actor,
        detail={"action": "call back today", "due": "2026-12-01T01:00:00+00:00"},
    )
    moved = answer(state="acknowledged", sequence=2, events=[event(1, "opened"), planned])
    problem = {
        "type": "https://heedful.dev/problems/changed",
        "detail": "event 2 has happened",
        "sequence": 2,
        "state": "acknowledged",
        "by": actor,
        "at": "2026-11-30T07:30:00Z",
    }
    world.upstream.gives("POST", f"/v1/cases/{ID}/plan", problem, 412)
    async with world.signed_in(Role.AGENT) as browser:
        world.upstream.gives("GET", f"/v1/cases/{ID}", moved)
        late = await step(
            browser, "plan", action="send <b>a part</b>", owner="agent", due="2026-12-02T09:00"
        )
    assert late.status_code == 409
    assert "Somebody acted on this case in the meantime" in late.text
    assert "call back today" in late.text
    assert ">2026-12-01 09:00</time>" in late.text
    assert "王芳" in late.text
    assert ">send &lt;b&gt;a part&lt;/b&gt;</textarea>" in late.text
    assert 'value="2026-12-02T09:00"' in late.text
    assert 'name="sequence" value="2"' in late.text, "sent again, it is on what they now see"


async def test_words_for_a_step_that_is_not_offered_any_more_are_shown(world: World) -> None:
    wrong = "a case that is closed cannot be planned"
    world.upstream.refuses("POST", f"/v1/cases/{ID}/plan", 409, "wrong-state", wrong)
    async with world.signed_in(Role.AGENT) as browser:
        world.upstream.gives("GET", f"/v1/cases/{ID}", answer(state="closed", sequence=9))
        late = await step(browser, "plan", action="send a part", owner="x", due="2026-12-02T09:00")
    assert "Its state does not allow it now" in late.text
    assert "<dd>send a part</dd>" in late.text


async def test_a_machine_never_looks_like_a_person(world: World) -> None:
    machine = event(2, "noted", actor={"type": "system", "id": "wang.fang"}, note="by a script")
    found = answer(events=[event(1, "opened"), machine])
    world.upstream.gives("GET", f"/v1/cases/{ID}", found)
    async with world.signed_in(Role.AGENT) as browser:
        page = (await browser.get(PAGE)).text
    trail = page[page.index('id="trail"') :]
    assert "王芳" not in trail
    assert trail.count('class="machine"') == 2


async def test_identifiers_are_masked_and_who_sees_them_whole_is_on_record(world: World) -> None:
    async with world.signed_in(Role.AGENT) as browser:
        part = await browser.get(f"{PAGE}/around")
        assert "138****5678" in part.text
        assert "13812345678" not in part.text
        assert "unmasked" not in part.text
        refused = await browser.post(f"{PAGE}/around/unmasked", on=PAGE)
        assert refused.status_code == 403
        assert "13812345678" not in refused.text
        world.upstream.gives("GET", f"/v1/cases/{ID}", answer(owner="agent"))
        shown = await browser.post(f"{PAGE}/around/unmasked", on=PAGE)
        assert "13812345678" in shown.text
    async with world.platform.engine.connect() as connection:
        seen = await connection.execute(
            text("SELECT person, role, subject_kind, subject_id FROM console.unmasking")
        )
    assert [tuple(one) for one in seen] == [("agent", "agent", "case", ID)]


async def test_a_case_is_worked_on_while_journey_is_away(world: World) -> None:
    world.upstream.refuses("GET", "/v1/records", 503, "unavailable", "PostgreSQL is away")
    async with world.signed_in(Role.AGENT) as browser:
        page = await browser.get(PAGE)
    assert page.status_code == 200
    assert "The words cannot be had now" in page.text
    assert f'action="{PAGE}/claim"' in page.text


async def test_who_signs_in_again_on_the_way_to_a_step_comes_to_the_case(world: World) -> None:
    async with world.signed_in(Role.AGENT) as browser:
        answer = await browser.get(f"{PAGE}/contacts")
        assert (answer.status_code, answer.headers["location"]) == (303, PAGE)
        assert (await browser.get(f"{PAGE}/erase")).status_code == 404


async def test_what_is_no_step_is_not_sent_anywhere(world: World) -> None:
    async with world.signed_in(Role.AGENT) as browser:
        assert (await step(browser, "erase")).status_code == 404
    assert [one for one in world.upstream.requests if one.method == "POST"] == []

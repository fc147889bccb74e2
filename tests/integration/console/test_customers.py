"""A customer: masked for some, decided on by others."""

from typing import Any

import orjson
import pytest
from sqlalchemy import text

from heedful.common.security.roles import Role
from heedful.console.journeys.handles import handle
from heedful.console.upstream.identities import Identity
from tests.integration.console.test_journey import STAGES
from tests.integration.console.world import World
from tests.unit.console.cases.cases import answer

ANN = "0b6f0f5e-4f0d-5d8e-9a53-3a9c8d0f1b11"
BOB = "5b0e0c5e-4f0d-5d8e-9a53-3a9c8d0f1b22"
PHONE = {"type": "phone", "value": "13800001234", "source": None, "shared": False}
CARD = {"type": "member_card", "value": "card-0077", "source": None, "shared": False}
SEEN = "2026-09-03T08:00:00Z"
SIDE = {"customers": [ANN], "identifiers": []}
DECISION = {
    "id": "d1",
    "kind": "merge",
    "at": SEEN,
    "actor": {"type": "person", "id": "lead"},
    "reason": "same person",
    "evidence": None,
    "in_force": True,
    "revoked": None,
    "left": SIDE,
    "right": SIDE,
}


def known(**fields: Any) -> dict[str, Any]:
    return {
        "id": ANN,
        "merged_from": [],
        "identifiers": [{**one, "first_seen": SEEN} for one in (PHONE, CARD)],
        "merges": [],
        "decisions": [DECISION],
        **fields,
    }


@pytest.fixture
def ann(console: World) -> World:
    """A customer with a phone and a card, and nothing of a journey."""
    profile = {
        "id": ANN,
        "first_seen": SEEN,
        "last_seen": SEEN,
        "events": 3,
        "channels": {"call": 3},
        "lights": {"red": 1},
    }
    console.upstream.gives("GET", "/v1/stages", STAGES)
    console.upstream.gives("GET", f"/v1/customers/{ANN}", profile)
    console.upstream.gives("GET", f"/v1/customers/{ANN}/identities", known())
    return console


async def unmaskings(world: World) -> list[tuple[str, str, str]]:
    async with world.platform.engine.connect() as connection:
        rows = await connection.execute(
            text("SELECT person, subject_kind, subject_id FROM console.unmasking")
        )
    return [(row.person, row.subject_kind, row.subject_id) for row in rows]


async def test_identifiers_are_masked_for_everybody_and_whole_for_who_leads_which_is_kept(
    ann: World,
) -> None:
    async with ann.signed_in(Role.LEAD) as browser:
        page = (await browser.get(f"/customers/{ANN}")).text
        assert "Say who is who" in page
        assert "138****1234" in page
        assert "13800001234" not in page
        assert "card-0077" not in page
        assert await unmaskings(ann) == []
        whole = await browser.post(f"/customers/{ANN}/unmasked", on=f"/customers/{ANN}")
    assert "13800001234" in whole.text
    assert await unmaskings(ann) == [("lead", "customer", ANN)]


async def test_an_agent_sees_no_identifier_whole_and_decides_nothing(ann: World) -> None:
    async with ann.signed_in(Role.AGENT) as browser:
        page = f"/customers/{ANN}"
        assert "Say who is who" not in (await browser.get(page)).text
        for path in ("unmasked", "merge", "keep-apart", "unmerge", "decisions/d1/revoke"):
            answer = await browser.post(f"{page}/{path}", on=page, other=BOB, reason="x")
            assert answer.status_code == 403, path
    assert await unmaskings(ann) == []
    assert [one.method for one in ann.upstream.requests if one.method != "GET"] == []


async def test_who_is_looked_up_stands_in_no_address(ann: World) -> None:
    listed = {"id": ANN, "identifiers": [PHONE], "first_seen": SEEN, "last_seen": SEEN, "events": 3}
    both = {"items": [listed, {**listed, "id": BOB}], "next_cursor": None}
    ann.upstream.gives("GET", "/v1/customers", {"items": [listed], "next_cursor": None})
    async with ann.signed_in(Role.AGENT) as browser:
        asked = {"kind": "phone", "value": " 138-0000-1234 "}
        answer = await browser.post("/customers/find", on="/customers", **asked)
        assert (answer.status_code, answer.headers["location"]) == (303, f"/customers/{ANN}")
        ann.upstream.gives("GET", "/v1/customers", both)
        page = (await browser.post("/customers/find", on="/customers", **asked)).text
        assert f"/customers/{BOB}" in page
        assert "13800001234" not in page
        ann.upstream.refuses("GET", "/v1/customers", 400, "bad-identifier", "names nobody")
        page = (await browser.post("/customers/find", on="/customers", **asked)).text
        assert "Nobody found" in page
    assert ann.upstream.asked("GET", "/v1/customers")[0].url.params["identifier"] == (
        "phone:138-0000-1234"
    )


async def test_a_decision_is_sent_with_its_reason_and_leads_back(ann: World) -> None:
    ann.upstream.gives("POST", f"/v1/customers/{ANN}/merge", DECISION, 201)
    async with ann.signed_in(Role.LEAD) as browser:
        page = f"/customers/{ANN}"
        answer = await browser.post(
            f"{page}/merge", on=page, other=f"http://x/customers/{BOB}", reason=" one ", evidence=""
        )
        assert answer.headers["location"] == f"{page}?done=merged"
        assert "Merged." in (await browser.get(f"{page}?done=merged")).text
    (sent,) = ann.upstream.asked("POST", f"/v1/customers/{ANN}/merge")
    assert orjson.loads(sent.content) == {
        "other": BOB,
        "reason": "one",
        "two_customer_ids": False,
    }


async def test_why_a_decision_was_refused_is_said_in_words(ann: World) -> None:
    path = f"/v1/customers/{ANN}/merge"
    ann.upstream.refuses("POST", path, 409, "two-customer-ids", "each of the two …")
    async with ann.signed_in(Role.LEAD) as browser:
        page = f"/customers/{ANN}"
        answer = await browser.post(f"{page}/merge", on=page, other=BOB, reason="one")
        assert answer.headers["location"] == f"{page}?refused=two-customer-ids"
        assert "tick that box" in (await browser.get(answer.headers["location"])).text
        assert "not allow it" in (await browser.get(f"{page}?refused=<b>")).text


async def test_identifiers_are_parted_by_what_stands_for_them(ann: World) -> None:
    ann.upstream.gives("POST", f"/v1/customers/{ANN}/unmerge", DECISION, 201)
    async with ann.signed_in(Role.LEAD) as browser:
        page = f"/customers/{ANN}"
        given = {"identifier": handle(Identity.model_validate(PHONE)), "reason": "sold"}
        await browser.post(f"{page}/unmerge", on=page, **given)
        given["identifier"] = "13800001234"
        answer = await browser.post(f"{page}/unmerge", on=page, **given)
        assert answer.headers["location"] == f"{page}?refused=no-identifier"
    (sent,) = ann.upstream.asked("POST", f"/v1/customers/{ANN}/unmerge")
    assert orjson.loads(sent.content)["identifiers"] == [
        {"type": "phone", "value": "13800001234", "source": None}
    ]


async def test_an_id_reaches_no_other_path_of_the_service(ann: World) -> None:
    async with ann.signed_in(Role.LEAD) as browser:
        answer = await browser.get("/customers/x%3Fidentifier=phone:1")
    assert answer.status_code == 404
    asked = {one.url.raw_path for one in ann.upstream.requests}
    assert b"/v1/customers/x%3Fidentifier%3Dphone%3A1" in asked


async def test_what_a_customer_said_leads_to_the_case_that_is_about_it(ann: World) -> None:
    said: dict[str, Any] = {
        "kind": "feedback",
        "source": "calls",
        "id": "f1",
        "occurred_at": SEEN,
        "channel": "call",
        "touchpoint": None,
        "interaction_kind": None,
        "light": "red",
        "topics": [],
        "text": "it smokes",
        "summary": None,
    }
    happened = {"items": [said, {**said, "kind": "interaction", "id": "i1"}], "next_cursor": None}
    ann.upstream.gives("GET", f"/v1/customers/{ANN}/timeline", happened)
    about = {"source": "calls", "id": "f1", "channel": "call", "colour": "red"}
    one = answer(id="c1", state="planned", feedback=[about])
    async with ann.signed_in(Role.AGENT) as browser:
        assert "/cases/" not in (await browser.get(f"/customers/{ANN}/timeline")).text
        ann.upstream.gives("GET", "/v1/cases", {"items": [one], "next_cursor": None})
        page = await browser.get(f"/customers/{ANN}/timeline")
    assert page.text.count('<a href="/cases/c1">Case · Planned</a>') == 1
    (request, *_) = ann.upstream.asked("GET", "/v1/cases")
    assert request.url.params.get_list("feedback_id") == ["f1"]
    assert request.url.params["source"] == "calls"


async def test_signals_and_value_are_shown_with_how_sure_they_are(ann: World) -> None:
    silent = {
        "kind": "churn_risk",
        "label_zh": "流失风险",
        "label_en": "Risk of churn",
        "standing": "told",
        "at": SEEN,
        "colour": "amber",
        "confidence": 0.95,
        "summary_zh": "平均每 9 天购买一次",
        "summary_en": "Bought every 9 days <b>on average</b>",
    }
    bought = {
        "purchases": 4,
        "last_at": SEEN,
        "paid": 1234.5,
        "paid_last_year": 200,
        "days_between": 9.25,
        "without_amount": 1,
    }
    ann.upstream.gives("GET", f"/v1/customers/{ANN}/signals", {"signals": [silent]})
    ann.upstream.gives("GET", f"/v1/customers/{ANN}/value", bought)
    async with ann.signed_in(Role.AGENT) as browser:
        part = (await browser.get(f"/customers/{ANN}/outlook")).text
    for words in ("Risk of churn", "95% sure", "1,234.5", "every 9.2 days", "1 more say no amount"):
        assert words in part
    assert "<b>on average</b>" not in part


async def test_who_shows_and_bought_nothing_is_said_so(ann: World) -> None:
    nothing = {
        "purchases": 0,
        "last_at": None,
        "paid": None,
        "paid_last_year": None,
        "days_between": None,
        "without_amount": 0,
    }
    ann.upstream.gives("GET", f"/v1/customers/{ANN}/signals", {"signals": []})
    ann.upstream.gives("GET", f"/v1/customers/{ANN}/value", nothing)
    async with ann.signed_in(Role.AGENT) as browser:
        part = (await browser.get(f"/customers/{ANN}/outlook")).text
    assert "The journey shows none." in part
    assert "No order or payment is known." in part

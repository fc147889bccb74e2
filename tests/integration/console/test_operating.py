"""Pages of those who keep heedful running, before services that answer what a test says."""

from typing import Any

import orjson
import pytest

from heedful.common.security.roles import Role
from heedful.console.accounts.keeping import Keeping, KeepingRefused
from tests.integration.conftest import TENANT
from tests.integration.console.world import World

ENDPOINT: dict[str, Any] = {
    "id": "ep-1",
    "url": "https://ops.example.com/heedful",
    "description": "ops",
    "kind": "standard",
    "enabled": True,
    "events": [],
    "audiences": [],
    "keyword": None,
    "language": "en",
    "timezone": "Asia/Shanghai",
    "failover": None,
    "fallback": False,
    "storms": "each",
    "template": None,
    "action_links": None,
    "created_at": "2026-11-30T08:00:00Z",
    "previous_secret_until": None,
    "failing_since": None,
    "disabled_at": None,
    "disabled_reason": None,
}
POLICY: dict[str, Any] = {
    "version": 0,
    "active": True,
    "created_at": None,
    "created_by": None,
    "activated_at": None,
    "document": {
        "rules": [
            {
                "name": "red",
                "when": {"colours": ["red"]},
                "clocks": {
                    "respond": {
                        "target": "P1D",
                        "calendar": "always",
                        "pauses": [],
                        "enforced": True,
                    }
                },
                "ladder": None,
                "urgent": True,
                "notify": ["owner"],
            }
        ],
        "ladders": {"default": {"rungs": [], "repeats": 0, "repeat_to": []}},
        "pause_budget": "P3D",
        "regroup_within": "P7D",
        "late_after": "P1D",
        "signals": [],
        "signal_news": "P3D",
    },
}
ENTRY: dict[str, Any] = {
    "id": "qu-1",
    "channel": "import",
    "connection_id": None,
    "import_id": None,
    "row": 3,
    "form": "item",
    "reason": "invalid",
    "detail": "<img src=x onerror=alert(1)>",
    "received_at": "2026-11-30T08:00:00Z",
    "state": "open",
    "tries": 0,
    "resolved_at": None,
    "resolved_by": None,
    "item": {"text": "</textarea><script>alert(1)</script>"},
    "mapping": {},
}


async def test_a_role_that_may_not_is_shown_nothing(console: World) -> None:
    refused = {
        Role.AGENT: ("/quarantine", "/policies/0/edit"),
        Role.LEAD: ("/delivery", "/delivery/messages", "/policies/0/edit", "/imports"),
        Role.MANAGER: ("/imports", "/people"),
    }
    for role, paths in refused.items():
        async with console.signed_in(role) as browser:
            answers = [(await browser.get(path)).status_code for path in paths]
        assert answers == [403] * len(paths), role
    assert console.upstream.requests == []


async def test_a_secret_is_shown_once_and_to_nobody_else(console: World) -> None:
    console.upstream.gives("GET", "/v1/endpoints", {"items": [], "next_cursor": None})
    console.upstream.gives("POST", "/v1/endpoints", {**ENDPOINT, "secret": "whsec_shown"}, 201)
    console.upstream.gives("GET", "/v1/endpoints/ep-1", ENDPOINT)
    async with console.signed_in(Role.MANAGER) as browser:
        where = "/delivery/new?kind=standard"
        made = await browser.post(where, where, url=ENDPOINT["url"], audiences="lead")
        later = await browser.get("/delivery/endpoints/ep-1")
    assert "whsec_shown" in made.text
    assert made.headers["cache-control"] == "no-store"
    assert later.status_code == 200
    assert "whsec_shown" not in later.text
    (sent,) = console.upstream.asked("POST", "/v1/endpoints")
    body = orjson.loads(sent.content)
    assert (body["kind"], body["audiences"]) == ("standard", ["lead"])
    assert "secret" not in body


async def test_what_alerting_refuses_stands_beside_its_field_and_nothing_typed_is_lost(
    console: World,
) -> None:
    console.upstream.gives("GET", "/v1/endpoints", {"items": [], "next_cursor": None})
    console.upstream.refuses(
        "POST", "/v1/endpoints", 422, "bad-url", "url: this address is not a public one"
    )
    async with console.signed_in(Role.MANAGER) as browser:
        where = "/delivery/new?kind=dingtalk"
        answer = await browser.post(where, where, url="https://10.0.0.1/", secret="SECRET1")
    assert answer.status_code == 422
    assert '<p class="wrong" id="wrong-url">this address is not a public one</p>' in answer.text
    assert 'value="https://10.0.0.1/"' in answer.text
    assert "SECRET1" not in answer.text


async def test_sending_again_is_of_what_was_chosen_and_never_of_everything(console: World) -> None:
    console.upstream.gives("GET", "/v1/endpoints", {"items": [], "next_cursor": None})
    console.upstream.gives("GET", "/v1/deliveries", {"items": [], "next_cursor": None})
    console.upstream.gives("POST", "/v1/deliveries/replay", {"replayed": 2, "more": False}, 202)
    async with console.signed_in(Role.MANAGER) as browser:
        answer = await browser.post(
            "/delivery/messages/replay", "/delivery/messages", case_id="no such ☎", since="hour"
        )
    assert answer.headers["location"] == "/delivery/messages?done=replayed&count=2"
    (sent,) = console.upstream.asked("POST", "/v1/deliveries/replay")
    assert orjson.loads(sent.content) == {
        "states": ["failed"],
        "case_id": "no such ☎",
        "since": "2026-11-30T07:00:00+00:00",
    }


async def test_mistakes_in_a_policy_are_told_by_line(console: World) -> None:
    console.upstream.gives("GET", "/v1/policies/active", POLICY)
    console.upstream.gives(
        "POST",
        "/v1/policies",
        {
            "type": "https://heedful.dev/problems/invalid",
            "status": 422,
            "detail": "see errors",
            "errors": [{"at": "body.rules.0.clocks.respond.target", "message": "no duration"}],
        },
        422,
    )
    text = "rules:\n- name: red\n  clocks:\n    respond:\n      target: PT9X\n"
    async with console.signed_in(Role.MANAGER) as browser:
        refused = await browser.post("/policies/0/edit", "/policies/0/edit", text=text)
        unreadable = await browser.post("/policies/0/edit", "/policies/0/edit", text="a: [\n")
    assert refused.status_code == unreadable.status_code == 422
    assert 'data-line="5">Line 5</a>' in refused.text
    assert "target: PT9X" in refused.text
    assert len(console.upstream.asked("POST", "/v1/policies")) == 1


async def test_figures_alone_make_a_version_that_is_otherwise_the_same(console: World) -> None:
    console.upstream.gives("GET", "/v1/policies/active", POLICY)
    console.upstream.gives("POST", "/v1/policies", {**POLICY, "version": 1}, 201)
    async with console.signed_in(Role.MANAGER) as browser:
        answer = await browser.post(
            "/policies/0/figures",
            "/policies/0/edit",
            **{"rules.0.clocks.respond.target": "4", "pause_budget": "72"},
        )
    assert answer.headers["location"] == "/policies/1?done=made"
    (sent,) = console.upstream.asked("POST", "/v1/policies")
    body = orjson.loads(sent.content)
    assert body["rules"][0]["clocks"]["respond"].pop("target") == "PT4H"
    kept = orjson.loads(orjson.dumps(POLICY["document"]))
    del kept["rules"][0]["clocks"]["respond"]["target"]
    assert body == kept


async def test_what_is_in_quarantine_cannot_run(console: World) -> None:
    console.upstream.gives("GET", "/v1/quarantine/qu-1", ENTRY)
    async with console.signed_in(Role.LEAD) as browser:
        answer = await browser.get("/quarantine/qu-1")
    assert answer.status_code == 200
    assert "<script>alert" not in answer.text
    assert "<img src=x" not in answer.text
    assert "&lt;/textarea&gt;" in answer.text


async def test_a_service_that_is_away_is_a_sentence_and_no_failure(console: World) -> None:
    async with console.signed_in(Role.AGENT) as browser:
        answer = await browser.get("/health-status")
    assert answer.status_code == 200
    assert "Somebody should act now" in answer.text
    assert answer.text.count("Does not answer") == 4


async def test_whoever_is_changed_or_disabled_is_signed_out_at_once(console: World) -> None:
    async with console.signed_in(Role.ADMIN) as admin:
        made = await admin.post("/people", "/people", id="wang.li", name="Wang Li", role="lead")
        password = made.text.partition('tabindex="0">')[2].partition("<")[0]
        async with console.browser() as other:
            assert (await other.sign_in("wang.li", password)).status_code == 303
            assert (await other.get("/policies")).status_code != 303
            await admin.post("/people/change", "/people", id="wang.li", what="role", role="agent")
            assert (await other.get("/policies")).headers["location"].startswith("/login")
            await admin.post("/people/change", "/people", id="wang.li", what="disable")
            assert (await other.sign_in("wang.li", password)).status_code == 401


async def test_an_admin_keeps_their_own_tenant_only_and_not_themselves(console: World) -> None:
    await console.account("stranger", Role.AGENT, tenant="other")
    await console.account("boss", Role.ADMIN)
    keeping = Keeping(console.platform.engine, console.clock)
    assert [one.id for one in await keeping.all_of(TENANT)] == ["boss"]
    for refused, reason in (
        (keeping.disable(TENANT, "stranger", "boss"), "unknown"),
        (keeping.give_role(TENANT, "stranger", Role.ADMIN, "boss"), "unknown"),
        (keeping.enable(TENANT, "stranger"), "unknown"),
        (keeping.disable(TENANT, "boss", "boss"), "oneself"),
        (keeping.give_role(TENANT, "boss", Role.AGENT, "boss"), "oneself"),
        (keeping.add(TENANT, "no spaces", "", Role.AGENT), "bad_id"),
    ):
        with pytest.raises(KeepingRefused) as told:
            await refused
        assert told.value.reason == reason

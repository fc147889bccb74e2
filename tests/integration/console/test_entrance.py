"""Getting in and out."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import text

from heedful.common.security.roles import Role
from tests.integration.console.world import PASSWORD, World

PAGE: dict[str, object] = {"items": [], "next_cursor": None}


@pytest.fixture
def empty(console: World) -> World:
    """Nothing is open."""
    console.upstream.gives("GET", "/v1/cases", PAGE)
    return console


async def test_who_has_not_signed_in_goes_to_the_login_and_back(empty: World) -> None:
    await empty.account("li", Role.AGENT)
    async with empty.browser() as browser:
        answer = await browser.get("/board?state=new")
        assert answer.status_code == 303
        assert answer.headers["location"] == "/login?next=/board%3Fstate%3Dnew"
        form = await browser.http.get(answer.headers["location"])
        assert 'value="/board?state=new"' in form.text
        answer = await browser.http.post(
            "/login", data={"id": "li", "password": PASSWORD, "next": "/board?state=new"}
        )
        assert answer.status_code == 303
        assert answer.headers["location"] == "/board?state=new"
        cookie = answer.headers["set-cookie"].lower()
        assert "httponly" in cookie
        assert "samesite=lax" in cookie
        assert (await browser.get("/board")).status_code == 200


async def test_a_part_of_a_page_sends_the_whole_page_to_the_login(console: World) -> None:
    headers = {"hx-request": "true", "hx-current-url": "http://console.test/board"}
    async with console.browser(**headers) as browser:
        answer = await browser.get("/board")
    assert answer.status_code == 401
    assert answer.headers["hx-redirect"] == "/login?next=/board"


async def test_a_form_of_an_ended_session_leads_back_to_its_page(console: World) -> None:
    async with console.browser(referer="http://console.test/policies?version=2") as browser:
        answer = await browser.http.post("/preferences", data={"csrf": "old"})
        assert answer.status_code == 303
        assert answer.headers["location"] == "/login?next=/policies%3Fversion%3D2"
    async with console.browser(referer="https://evil.example/x") as browser:
        answer = await browser.http.post("/preferences", data={"csrf": "old"})
        assert answer.headers["location"] == "/login?next=/x"
    async with console.browser() as browser:
        answer = await browser.http.post("/preferences", data={"csrf": "old"})
        assert answer.headers["location"] == "/login?next=/"


@pytest.mark.parametrize(
    "goal", ["//evil.example/x", "https://evil.example/", "/\\evil.example", "javascript:alert(1)"]
)
async def test_signing_in_leads_to_no_other_site(empty: World, goal: str) -> None:
    await empty.account("li", Role.AGENT)
    async with empty.browser() as browser:
        answer = await browser.http.post(
            "/login", data={"id": "li", "password": PASSWORD, "next": goal}
        )
    assert answer.headers["location"] == "/board"


async def test_ten_wrong_passwords_lock_the_account_for_a_quarter_of_an_hour(
    empty: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await empty.account("li", Role.AGENT)
    # What scrypt computes is tested by itself, and takes its time on purpose.
    monkeypatch.setattr(
        "heedful.console.accounts.passwords.fits", lambda given, kept: given == PASSWORD
    )
    async with empty.browser() as browser:
        for _ in range(10):
            assert (await browser.sign_in("li", "wrong")).status_code == 401
        assert (await browser.sign_in("li")).status_code == 401
        empty.clock.passes(timedelta(minutes=15, seconds=1))
        assert (await browser.sign_in("li")).status_code == 303


async def test_a_session_ends_when_nobody_uses_it_and_after_its_longest_time(empty: World) -> None:
    async with empty.signed_in(Role.AGENT) as browser:
        for _ in range(6):
            empty.clock.passes(timedelta(minutes=110))
            assert (await browser.get("/board")).status_code == 200
        empty.clock.passes(timedelta(minutes=110))
        assert (await browser.get("/board")).status_code == 303, "twelve hours are over"
    async with empty.browser() as browser:
        await browser.sign_in("agent")
        empty.clock.passes(timedelta(minutes=121))
        assert (await browser.get("/board")).status_code == 303, "nobody used it"


async def test_a_page_that_is_left_open_keeps_nobody_signed_in(empty: World) -> None:
    by_itself = ({"x-background": "true", "hx-request": "true"}, {"accept": "text/event-stream"})
    async with empty.signed_in(Role.AGENT) as browser:
        for headers in by_itself:
            empty.clock.passes(timedelta(minutes=59))
            answer = await browser.http.get("/board/list", headers=headers)
            assert answer.status_code == 200
        empty.clock.passes(timedelta(minutes=3))
        assert (await browser.get("/board")).status_code == 303, "nobody used it"


async def test_signing_out_ends_the_session_for_whoever_has_its_cookie(empty: World) -> None:
    async with empty.signed_in(Role.AGENT) as browser:
        stolen = dict(browser.http.cookies)
        assert (await browser.post("/logout", on="/board")).status_code == 303
        browser.http.cookies.update(stolen)
        assert (await browser.get("/board")).status_code == 303


async def test_a_form_of_another_site_is_refused_and_does_nothing(empty: World) -> None:
    async with empty.signed_in(Role.AGENT) as browser:
        answer = await browser.http.post("/preferences", data={"language": "zh", "csrf": "guess"})
        assert answer.status_code == 403
        assert "The form was not taken" in answer.text
        assert '<html lang="en"' in (await browser.get("/board")).text


async def test_language_and_appearance_are_remembered_for_the_person(empty: World) -> None:
    async with empty.signed_in(Role.AGENT) as browser:
        await browser.post("/preferences", on="/board", language="zh", theme="dark")
    async with empty.browser() as browser:
        await browser.sign_in("agent")
        page = (await browser.get("/board")).text
    assert '<html lang="zh-CN" data-theme="dark">' in page
    assert "看板" in page


async def test_the_table_of_sessions_lets_nobody_in(empty: World) -> None:
    async with empty.signed_in(Role.AGENT) as browser:
        async with empty.platform.engine.connect() as connection:
            found = await connection.execute(text("SELECT token FROM console.session"))
        assert browser.http.cookies["heedful_session"].encode() not in bytes(found.scalar_one())


async def test_a_service_that_is_away_is_a_page_with_words(empty: World) -> None:
    empty.upstream.refuses("GET", "/v1/cases", 503, "unavailable", "PostgreSQL is away")
    async with empty.signed_in(Role.AGENT) as browser:
        answer = await browser.get("/board")
    assert answer.status_code == 503
    assert "A service does not answer" in answer.text
    assert "PostgreSQL is away" in answer.text


async def test_every_page_forbids_what_it_does_not_bring(empty: World) -> None:
    async with empty.signed_in(Role.AGENT) as browser:
        answer = await browser.get("/board")
    policy = answer.headers["content-security-policy"]
    assert "script-src 'self';" in policy
    assert "unsafe" not in policy
    assert answer.headers["cache-control"] == "no-store"


async def test_a_request_is_made_for_the_person_with_a_token_of_minutes(empty: World) -> None:
    async with empty.signed_in(Role.LEAD, "wang.fang") as browser:
        await browser.get("/board")
    request = empty.upstream.asked("GET", "/v1/cases")[0]
    assert request.headers["x-api-key"] == "test-key"
    assert request.headers["x-actor-token"].count(".") == 2


async def test_signings_in_and_what_services_answer_are_counted(empty: World) -> None:
    async with empty.signed_in(Role.AGENT) as browser:
        await browser.sign_in("agent", "wrong")
        await browser.get("/board")
        told = (await browser.get("/metrics")).text
    assert re.search(r'heedful_console_sign_ins_total\{outcome="refused",way="local"\} [1-9]', told)
    assert 'heedful_console_upstream_seconds_count{outcome="ok",service="alerting"}' in told

"""People give themselves another password."""

from typing import Any

import pytest

from heedful.common.security.roles import Role
from heedful.console.sessions.session import kept_as
from tests.integration.console.world import PASSWORD, World

PAGE = "/password"
NEW = "a staple that nobody knows"


def typed(**changed: str) -> dict[str, Any]:
    return {"old": PASSWORD, "new": NEW, "again": NEW, **changed}


async def test_a_new_password_signs_out_whoever_had_the_old_one(console: World) -> None:
    console.upstream.gives("GET", "/v1/cases", {"items": [], "next_cursor": None})
    async with console.signed_in(Role.AGENT) as browser, console.browser() as elsewhere:
        assert (await elsewhere.sign_in("agent")).status_code == 303
        before = browser.http.cookies["heedful_session"]
        answer = await browser.post(PAGE, on=PAGE, **typed())
        assert answer.status_code == 303, answer.text
        assert kept_as(browser.http.cookies["heedful_session"]) != kept_as(before)
        page = await browser.get(answer.headers["location"])
        assert "Your password was changed" in page.text
        assert (await elsewhere.get("/board")).status_code == 303
        assert (await elsewhere.sign_in("agent")).status_code == 401
        assert (await elsewhere.sign_in("agent", NEW)).status_code == 303


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"old": "wrong horse battery"}, "That is not your password now"),
        ({"new": "short", "again": "short"}, "needs at least 12 characters"),
        ({"again": NEW + "?"}, "was not typed the same twice"),
        ({"new": PASSWORD, "again": PASSWORD}, "has to differ"),
        ({"new": "x" * 201, "again": "x" * 201}, "at most 200 characters"),
    ],
)
async def test_a_password_that_is_not_changed_says_why(
    console: World, changed: dict[str, str], said: str
) -> None:
    async with console.signed_in(Role.AGENT) as browser:
        answer = await browser.post(PAGE, on=PAGE, **typed(**changed))
        assert answer.status_code == 422
        assert said in answer.text
        assert PASSWORD not in answer.text
        assert NEW not in answer.text
        assert (await browser.sign_in("agent")).status_code == 303


async def test_guesses_at_the_old_password_lock_the_account(console: World) -> None:
    async with console.signed_in(Role.AGENT) as browser:
        for _ in range(10):
            await browser.post(PAGE, on=PAGE, **typed(old="wrong horse battery"))
        assert (await browser.post(PAGE, on=PAGE, **typed())).status_code == 422
        assert (await browser.sign_in("agent")).status_code == 401

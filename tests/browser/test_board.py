"""What people do all day: the board, and a case from red to verified."""

import re
import uuid
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import LANGUAGES, Platform, SignIn, overflow, violations

SIZES = [(360, 740), (390, 844), (1440, 900), (3840, 2160)]
HOSTILE = "<img src=x onerror=\"document.title='owned'\"><script>document.title='owned'</script>"


def post_red(platform: Platform, words: str = "") -> str:
    """A red feedback of a customer of its own; gives its id."""
    name = uuid.uuid4().hex
    body = {
        "source": "browser",
        "id": name,
        "channel": "call",
        "text": f"{words}高速上刹车失灵，差点出人命，车上还有孩子！你们马上给我答复！",
        "occurred_at": datetime.now(UTC).isoformat(),
        "identifiers": [{"type": "phone", "value": f"137{int(name, 16) % 10**8:08}"}],
    }
    with platform.api as api:
        api.post("/v1/feedback", json=body).raise_for_status()
    return name


def came_in(page: Page) -> Locator:
    """The newest red light on an open board."""
    return page.locator("li.case").filter(has_text="just came in").first


def opened(page: Page, platform: Platform) -> None:
    """The page of a red case that has just come in."""
    before = page.locator("li.case.fresh").count()
    expect(page.locator("[data-live-mark]")).to_contain_text("Live")
    post_red(platform)
    expect(page.locator("li.case.fresh")).to_have_count(before + 1)
    page.locator("li.case.fresh a.title").first.click()
    expect(page.locator("#words")).to_be_visible()


@pytest.mark.parametrize("language", LANGUAGES)
def test_board_and_case_have_no_barrier(sign_in: SignIn, language: str) -> None:
    page = sign_in(language=language)
    for theme in ("light", "dark"):
        page.evaluate(f"document.documentElement.dataset.theme = '{theme}'")
        assert violations(page) == []
    page.locator("a.title").first.click()
    expect(page.locator("#around + div dl, #around + div p").first).to_be_visible()
    for one in page.locator("details.step").all():
        one.evaluate("step => { step.open = true }")
    for theme in ("light", "dark"):
        page.evaluate(f"document.documentElement.dataset.theme = '{theme}'")
        assert violations(page) == []


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_board_and_case_fit(sign_in: SignIn, width: int, height: int) -> None:
    page = sign_in(size={"width": width, "height": height})
    assert overflow(page) <= 0
    page.locator("a.title").first.click()
    expect(page.locator("#words")).to_be_visible()
    assert overflow(page) <= 0


def test_a_red_light_comes_in_and_takes_nothing_from_who_is_at_work(
    sign_in: SignIn, platform: Platform
) -> None:
    page = sign_in()
    expect(page.locator("[data-live-mark]")).to_contain_text("Live")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("x")
    held = page.evaluate("document.activeElement.getAttribute('href')")
    post_red(platform, HOSTILE)
    expect(page.locator("#said")).to_contain_text("New red light")
    expect(came_in(page)).to_be_visible()
    assert page.evaluate("document.activeElement.getAttribute('href')") == held
    expect(page.locator("input[name=case]:checked")).to_have_count(1)
    page.keyboard.press("c")
    expect(page.locator("#outcome")).to_contain_text("Claimed: 1.")
    came_in(page).locator("a.title").click()
    expect(page.locator("blockquote").first).to_contain_text("onerror")
    expect(page).not_to_have_title(re.compile("owned"))


def test_keys_are_letters_while_somebody_types_and_are_told_in_a_dialog(sign_in: SignIn) -> None:
    page = sign_in()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_contain_text("Next case")
    assert violations(page) == []
    page.keyboard.press("Escape")
    # A browser closes it a little later, and until then keys are the dialog's.
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.keyboard.press("/")
    expect(page.locator("#f-colour")).to_be_focused()
    page.locator("#f-team").fill("")
    page.locator("#f-team").press_sequentially("jxc")
    expect(page.locator("#f-team")).to_have_value("jxc")
    expect(page.locator("input[name=case]:checked")).to_have_count(0)


def test_keys_can_be_turned_off(sign_in: SignIn) -> None:
    page = sign_in()
    page.get_by_role("button", name="Keyboard shortcuts").click()
    page.get_by_label("Use them").uncheck()
    page.keyboard.press("Escape")
    page.reload()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_words_outlive_a_session_that_has_ended(sign_in: SignIn, platform: Platform) -> None:
    page = sign_in()
    page.locator("a.title").first.click()
    page.locator("#do-notes > summary").click()
    page.locator("#do-notes textarea").fill("written before the session ended")
    page.context.clear_cookies()
    page.locator("#do-notes button").click()
    expect(page.locator("#id")).to_be_visible()
    page.fill("#id", "admin")
    page.fill("#password", platform.admin)
    page.click("main button")
    expect(page.locator("#do-notes textarea")).to_have_value("written before the session ended")


def test_a_case_goes_from_red_to_verified_and_its_clocks_stop(
    sign_in: SignIn, platform: Platform
) -> None:
    page = sign_in()
    opened(page, platform)
    clocks = page.locator(".run")
    expect(clocks).to_have_count(3)

    page.locator("#do-claim button").click()
    expect(page.get_by_role("status").first).to_contain_text("Claimed")
    page.locator("#do-contacts textarea").fill("Called: the car is towed in")
    page.locator("#do-contacts button").click()
    expect(clocks.filter(has_text="Respond")).to_contain_text("met")
    page.locator("#do-plan textarea").fill("Replace the brake hose")
    page.locator("#do-plan button").click()
    expect(clocks.filter(has_text="Plan")).to_contain_text("met")
    page.locator("#do-start button").click()
    page.locator("#land-root_cause").fill("supplier")
    page.locator("#land-action_taken").fill("Hoses of the lot are replaced")
    page.locator("#why-1").fill("The hose burst")
    page.locator("#evidence-1").fill("photo 12")
    page.locator("#do-land button").click()
    expect(clocks.filter(has_text="Land")).to_contain_text("met")
    page.locator("#do-verify button").click()
    expect(page.locator(".stands")).to_contain_text("Verified")
    trail = page.locator("ol.trail").last
    expect(trail).to_contain_text("The hose burst")
    expect(trail).to_contain_text("Called: the car is towed in")
    assert violations(page) == []


def test_of_two_people_the_second_sees_what_the_first_did_and_loses_nothing(
    sign_in: SignIn, platform: Platform
) -> None:
    name = f"second-{uuid.uuid4().hex[:8]}"
    password = platform.account(name, "agent")
    first = sign_in()
    opened(first, platform)
    second = sign_in(name, password)
    second.goto(first.url)
    second.locator("#do-notes > summary").click()
    second.locator("#do-notes textarea").fill("my careful words")

    first.locator("#do-claim button").click()
    expect(first.locator(".stands")).to_contain_text("admin")
    expect(second.locator("#stale")).to_contain_text("Something just happened")
    second.locator("#do-notes button").click()
    expect(second.get_by_role("alert")).to_contain_text("Somebody acted on this case")
    expect(second.get_by_role("alert")).to_contain_text("admin")
    expect(second.locator("#do-notes textarea")).to_have_value("my careful words")
    assert violations(second) == []
    second.locator("#do-notes button").click()
    expect(second.locator("ol.trail").last).to_contain_text("my careful words")

"""A newcomer at the door."""

import pytest
from playwright.sync_api import Browser, ViewportSize, expect

from tests.browser.conftest import LANGUAGES, Platform, SignIn, overflow, violations

SIZES: list[ViewportSize] = [
    {"width": 360, "height": 740},
    {"width": 1440, "height": 900},
    {"width": 3840, "height": 2160},
]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_login_has_no_barrier(platform: Platform, chromium: Browser, language: str) -> None:
    with chromium.new_context(locale=LANGUAGES[language]) as context:
        page = context.new_page()
        page.goto(f"{platform.url}/")
        expect(page.locator("#id")).to_be_focused()
        assert page.evaluate("document.documentElement.lang") == LANGUAGES[language][:5].replace(
            "en-GB", "en"
        )
        assert violations(page) == []


def test_a_wrong_password_is_told_where_a_reader_hears_it(
    platform: Platform, chromium: Browser
) -> None:
    with chromium.new_context(locale="en-GB") as context:
        page = context.new_page()
        page.goto(f"{platform.url}/login")
        page.fill("#id", "admin")
        page.fill("#password", "not the password")
        page.click("main button")
        expect(page.get_by_role("alert")).to_contain_text("Account or password is wrong")
        assert violations(page) == []


@pytest.mark.parametrize("size", SIZES, ids=lambda size: str(size["width"]))
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_first_page_fits_and_has_no_barrier(
    sign_in: SignIn, size: ViewportSize, theme: str
) -> None:
    page = sign_in(size=size)
    page.evaluate(f"document.documentElement.dataset.theme = '{theme}'")
    assert overflow(page) <= 0
    assert violations(page) == []


def test_language_and_theme_are_chosen_and_stay(sign_in: SignIn) -> None:
    page = sign_in()
    page.locator("details.person summary").click()
    page.select_option("select[name=language]", "zh")
    page.select_option("select[name=theme]", "dark")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.locator("details.person summary").click()
    page.select_option("select[name=language]", "en")
    page.select_option("select[name=theme]", "auto")
    page.get_by_role("button", name="保存").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")

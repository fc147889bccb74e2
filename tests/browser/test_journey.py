"""What a customer-experience manager does: map, opinions, insights, customers."""

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from tests.browser.conftest import LANGUAGES, Platform, SignIn, overflow, violations

SIZES: list[ViewportSize] = [
    {"width": 360, "height": 740},
    {"width": 1440, "height": 900},
    {"width": 3840, "height": 2160},
]
INSIGHTS = "/insights/hidden-needs?days=365"
PAGES = [
    "/map?days=365",
    "/search?q=退款",
    "/search?q=zzzz&mode=text&light=red",
    "/insights",
    "/insights/touchpoint-map?days=365",
    "/insights/peak-end?days=365",
    INSIGHTS,
    "/customers",
]


def shown(page: Page, url: str) -> None:
    """A page with all of its parts."""
    page.goto(url)
    expect(page.locator("[aria-busy=true]")).to_have_count(0)


def somebody(platform: Platform) -> str:
    """The page of a customer of the examples."""
    with platform.api as api:
        found = api.get("/v1/journeys", params={"limit": 1}).json()
    return f"/customers/{found['items'][0]['customer_id']}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_page_has_a_barrier(platform: Platform, sign_in: SignIn, language: str) -> None:
    page = sign_in(language=language)
    for path in (*PAGES, somebody(platform)):
        shown(page, platform.url + path)
        assert violations(page) == [], path


@pytest.mark.parametrize("size", SIZES, ids=lambda size: str(size["width"]))
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_page_fits(
    platform: Platform, sign_in: SignIn, size: ViewportSize, theme: str
) -> None:
    page = sign_in(size=size, language="zh")
    for path in (*PAGES, somebody(platform)):
        shown(page, platform.url + path)
        assert overflow(page) <= 0, path
        page.evaluate(f"document.documentElement.dataset.theme = '{theme}'")
        if size["width"] == SIZES[0]["width"]:
            assert violations(page) == [], path


def test_from_a_red_touchpoint_to_what_was_said_and_to_who_said_it(
    platform: Platform, sign_in: SignIn
) -> None:
    page = sign_in()
    page.get_by_role("link", name="Journey map").click()
    page.get_by_role("link", name="365 days").click()
    card = page.locator("article.place", has_text="callcentre.inbound")
    expect(card).to_contain_text("Red")
    card.get_by_role("link", name="red").first.click()
    hits = page.locator(".hit")
    expect(hits.first).to_be_visible()
    assert {one.split()[-1] for one in hits.locator(".light").all_inner_texts()} == {"Red"}
    expect(page.locator("#touchpoint")).to_have_value("callcentre.inbound")
    hits.get_by_role("link", name="Customer").first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Customer ")
    expect(page.locator(".happening.red").first).to_be_visible()


def test_a_search_by_words_marks_them_and_a_filter_stays_in_the_address(
    platform: Platform, sign_in: SignIn
) -> None:
    page = sign_in()
    shown(page, f"{platform.url}/search")
    page.fill("#q", "退款")
    page.select_option("#light", "red")
    page.get_by_role("button", name="Search").click()
    expect(page.locator("mark").first).to_have_text("退款")
    assert "light=red" in page.url
    page.select_option("#mode", "text")
    page.fill("#q", "zzzzzz")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Nothing found")).to_be_visible()
    page.get_by_role("link", name="See all feedback").click()
    expect(page.locator(".hit").first).to_be_visible()


def test_an_insight_is_drawn_said_and_taken_along(platform: Platform, sign_in: SignIn) -> None:
    page = sign_in()
    page.goto(f"{platform.url}/insights")
    page.get_by_role("link", name="Touchpoint map").click()
    expect(page.locator("#chart canvas")).to_be_visible()
    expect(page.locator(".says .lead")).to_contain_text("callcentre.inbound")
    assert page.locator("tr.grey").count() > 5, "what is uncertain is shown"
    with page.expect_download() as download:
        page.get_by_role("link", name="Export as CSV").click()
    assert download.value.suggested_filename == "touchpoint-map.csv"


def test_a_customer_is_found_by_number_and_two_are_kept_apart_and_together_again(
    platform: Platform, sign_in: SignIn
) -> None:
    with platform.api as api:
        pair = api.get("/v1/identities/suggestions").json()["items"][0]["customers"]
        known = api.get(f"/v1/customers/{pair[0]}/identities").json()["identifiers"]
    own = next(one for one in known if not one["shared"] and one["type"] == "customer_id")
    page = sign_in()
    page.get_by_role("link", name="Customers", exact=True).click()
    page.fill("#value", own["value"])
    page.get_by_role("button", name="Find").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(pair[0][:8])
    assert own["value"] not in page.content()
    page.get_by_role("button", name="Show whole").click()
    expect(page.locator("#identifiers")).to_contain_text(own["value"])
    page.get_by_text("Not the same person as another").click()
    page.fill("#other-apart", pair[1])
    page.fill("#reason-apart", "father and son use one phone")
    page.get_by_role("button", name="Keep apart").click()
    expect(page.get_by_text("They are kept apart")).to_be_visible()
    page.get_by_text("Revoke").first.click()
    page.locator(".decisions textarea").fill("looked again")
    page.get_by_role("button", name="Revoke").click()
    expect(page.get_by_text("Revoked: all is as if")).to_be_visible()

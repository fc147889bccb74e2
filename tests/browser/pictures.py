"""The pictures of docs/console.md, of a running platform with the example feedback.

    heedful up --demo
    python -m tests.browser.pictures http://127.0.0.1:8080 PASSWORD

Writes each page in Chinese at 390 and 1440 pixels, and the board in English and dark.
"""

import shutil
import sys
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

FOLDER = Path(__file__).parents[2] / "docs" / "console"
SIZES = {390: 844, 1440: 900}
PAGES = {
    "board": "/board",
    "map": "/map",
    "insights": "/insights",
    "insight": "/insights/touchpoint-map",
    "search": "/search?q=退款",
    "customers": "/customers",
    "delivery": "/delivery",
    "policies": "/policies",
    "calendars": "/calendars",
    "quarantine": "/quarantine",
    "health": "/health-status",
    "people": "/people",
    "password": "/password",
}
_SETTLED_MS = 2500


def main(url: str, password: str) -> None:
    path = shutil.which("chromium")
    FOLDER.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        for width in SIZES:
            page = signed_in(browser, url, password, width, "zh-CN")
            pages = dict(PAGES)
            page.goto(f"{url}/board?colour=red")
            pages["case"] = first(page, "a[href^='/cases/']")
            page.goto(f"{url}/map")
            page.wait_for_timeout(_SETTLED_MS)
            pages["customer"] = first(page, "a[href^='/customers/']")
            for name, where in pages.items():
                taken(page, f"{url}{where}", f"{name}-{width}")
        page = signed_in(browser, url, password, 1440, "en-GB")
        page.emulate_media(color_scheme="dark")
        taken(page, f"{url}/board", "board-dark-1440")
        browser.close()


def signed_in(browser: Browser, url: str, password: str, width: int, locale: str) -> Page:
    page = browser.new_context(
        locale=locale, viewport={"width": width, "height": SIZES[width]}
    ).new_page()
    page.goto(f"{url}/login")
    page.fill("#id", "admin")
    page.fill("#password", password)
    page.click("main button")
    page.wait_for_url("**/board*")
    return page


def first(page: Page, selector: str) -> str:
    """Where the first of these links leads."""
    found = page.locator(selector).first.get_attribute("href")
    assert found is not None
    return found


def taken(page: Page, url: str, name: str) -> None:
    """What is seen without scrolling; below it is more of the same."""
    page.goto(url)
    # Parts, charts and figures come after the page.
    page.wait_for_timeout(_SETTLED_MS)
    page.screenshot(path=FOLDER / f"{name}.jpg", type="jpeg", quality=80)


if __name__ == "__main__":
    main(*sys.argv[1:])

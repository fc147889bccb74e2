"""A real browser at the running platform with the example feedback: one platform for all."""

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect, sync_playwright

from tests.e2e.processes import BIN, Process, eventually

KEY = "browser-key"
TENANT = "demo"
LANGUAGES = {"zh": "zh-CN", "en": "en-GB"}
_PASSWORD = re.compile(r"password:? (\S+)")
_AXE = Path(__file__).parent / "vendor" / "axe-4.14.1.min.js"
_PATIENCE_MS = 60_000
"""No test is of how fast a page is: a busy machine only takes longer."""
_WIDE: ViewportSize = {"width": 1440, "height": 900}


@dataclass(frozen=True)
class Platform:
    """`heedful up`, with the example feedback replayed."""

    process: Process
    admin: str

    @property
    def url(self) -> str:
        return self.process.url

    @property
    def api(self) -> httpx.Client:
        """As a machine of the tenant asks."""
        return httpx.Client(base_url=self.url, headers={"X-API-Key": KEY}, timeout=30)

    def account(self, name: str, role: str) -> str:
        """The password of a new account."""
        answer = subprocess.run(
            [BIN / "heedful", "console", "add", name, "--tenant", TENANT, "--role", role],
            env={**os.environ, **self.process.env},
            capture_output=True,
            text=True,
            timeout=120,
            check=True,
        )
        found = _PASSWORD.search(answer.stdout)
        assert found is not None, answer.stdout
        return found[1]


@pytest.fixture(scope="session")
def platform() -> Iterator[Platform]:
    # Not in pytest's own folder: a second run beside this one shuts PostgreSQL's user out of it.
    with tempfile.TemporaryDirectory(prefix="heedful-browser-") as folder:
        env = {"HEEDFUL_API_KEYS": f"{TENANT}:{KEY}:*", "HEEDFUL_DATA_DIR": f"{folder}/data"}
        process = Process("up", ("heedful", "up", "--demo"), env, Path(folder) / "out")
        process.start()
        try:
            process.wait_ready()
            eventually(
                lambda: "heedful keeps running" in process.log.read_text(),
                "the examples replayed",
                300,
            )
            found = _PASSWORD.search(process.log.read_text())
            assert found is not None
            yield Platform(process, found[1])
        finally:
            if process.running():
                process.terminate()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    path = shutil.which("chromium")
    assert path is not None, "the browser tests need Debian's chromium: apt-get install chromium"
    expect.set_options(timeout=_PATIENCE_MS)
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield started
        started.close()


SignIn = Callable[..., Page]


@pytest.fixture
def sign_in(platform: Platform, chromium: Browser) -> Iterator[SignIn]:
    """Opens a window of somebody who has signed in; whoever is not named is admin.

    At the end no page may have had an error of its own, such as a script that the page's policy
    forbids.
    """
    faults: list[str] = []
    with ExitStack() as windows:

        def opened(
            who: str = "admin",
            password: str = platform.admin,
            *,
            language: str = "en",
            size: ViewportSize = _WIDE,
        ) -> Page:
            context = chromium.new_context(
                locale=LANGUAGES[language], viewport=size, bypass_csp=False
            )
            context.set_default_timeout(_PATIENCE_MS)
            windows.callback(context.close)
            page = context.new_page()
            page.on("pageerror", lambda error: faults.append(str(error)))
            page.goto(f"{platform.url}/login")
            page.fill("#id", who)
            page.fill("#password", password)
            page.click("main button")
            page.wait_for_url(f"{platform.url}/board*")
            return page

        yield opened
    assert faults == []


def violations(page: Page) -> list[str]:
    """What axe-core finds wrong on a page (WCAG 2.2 A and AA, and its best practices)."""
    # By the debugger, which the page's policy does not bind: a script element would be refused.
    page.evaluate(_AXE.read_text(encoding="utf-8") + "; undefined")
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{one['id']}: {one['help']}: {node['html'][:200]}"
        for one in found["violations"]
        for node in one["nodes"]
    ]


def overflow(page: Page) -> int:
    """Pixels that a page is wider than its window."""
    wider: int = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    return wider

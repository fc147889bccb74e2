"""`heedful report monthly` on a real database."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from heedful.cli.main import cli
from heedful.common.settings import Settings

Run = Callable[..., Awaitable[Result]]


@pytest.fixture
def heedful(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a command on this test's database."""
    assert settings.database_url is not None
    monkeypatch.setenv("HEEDFUL_DATABASE_URL", settings.database_url.get_secret_value())

    async def run(*arguments: str) -> Result:
        return await asyncio.to_thread(CliRunner().invoke, cli, ["report", "monthly", *arguments])

    return run


async def test_to_the_terminal_and_to_a_file(heedful: Run, tmp_path: Path) -> None:
    told = await heedful("--tenant", "acme", "--month", "2026-01", "--language", "en")
    assert told.exit_code == 0, told.output
    assert told.output.startswith("# Voice of the customer: the month 2026-01")
    page = tmp_path / "january.html"
    written = await heedful(
        "--tenant", "acme", "--month", "2026-01", "--format", "html", "--out", str(page)
    )
    assert written.exit_code == 0, written.output
    assert page.read_text(encoding="utf-8").startswith("<!doctype html>")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--month", "2026-13", "--tenant", "acme"), "write a month like 2026-10"),
        (("--month", "2099-01", "--tenant", "acme"), "has not begun"),
        ((), "no tenant has cases yet"),
    ],
)
async def test_what_it_cannot_tell(heedful: Run, arguments: tuple[str, ...], says: str) -> None:
    result = await heedful(*arguments)
    assert result.exit_code == 2
    assert says in result.output

"""`heedful console` on a real database."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import pytest
from click.testing import CliRunner, Result
from sqlalchemy.ext.asyncio import AsyncEngine

from heedful.cli.main import cli
from heedful.common.settings import Settings
from heedful.console.accounts import passwords
from heedful.console.accounts.signing_in import Accounts

Run = Callable[..., Awaitable[Result]]


@pytest.fixture
def heedful(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a command on this test's database."""
    assert settings.database_url is not None
    monkeypatch.setenv("HEEDFUL_DATABASE_URL", settings.database_url.get_secret_value())
    # How long scrypt takes is tested by itself.
    monkeypatch.setattr(passwords, "hashed", lambda password: f"kept:{password}")
    monkeypatch.setattr(passwords, "fits", lambda password, kept: kept == f"kept:{password}")

    async def run(*arguments: str) -> Result:
        return await asyncio.to_thread(CliRunner().invoke, cli, ["console", *arguments])

    return run


async def test_an_account_is_made_given_a_new_password_and_shut(
    heedful: Run, engine: AsyncEngine
) -> None:
    accounts = Accounts(engine, lambda: datetime.now(UTC))
    made = await heedful("add", "li", "--tenant", "acme", "--role", "lead", "--name", "李雷")
    first = shown(made)
    found = await accounts.sign_in("li", first)
    assert found is not None
    assert (found.tenant, found.name, found.role.value) == ("acme", "李雷", "lead")
    second = shown(await heedful("password", "li"))
    assert await accounts.sign_in("li", first) is None
    assert await accounts.sign_in("li", second) is not None
    assert "李雷" in (await heedful("list")).output
    assert (await heedful("disable", "li")).exit_code == 0
    assert await accounts.sign_in("li", second) is None
    assert "disabled" in (await heedful("list", "--tenant", "acme")).output


async def test_what_cannot_be_done_says_what_to_do(heedful: Run) -> None:
    for command in ("password", "disable"):
        answer = await heedful(command, "nobody")
        assert answer.exit_code == 1
        assert "heedful console add" in answer.output
    await heedful("add", "li", "--tenant", "acme", "--role", "agent")
    again = await heedful("add", "li", "--tenant", "acme", "--role", "agent")
    assert again.exit_code == 1
    assert "heedful console password li" in again.output


async def test_the_first_account_is_an_admin_and_there_is_one(
    heedful: Run, engine: AsyncEngine
) -> None:
    await heedful("list")
    accounts = Accounts(engine, lambda: datetime.now(UTC))
    made = await asyncio.gather(*(accounts.first("acme") for _ in range(4)))
    (password,) = [one for one in made if one is not None]
    found = await accounts.sign_in("admin", password)
    assert found is not None
    assert found.role.value == "admin"
    assert await accounts.first("acme") is None


def shown(result: Result) -> str:
    assert result.exit_code == 0, result.output
    found = re.search(r"password: (\S+)\n", result.output)
    assert found is not None
    return found[1]

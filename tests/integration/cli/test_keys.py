"""`heedful keys` and `heedful quotas` on a real database."""

import asyncio
import getpass
import os
import re
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

import pytest
from click.testing import CliRunner, Result
from sqlalchemy.ext.asyncio import AsyncEngine

from heedful.cli.main import cli
from heedful.common.quota.policy import NOTHING_SET, Limit, Override
from heedful.common.security import key_store
from heedful.common.security.addresses import network
from heedful.common.security.key_ring import ApiKeys
from heedful.common.security.stored_key import StoredKey
from heedful.common.settings import Settings
from tests.integration.waiting_changes import noted

Run = Callable[..., Awaitable[Result]]
HOUR = timedelta(hours=1)


@pytest.fixture
def heedful(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a command on this test's database."""
    assert settings.database_url is not None
    monkeypatch.setenv("HEEDFUL_DATABASE_URL", settings.database_url.get_secret_value())

    async def run(*arguments: str) -> Result:
        return await asyncio.to_thread(CliRunner().invoke, cli, list(arguments))

    return run


async def created(heedful: Run, *options: str) -> tuple[str, str]:
    """Id and key of a new key."""
    result = await heedful("keys", "create", "--tenant", "shop", "--scope", "enrich", *options)
    return shown(result)


def shown(result: Result) -> tuple[str, str]:
    assert result.exit_code == 0, result.output
    found = re.search(r"id:  (\S+)\nkey: (hf_\S+)\n", result.output)
    assert found is not None
    return found[1], found[2]


async def stored(engine: AsyncEngine, key_id: str) -> StoredKey:
    found = await key_store.get(engine, key_id)
    assert found is not None
    return found


def near(moment: datetime | None, wanted: timedelta) -> bool:
    """Whether it is so long from now, more or less."""
    return moment is not None and abs(moment - datetime.now(UTC) - wanted) < HOUR


async def test_a_key_has_what_was_asked_for(heedful: Run, engine: AsyncEngine) -> None:
    key_id, key = await created(
        heedful, "--name", "till", "--expires", "90d", "--allow-ip", "203.0.113.0/24"
    )
    terms = (await stored(engine, key_id)).terms
    assert (terms.tenant, terms.name, set(terms.scopes)) == ("shop", "till", {"enrich"})
    assert terms.allowed_ips == (network("203.0.113.0/24"),)
    assert near(terms.expires_at, timedelta(days=90))
    assert await ApiKeys((), engine).find(key)


async def test_keys_are_listed_without_the_keys(heedful: Run, engine: AsyncEngine) -> None:
    first, secret = await created(heedful, "--name", "till")
    second, _ = await created(heedful)
    await heedful("keys", "revoke", second)
    await heedful("keys", "create", "--tenant", "other", "--scope", "*")
    rows = (await heedful("keys", "list", "--tenant", "shop")).output.splitlines()
    assert [row.split()[0] for row in rows[1:]] == [second, first]
    assert [row.split()[3] for row in rows[1:]] == ["ended", "active"]
    everything = (await heedful("keys", "list")).output
    assert "other" in everything
    assert secret not in everything


async def test_a_key_is_rotated_with_an_overlap(heedful: Run, engine: AsyncEngine) -> None:
    old, _ = await created(heedful)
    result = await heedful("keys", "rotate", old, "--overlap", "48h", "--expires", "30d")
    new, key = shown(result)
    assert f"{old} ends at " in result.output
    assert near((await stored(engine, old)).terms.expires_at, 48 * HOUR)
    assert near((await stored(engine, new)).terms.expires_at, timedelta(days=30))
    assert await ApiKeys((), engine).find(key)
    again = await heedful("keys", "rotate", old)
    assert again.exit_code == 1
    assert new in again.output


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("keys", "rotate", "k-unknown"), "there is no key k-unknown"),
        (("keys", "revoke", "k-unknown"), "there is no active key k-unknown"),
        (("keys", "rotate", "k-1", "--overlap", "soon"), "is not a duration, e.g. 30d"),
        (
            ("keys", "create", "--tenant", "a", "--scope", "*", "--allow-ip", "office"),
            "203.0.113.0/24",
        ),
        (("quotas", "set", "--items", "5"), "give --tenant or --key"),
        (("quotas", "set", "--tenant", "a", "--key", "k", "--items", "5"), "--tenant or --key"),
        (("quotas", "set", "--tenant", "a", "--items-burst", "5"), "a burst goes with"),
        (("quotas", "set", "--key", "k-unknown", "--items", "5"), "there is no key k-unknown"),
    ],
)
async def test_what_cannot_be_done_is_told(
    heedful: Run, arguments: tuple[str, ...], said: str
) -> None:
    result = await heedful(*arguments)
    assert result.exit_code != 0
    assert said in " ".join(result.output.replace("│", " ").split())


async def test_quotas_are_set_shown_and_cleared(heedful: Run, engine: AsyncEngine) -> None:
    key_id, _ = await created(heedful)
    await heedful("quotas", "set", "--tenant", "shop", "--requests", "50", "--items", "0")
    await heedful("quotas", "set", "--key", key_id, "--items", "20", "--items-burst", "400")
    assert (await key_store.tenant_quotas(engine))["shop"] == Override(Limit(50, 250), Limit(0, 1))
    assert (await stored(engine, key_id)).terms.quota == Override(items=Limit(20, 400))
    rows = [row.split("  ") for row in (await heedful("quotas", "list")).output.splitlines()[1:]]
    assert [[cell.strip() for cell in row if cell.strip()] for row in rows] == [
        ["tenant shop", "50/s, 250 at once", "no limit"],
        [f"key {key_id}", "default", "20/s, 400 at once"],
    ]
    await heedful("quotas", "clear", "--tenant", "shop")
    await heedful("quotas", "clear", "--key", key_id)
    assert (await key_store.tenant_quotas(engine))["shop"] == NOTHING_SET
    assert (await stored(engine, key_id)).terms.quota == NOTHING_SET


async def test_the_audit_hears_who_ran_the_command(
    heedful: Run, engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(getpass, "getuser", lambda: "operator-7")
    key_id, _ = await created(heedful)
    await heedful("quotas", "set", "--key", key_id, "--items", "20")
    monkeypatch.setattr(getpass, "getuser", _no_name)
    await heedful("keys", "revoke", key_id)
    first, second, last = await noted(engine)
    assert [one.action for one in (first, second, last)] == [
        "key.created",
        "key.quota_set",
        "key.revoked",
    ]
    assert first.actor.id == second.actor.id == "command:operator-7"
    assert last.actor.id == f"command:{os.getuid()}"


def _no_name() -> str:
    raise KeyError("uid not found")

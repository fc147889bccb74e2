"""`heedful quotas`: what was set for tenants and keys; the rest has the settings' defaults."""

from datetime import UTC, datetime

import click
from sqlalchemy.ext.asyncio import AsyncEngine

from heedful.cli.acting import operator
from heedful.cli.connected import run_with_database
from heedful.common.quota.policy import NOTHING_SET, Limit, Override
from heedful.common.security import key_store

_ROW = "{:<24} {:<24} {:<24}"
_AT_ONCE = 5
"""Seconds' worth that may come at once, where no burst is given: as in the defaults' requests."""
_PER_SECOND = click.FloatRange(min=0, max=1e9)


@click.group()
def quotas() -> None:
    """How much a key or a tenant may ask for."""


@quotas.command("set")
@click.option("--tenant", help="Of all its keys together; or --key.")
@click.option("--key", "key_id", help="Id of a stored key.")
@click.option("--requests", type=_PER_SECOND, help="A second; 0 is no limit.")
@click.option("--requests-burst", type=click.IntRange(min=1), help="At once.")
@click.option("--items", type=_PER_SECOND, help="A second; 0 is no limit.")
@click.option("--items-burst", type=click.IntRange(min=1), help="At once.")
def set_quota(
    tenant: str | None,
    key_id: str | None,
    requests: float | None,
    requests_burst: int | None,
    items: float | None,
    items_burst: int | None,
) -> None:
    """Set quotas; what is left out has the default. They hold within ten seconds."""
    override = Override(_limit(requests, requests_burst), _limit(items, items_burst))
    _set(tenant, key_id, override)


@quotas.command("clear")
@click.option("--tenant")
@click.option("--key", "key_id")
def clear(tenant: str | None, key_id: str | None) -> None:
    """Go back to the defaults."""
    _set(tenant, key_id, NOTHING_SET)


@quotas.command("list")
def list_quotas() -> None:
    """What was set, for tenants and for stored keys."""

    async def run(engine: AsyncEngine) -> None:
        click.echo(_ROW.format("of", "requests", "items"))
        keys, tenants = await key_store.active(engine)
        of_keys = {f"key {one.id}": one.terms.quota for one in keys.values()}
        for owner, override in {
            **{f"tenant {name}": one for name, one in tenants.items()},
            **dict(sorted(of_keys.items())),
        }.items():
            if override != NOTHING_SET:
                click.echo(_ROW.format(owner, _shown(override.requests), _shown(override.items)))

    run_with_database(run)


def _set(tenant: str | None, key_id: str | None, override: Override) -> None:
    if (tenant is None) == (key_id is None):
        raise click.UsageError("give --tenant or --key")

    async def run(engine: AsyncEngine) -> None:
        now, by = datetime.now(UTC), operator()
        if tenant is not None:
            await key_store.set_tenant_quota(engine, tenant, override, now, by)
        elif not await key_store.set_key_quota(engine, str(key_id), override, now, by):
            raise click.ClickException(f"there is no key {key_id}")

    run_with_database(run)


def _limit(per_second: float | None, burst: int | None) -> Limit | None:
    if per_second is None:
        if burst is not None:
            raise click.UsageError("a burst goes with a number a second")
        return None
    return Limit(per_second, burst or max(1, round(per_second * _AT_ONCE)))


def _shown(limit: Limit | None) -> str:
    if limit is None:
        return "default"
    if limit.per_second == 0:
        return "no limit"
    return f"{limit.per_second:g}/s, {limit.burst} at once"

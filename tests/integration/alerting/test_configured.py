"""The endpoint of the settings: what a start changes stands in the audit, and nothing else."""

import asyncio

from heedful.alerting import configured
from heedful.common.security.secrets import SecretBox
from tests.integration.alerting.world import SECRET, World

URL = "https://ops.example.com/heedful"
OTHER = "whsec_b3RoZXItaGVlZGZ1bC1lMmUtc2VjcmV0LTMyLWJ5dGVz"


async def start(
    world: World,
    url: str | None = URL,
    secret: str = SECRET,
    secrets: SecretBox | None = None,
) -> None:
    box = secrets or world.platform.secrets
    async with world.database.begin() as (connection, now):
        await configured.follow(connection, now, box, url, None if url is None else secret.encode())


async def told(world: World) -> list[str]:
    rows = await world.query("SELECT tenant, action FROM alerting.audit_entry ORDER BY position")
    assert {row.tenant for row in rows} <= {"*"}
    return [row.action for row in rows]


async def test_a_start_that_changes_nothing_is_not_told(world: World) -> None:
    for _ in range(3):
        await start(world)
    assert await told(world) == ["endpoint.created"]


async def test_of_two_replicas_one_makes_it(world: World) -> None:
    await asyncio.gather(start(world), start(world))
    assert await told(world) == ["endpoint.created"]


async def test_each_change_is_told_without_the_secret(world: World) -> None:
    await start(world)
    await start(world, "https://other.example.com/heedful")
    await start(world, "https://other.example.com/heedful", OTHER)
    await start(world, None)
    await start(world, None)
    await start(world)
    assert await told(world) == [
        "endpoint.created",
        "endpoint.changed",
        "endpoint.rotated",
        "endpoint.changed",
        "endpoint.changed",
        "endpoint.rotated",
    ]
    rows = await world.query("SELECT before, after FROM alerting.audit_entry ORDER BY position")
    assert not any(one in str(rows) for one in (SECRET, OTHER, SECRET.removeprefix("whsec_")))
    assert rows[3].after["enabled"] is False
    assert rows[1].after["target"] == "https://other.example.com"


async def test_where_there_is_none_and_never_was_nothing_is_told(world: World) -> None:
    await start(world, None)
    assert await told(world) == []


async def test_a_secret_that_nobody_can_open_any_more_is_taken_for_another(world: World) -> None:
    await start(world)
    await start(world, secrets=SecretBox({"new": b"n" * 32}))
    assert await told(world) == ["endpoint.created", "endpoint.rotated"]

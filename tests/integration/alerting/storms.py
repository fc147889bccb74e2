"""Storms for tests: many cases about one thing, and time that passes for every loop."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from heedful.alerting.endpoint import Endpoint
from heedful.alerting.endpoint_kinds import EndpointKind, StormNotices
from heedful.alerting.policies import store
from heedful.alerting.policies.document import Storm
from heedful.alerting.webhook import EventType
from heedful.common.contracts import Aspect, Colour, Enrichment, Polarity
from tests.integration.alerting.world import (
    KEY,
    POLICY,
    T0,
    World,
    case_id,
    enriched,
    feedback,
    phone,
)
from tests.integration.conftest import TENANT

TOPIC = "vehicle.brake"


def like(
    number: int,
    *,
    topic: str | None = TOPIC,
    touchpoint: str = "workshop",
    region: str | None = "east",
    colour: Colour = Colour.RED,
    at: datetime = T0,
    tenant: str = TENANT,
) -> Enrichment:
    """What another customer says about the same thing."""
    item = feedback(
        number,
        tenant=tenant,
        identifiers=(phone(f"139{number:08}"),),
        touchpoint=touchpoint,
        attributes={} if region is None else {"region": region},
        received_at=at,
        occurred_at=at,
    )
    aspects = () if topic is None else (_aspect(topic),)
    return enriched(item, colour).model_copy(update={"aspects": aspects})


def id_of(number: int) -> str:
    return case_id(like(number).feedback)


def ids(count: int) -> list[str]:
    return sorted(id_of(number) for number in range(count))


async def begin(world: World, count: int = 5) -> str:
    """So many cases at once, and the issue that they begin."""
    await world.consume(*map(like, range(count)))
    (issue,) = await issues(world)
    found: str = issue.id
    return found


async def issues(world: World) -> Sequence[Row[Any]]:
    return await world.query("SELECT * FROM alerting.issue ORDER BY opened_at, id")


async def children(world: World, issue_id: str) -> list[str]:
    rows = await world.query(
        "SELECT case_id FROM alerting.issue_case WHERE issue_id = :issue AND until IS NULL"
        " ORDER BY case_id",
        issue=issue_id,
    )
    return [row.case_id for row in rows]


async def told(world: World, endpoint: str) -> list[Row[Any]]:
    """Its deliveries with their bodies, in order."""
    rows = await world.query(
        "SELECT *, CAST(convert_from(body, 'UTF8') AS jsonb) AS written FROM alerting.delivery"
        " WHERE endpoint_id = :endpoint ORDER BY created_at, id",
        endpoint=endpoint,
    )
    return list(rows)


async def types(world: World, endpoint: str) -> list[str]:
    return [row.event_type for row in await told(world, endpoint)]


async def robot(world: World, *events: EventType, storms: StormNotices | None = None) -> str:
    """An endpoint that hears by issues, unless it is said; nothing is sent."""
    url, kind = "https://oapi.dingtalk.com/robot/send?access_token=x", EndpointKind.DINGTALK
    wanted = Endpoint("", TENANT, url, None, events, True, world.now, kind, storms=storms)
    made, _ = await world.endpoints().create(wanted, url, None, KEY)
    return made.id


async def live_until(world: World, moment: datetime) -> None:
    """Let time pass: every timer and every issue at its time."""
    while True:
        (due,) = await world.query(
            "SELECT least((SELECT min(due_at) FROM alerting.timer),"
            " (SELECT min(look_at) FROM alerting.issue)) AS at"
        )
        if due.at is None or due.at > moment:
            break
        world.now = max(world.now, due.at)
        await world.timers.step()
        await world.storms.step()
    world.now = moment


async def set_storm(world: World, storm: Storm | None) -> None:
    """The tenant's policy has this, and is the built-in one else."""
    document = POLICY.model_copy(update={"storm": storm})
    async with world.database.begin() as (connection, now):
        version = await store.insert(connection, now, TENANT, document, "test")
        await store.activate(connection, now, TENANT, version)


def _aspect(topic: str) -> Aspect:
    return Aspect(topic=topic, polarity=Polarity.NEGATIVE, confidence=0.9)

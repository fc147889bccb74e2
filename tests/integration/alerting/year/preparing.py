"""Writes a year's tenants into a fresh database, as an administrator would through the API."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncConnection

from heedful.alerting import calendar_changes, store_calendars, store_endpoints, webhook
from heedful.alerting.audit import record
from heedful.alerting.calendars.announced import Region, announced
from heedful.alerting.calendars.document import CalendarDocument, kept
from heedful.alerting.calendars.model import Weekday
from heedful.alerting.endpoint import Endpoint
from heedful.alerting.endpoint_rows import Sealed
from heedful.alerting.policies import changes as policy_changes
from heedful.alerting.policies import store as store_policies
from heedful.alerting.policies.document import PolicyDocument
from heedful.alerting.recipients import Recipient
from heedful.alerting.webhook import EventType
from heedful.common.contracts import Actor, ActorType
from tests.integration.alerting.year import scene
from tests.integration.alerting.year.parts import Parts
from tests.integration.alerting.year.payloads import time
from tests.integration.alerting.year.scene import Activation, Hours, Office, Policy, Tenant, Year

ADMIN: Final = Actor(type=ActorType.HUMAN, id="admin")


async def prepare(parts: Parts, year: Year, url: str) -> None:
    """Every version of everything, the first ones active, and endpoints that lead to `url`."""
    async with parts.database.begin() as (connection, now):
        for tenant in year.tenants:
            for office in tenant.offices:
                written = CalendarDocument.model_validate(_calendar(office))
                known = announced(Region.CN) if office.public else None
                made, _ = await store_calendars.put(
                    connection, now, tenant.name, office.name, kept(written, known), None, "admin"
                )
                assert made.version == office.version
                await record(connection, now, calendar_changes.put(ADMIN, made))
            for policy in tenant.policies:
                if policy.version:
                    document = PolicyDocument.model_validate(_policy(policy))
                    version = await store_policies.insert(
                        connection, now, tenant.name, document, "admin"
                    )
                    assert version == policy.version
                    made_policy = policy_changes.made(ADMIN, tenant.name, version, document)
                    await record(connection, now, made_policy)
            await _add_endpoints(parts, connection, tenant, url, year.start)
    for tenant in year.tenants:
        for one in _first(tenant, year.start):
            await activate(parts, one)


async def activate(parts: Parts, change: Activation) -> None:
    """Clocks start under another version; a repetition is one more of the same."""
    async with parts.database.begin() as (connection, _):
        now = time(change.at)
        if change.policy is not None:
            await store_policies.activate(connection, now, change.tenant, change.policy)
            said = policy_changes.activated(ADMIN, change.tenant, None, change.policy)
        else:
            name, _, number = (change.office or "").partition("@")
            version = await store_calendars.get(connection, change.tenant, name, int(number))
            assert version is not None
            before = await store_calendars.activate(
                connection, now, change.tenant, name, int(number), "admin"
            )
            said = calendar_changes.activated(ADMIN, before, version)
        await record(connection, now, said)


def _first(tenant: Tenant, start: int) -> Sequence[Activation]:
    offices = [
        Activation(start, tenant.name, office=one.ref) for one in tenant.offices if one.version == 1
    ]
    policy = tenant.policies[0].version
    return [*offices, *([Activation(start, tenant.name, policy=policy)] if policy else [])]


async def _add_endpoints(
    parts: Parts, connection: AsyncConnection, tenant: Tenant, url: str, start: int
) -> None:
    for one in tenant.endpoints:
        secret = webhook.new_secret().encode()
        made = Endpoint(
            id=one.id,
            tenant=tenant.name,
            url=url,
            description=None,
            events=tuple(EventType(name) for name in sorted(one.events)),
            enabled=True,
            created_at=time(start),
            audiences=tuple(Recipient(name) for name in sorted(one.audiences)),
        )
        sealed = parts.secrets.seal(secret, f"endpoint:{one.id}")
        await store_endpoints.insert(connection, made, Sealed(sealed))


def _calendar(office: Office) -> Mapping[str, Any]:
    days = zip(Weekday, office.week, strict=True)
    return {
        "zone": office.zone,
        "week": {day.value: _written(hours) for day, hours in days},
        "holidays": [day.isoformat() for day in sorted(office.holidays)],
        "extra": [
            {"date": day.isoformat(), "hours": _written(hours)}
            for day, hours in sorted(office.extra.items())
        ],
        "public_holidays": {"region": "CN"} if office.public else None,
    }


def _written(hours: Hours) -> list[str]:
    return [f"{_clock(begins)}-{_clock(ends)}" for begins, ends in hours]


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def _policy(policy: Policy) -> Mapping[str, Any]:
    since = policy.enforce_from
    return {
        "rules": [_rule(one) for one in policy.rules],
        "ladders": {name: _ladder(one) for name, one in policy.ladders.items()},
        "notify_calendar": policy.notify_calendar,
        "pause_budget": _span(policy.pause_budget),
        "regroup_within": _span(policy.regroup_within),
        "late_after": _span(policy.late_after),
        "storm": None,
        "enforce_from": None if since is None else time(since).isoformat(),
    }


def _rule(rule: scene.Rule) -> Mapping[str, Any]:
    when = {
        "colours": _listed(rule.colours),
        "classified": rule.classified,
        "tiers": _listed(rule.tiers),
        "needs_response": rule.needs_response,
        "intents": _listed(rule.intents),
    }
    clocks = {
        metric: {
            "target": _span(target.seconds),
            "calendar": target.calendar,
            "pauses": sorted(target.pauses),
            "enforced": target.enforced,
        }
        for metric, target in rule.clocks.items()
    }
    return {
        "name": rule.name,
        "when": {name: value for name, value in when.items() if value is not None},
        "clocks": clocks,
        "ladder": rule.ladder,
        "urgent": rule.urgent,
        "notify": list(rule.notify),
    }


def _ladder(ladder: scene.Ladder) -> Mapping[str, Any]:
    return {
        "rungs": [
            {
                "name": rung.name,
                "notify": list(rung.notify),
                **({} if rung.percent is None else {"percent": rung.percent}),
                **({} if rung.before is None else {"before": _span(rung.before)}),
            }
            for rung in ladder.rungs
        ],
        "repeat_every": _span(ladder.repeat_every),
        "repeats": ladder.repeats,
        "repeat_to": list(ladder.repeat_to),
    }


def _listed(values: frozenset[str] | None) -> list[str] | None:
    return None if values is None else sorted(values)


def _span(seconds: int) -> timedelta:
    return timedelta(seconds=seconds)

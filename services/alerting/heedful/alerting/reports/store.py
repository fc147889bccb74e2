"""SQL of the report."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from heedful.alerting.figures.facts import CASES, CLOCKS
from heedful.alerting.figures.filters import Filters
from heedful.alerting.figures.model import AGES, LAND, PLAN, RESPOND, Share
from heedful.alerting.figures.store_landing import Cohort as Received
from heedful.alerting.figures.store_landing import landing
from heedful.alerting.mentions import EVERY
from heedful.alerting.reports.model import Cohort, Named, Report, Team, Work
from heedful.alerting.reports.month import Month
from heedful.alerting.verification.verdict import Outcome

TOP: Final = 10

# Each promise is kept, broken, or (null) still open and too young to tell.
_PROMISES = f"""
    SELECT c.id, c.topic, c.touchpoint, c.team, c.colour = 'red' AS red,
        {{respond}} AS respond, {{plan}} AS plan, {{land}} AS land,
        coalesce(t.respond_at <= :at, false) AS answered
    FROM ({CASES}) AS c
    CROSS JOIN LATERAL (
        SELECT min(k.started_at) FILTER (WHERE k.metric = 'respond') AS respond_from,
            min(k.fulfilled_at) FILTER (WHERE k.metric = 'respond') AS respond_at,
            min(k.fulfilled_at) FILTER (WHERE k.metric = 'plan') AS plan_at
        FROM ({CLOCKS}) AS k WHERE k.case_id = c.id AND k.cycle = 1) AS t
    WHERE c.tenant = :tenant AND c.excluded IS NULL
        AND c.received_at >= :start AND c.received_at < :end AND c.received_at <= :at
"""  # noqa: S608  # constants


def _promise(done: str, since: str, limit: str) -> str:
    return (
        f"CASE WHEN least({done}, :at) - {since} > :{limit} THEN false"
        f" WHEN {done} <= :at THEN true END"
    )


_COHORTS = text(
    f"""
    WITH p AS ({
        _PROMISES.format(
            respond=_promise("t.respond_at", "t.respond_from", "respond"),
            plan=_promise("t.plan_at", "c.received_at", "plan"),
            land=_promise("c.landed_at", "c.received_at", "land"),
        )
    })
    SELECT GROUPING(topic, touchpoint, team) AS by, coalesce(topic, touchpoint, team) AS name,
        count(*) AS received, count(*) FILTER (WHERE red) AS red,
        count(respond) FILTER (WHERE red) AS respond_n,
        count(*) FILTER (WHERE red AND respond) AS respond,
        count(plan) AS plan_n, count(*) FILTER (WHERE plan) AS plan,
        count(land) AS land_n, count(*) FILTER (WHERE NOT land) AS above,
        count(*) FILTER (WHERE red AND answered) AS answered
    FROM p GROUP BY GROUPING SETS ((topic), (touchpoint), (team), ())
    ORDER BY 4 DESC, 3 DESC, 2
    """  # noqa: S608  # constants
)
_BY_TOPIC, _BY_TOUCHPOINT, _BY_TEAM, _WHOLE = 0b011, 0b101, 0b110, 0b111

_WORK = text(
    f"""
    SELECT c.team AS name, count(DISTINCT c.id) FILTER (WHERE e.kind = 'landed') AS landed,
        count(DISTINCT c.id) FILTER (WHERE e.kind = 'verified') AS verified,
        count(DISTINCT c.id) FILTER (WHERE e.kind = 'reopened') AS reopened
    FROM alerting.case_event e JOIN ({CASES}) AS c ON c.id = e.case_id
    WHERE e.tenant = :tenant AND e.kind IN ('landed', 'verified', 'reopened')
        AND e.at >= :start AND e.at < :end AND e.at <= :at
    GROUP BY 1
    """  # noqa: S608  # constants
)

# When a case was over is in its events; the state is that of today.
_OPEN = f"""
    FROM ({CASES}) AS c
    WHERE c.tenant = :tenant AND c.received_at <= :at AND c.excluded IS NULL
        AND (c.landed_at IS NULL OR c.landed_at > :at)
"""
_OPEN_TEAMS = text(f"SELECT c.team AS name, count(*) AS n {_OPEN} GROUP BY 1")  # constants
_OPEN_AGES = text(
    f"""
    SELECT width_bucket(
            extract(epoch FROM CAST(:at AS timestamptz) - c.received_at),
            CAST(:cuts AS numeric[])) AS age, count(*) AS n
    {_OPEN} GROUP BY 1
    """  # noqa: S608  # constants
)

_VERDICTS = text(
    """
    SELECT outcome, count(*) AS n FROM alerting.verification
    WHERE tenant = :tenant AND decided_at >= :start AND decided_at < :end GROUP BY 1
    """
)

_COVERAGE = text(
    """
    SELECT coalesce((
        SELECT sum(n) FROM alerting.topic_day
        WHERE tenant = :tenant AND topic = :every AND day >= :first AND day < :following), 0)
        AS labelled,
    (SELECT count(*) FROM alerting.case_feedback
        WHERE tenant = :tenant AND NOT classified AND received_at >= :start
        AND received_at < :end) AS missing
    """
)

_TENANTS = text("SELECT DISTINCT tenant FROM alerting.cases ORDER BY 1")


async def report(
    connection: AsyncConnection, now: datetime, tenant: str, month: Month, zone: ZoneInfo
) -> Report:
    """The report of a month that has begun."""
    start, end = month.start(zone), month.end(zone)
    at = min(now, end).astimezone(UTC)
    values: dict[str, Any] = {"tenant": tenant, "start": start, "end": end, "at": at}
    promised = {**values, "respond": RESPOND, "plan": PLAN, "land": LAND}
    cohorts = (await connection.execute(_COHORTS, promised)).all()
    worked = {row.name: _work(row) for row in await connection.execute(_WORK, values)}
    still_open = {row.name: row.n for row in await connection.execute(_OPEN_TEAMS, values)}
    cuts = [int(age.total_seconds()) for age in AGES]
    aged = await connection.execute(_OPEN_AGES, {**values, "cuts": cuts})
    looked = await connection.execute(_VERDICTS, values)
    covered = (
        await connection.execute(
            _COVERAGE,
            {**values, "every": EVERY, "first": month.first, "following": month.following},
        )
    ).one()
    by_age = {row.age: row.n for row in aged}
    named = {
        by: [Named(row.name, _cohort(row)) for row in cohorts if row.by == by]
        for by in (_BY_TOPIC, _BY_TOUCHPOINT, _BY_TEAM)
    }
    return Report(
        tenant=tenant,
        month=month,
        zone=zone.key,
        at=at,
        whole=next(_cohort(row) for row in cohorts if row.by == _WHOLE),
        landing=await landing(connection, tenant, Filters(), Received(start, end, at)),
        topics=_with_red(named[_BY_TOPIC]),
        touchpoints=_with_red(named[_BY_TOUCHPOINT]),
        teams=_teams(named[_BY_TEAM], worked, still_open),
        ages=[by_age.get(number, 0) for number in range(len(AGES) + 1)],
        work=_all(worked.values()),
        verdicts={Outcome(row.outcome): row.n for row in looked},
        coverage=Share(int(covered.labelled), int(covered.labelled) + covered.missing),
    )


async def tenants(connection: AsyncConnection) -> list[str]:
    """Those that have cases."""
    return list((await connection.execute(_TENANTS)).scalars())


def _cohort(row: Row[Any]) -> Cohort:
    return Cohort(
        received=row.received,
        red=row.red,
        responded=Share(row.respond, row.respond_n),
        planned=Share(row.plan, row.plan_n),
        above=Share(row.above, row.land_n),
        answered=Share(row.answered, row.red),
    )


def _with_red(found: Sequence[Named]) -> list[Named]:
    return [one for one in found if one.cohort.red][:TOP]


def _teams(
    cohorts: Sequence[Named],
    worked: Mapping[str | None, Work],
    still_open: Mapping[str | None, int],
) -> list[Team]:
    known = {one.name: one.cohort for one in cohorts}
    nothing = Cohort(0, 0, Share(), Share(), Share(), Share())
    names = [*known, *(name for name in {**worked, **still_open} if name not in known)]
    return [
        Team(name, known.get(name, nothing), worked.get(name, Work()), still_open.get(name, 0))
        for name in names
    ]


def _work(row: Row[Any]) -> Work:
    return Work(row.landed, row.verified, row.reopened)


def _all(found: Any) -> Work:
    works = list(found)
    return Work(
        sum(one.landed for one in works),
        sum(one.verified for one in works),
        sum(one.reopened for one in works),
    )

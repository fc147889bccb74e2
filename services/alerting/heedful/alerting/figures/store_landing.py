"""SQL of how long it takes to land."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import TextClause, text
from sqlalchemy.ext.asyncio import AsyncConnection

from heedful.alerting.figures.facts import CASES
from heedful.alerting.figures.filters import Filters
from heedful.alerting.figures.model import LAND, Excluded, Landing, Share
from heedful.alerting.survival import Lasted, median

# Six minutes: however many cases, of 400 days there are at most 96,000 rows.
_STEP = timedelta(minutes=6)
_HOUR_S = 3600.0
_LIMIT = LAND // _STEP
"""A landing is above 72 hours when it took more steps than these."""


@dataclass(frozen=True, slots=True)
class Cohort:
    """Cases that were received from `since` on and before `until`, as they were at `at`."""

    since: datetime
    until: datetime
    at: datetime


async def landing(
    connection: AsyncConnection, tenant: str, filters: Filters, cohort: Cohort
) -> Landing:
    """The landings of a cohort."""
    values = {
        **filters.values(tenant, cohort.at),
        "since": cohort.since,
        "until": cohort.until,
        "step": _STEP,
    }
    groups = (await connection.execute(_lasted(filters), values)).all()
    counted = [row for row in groups if row.excluded is None]
    within = sum(row.landed for row in counted if row.steps <= _LIMIT)
    above = sum(row.landed + row.open for row in counted if row.steps > _LIMIT)
    landed = sum(row.landed for row in counted)
    seconds = float(sum(row.seconds for row in counted if row.landed))
    return Landing(
        above=Share(above, above + within),
        young=sum(row.open for row in counted if row.steps <= _LIMIT),
        landed=landed,
        mean=seconds / landed / _HOUR_S if landed else None,
        median=median(
            Lasted(int(row.steps) * _STEP.total_seconds() / _HOUR_S, row.landed, row.open)
            for row in counted
        ),
        excluded={
            reason: sum(row.landed + row.open for row in groups if row.excluded == reason.value)
            for reason in Excluded
        },
    )


def _lasted(filters: Filters) -> TextClause:
    """Cases that took equally long, by why they are in no share: the landing as it was known at
    the moment asked for."""
    return text(
        f"""
        WITH lasted AS (
            SELECT c.excluded, c.landed_at <= :now AS landed,
                extract(epoch FROM least(c.landed_at, :now) - c.received_at) AS seconds
            FROM ({CASES}) AS c
            WHERE {filters.where("c")} AND c.received_at >= :since AND c.received_at < :until
                AND c.received_at <= :now
        )
        SELECT excluded, ceil(seconds / extract(epoch FROM CAST(:step AS interval))) AS steps,
            count(*) FILTER (WHERE landed) AS landed,
            count(*) FILTER (WHERE landed IS NOT TRUE) AS open,
            sum(seconds) FILTER (WHERE landed) AS seconds
        FROM lasted GROUP BY 1, 2
        """  # noqa: S608  # own names
    )

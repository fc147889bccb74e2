"""SQL of how long it takes to land."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import TextClause, text
from sqlalchemy.ext.asyncio import AsyncConnection

from heedful.alerting.figures.facts import CASES
from heedful.alerting.figures.filters import Filters
from heedful.alerting.figures.model import LAND, Excluded, Landing, Share
from heedful.alerting.survival import Lasted, median

# Six minutes: however many cases, of 400 days there are at most 96,000 rows.
_STEP_S = 360.0
_HOUR_S = 3600.0


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
        "limit": LAND,
        "step": _STEP_S,
    }
    counted = (await connection.execute(_counts(filters), values)).one()
    groups = await connection.execute(_lasted(filters), values)
    found = median(
        Lasted(int(row.steps) * _STEP_S / _HOUR_S, row.landed, row.open) for row in groups
    )
    return Landing(
        above=Share(counted.above, counted.above + counted.within),
        young=counted.young,
        landed=counted.landed,
        mean=None if counted.mean is None else float(counted.mean) / _HOUR_S,
        median=found,
        excluded=_excluded(counted.excluded),
    )


def _cases(filters: Filters) -> str:
    """Their landing as it was known at the moment asked for."""
    return f"""
        SELECT c.excluded, c.received_at, landed.at AS landed_at,
            coalesce(landed.at, :now) - c.received_at AS took
        FROM ({CASES}) AS c
        CROSS JOIN LATERAL (
            SELECT CASE WHEN c.landed_at <= :now THEN c.landed_at END AS at) AS landed
        WHERE {filters.where("c")} AND c.received_at >= :since AND c.received_at < :until
            AND c.received_at <= :now
    """  # noqa: S608  # own names


def _counts(filters: Filters) -> TextClause:
    return text(
        f"""
        WITH f AS ({_cases(filters)}), counted AS (SELECT * FROM f WHERE excluded IS NULL)
        SELECT count(*) FILTER (WHERE took > :limit) AS above,
            count(*) FILTER (WHERE took <= :limit AND landed_at IS NOT NULL) AS within,
            count(*) FILTER (WHERE took <= :limit AND landed_at IS NULL) AS young,
            count(landed_at) AS landed,
            extract(epoch FROM avg(took) FILTER (WHERE landed_at IS NOT NULL)) AS mean,
            (SELECT jsonb_object_agg(excluded, n) FROM (
                SELECT excluded, count(*) AS n FROM f WHERE excluded IS NOT NULL GROUP BY 1
            ) AS e) AS excluded
        FROM counted
        """  # noqa: S608  # own names
    )


def _lasted(filters: Filters) -> TextClause:
    return text(
        f"""
        WITH f AS ({_cases(filters)})
        SELECT ceil(extract(epoch FROM took) / :step) AS steps,
            count(landed_at) AS landed, count(*) - count(landed_at) AS open
        FROM f WHERE excluded IS NULL GROUP BY 1
        """  # noqa: S608  # own names
    )


def _excluded(found: Mapping[str, int] | None) -> dict[Excluded, int]:
    return {reason: (found or {}).get(reason.value, 0) for reason in Excluded}

"""SQL of the gauges, over all tenants; docs/numbers.md names the n and the exclusions of each."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import product
from typing import Final

from prometheus_client import Gauge
from sqlalchemy import TextClause, text

from heedful.alerting import metrics
from heedful.alerting.figures.facts import CASES, CLOCKS
from heedful.alerting.states import WAITING
from heedful.alerting.verification.verdict import Outcome
from heedful.common.contracts import ClockMetric

_HOUR: Final = timedelta(hours=1)
_ENDS: Final = tuple(hours * _HOUR for hours in (0, 1, 4, 12, 24, 48, 72))
_LEFT: Final = ("overdue", "1h", "4h", "12h", "24h", "48h", "72h", "later")


@dataclass(frozen=True, slots=True)
class Measure:
    """Gauges that one statement fills.

    Attributes:
        statement: of a moment `now`, a time `since` and the `limit` to land.
        labels: columns that name a row.
        shown: the values of the labels; what no row is of is 0.
        gauges: by the column that each shows.
    """

    statement: TextClause
    labels: Sequence[str]
    shown: Sequence[tuple[str, ...]]
    gauges: Mapping[str, Gauge]


def _each(*labels: Iterable[str]) -> list[tuple[str, ...]]:
    return list(product(*labels))


_KEPT: Final = Measure(
    text(
        f"""
        SELECT metric, CASE WHEN fulfilled_at <= due_at THEN 'met' ELSE 'breached' END AS result,
            count(*) AS n
        FROM ({CLOCKS}) AS k
        WHERE counts AND due_at <= :now AND started_at > :since GROUP BY 1, 2
        """  # noqa: S608  # constants
    ),
    ("metric", "result"),
    _each(ClockMetric, ("met", "breached")),
    {"n": metrics.RECENT_CLOCKS},
)

_LANDED: Final = Measure(
    text(
        f"""
        SELECT CASE WHEN excluded IS NOT NULL THEN 'excluded'
                WHEN coalesce(landed_at, :now) - received_at > :limit THEN 'above'
                WHEN landed_at IS NULL THEN 'young' ELSE 'within' END AS result,
            count(*) AS n
        FROM ({CASES}) AS c WHERE received_at > :since AND received_at <= :now GROUP BY 1
        """  # noqa: S608  # constants
    ),
    ("result",),
    _each(("within", "above", "young", "excluded")),
    {"n": metrics.RECENT_LANDINGS},
)

# A clock that stands still comes closer to nothing; one that had run out before stays so.
_LEFT_TO_BREACH: Final = Measure(
    text(
        f"""
        SELECT k.metric, CASE WHEN c.state = ANY(k.pausing)
                AND CAST(k.pauses -> -1 ->> 0 AS timestamptz) < k.due_at THEN 'paused'
            ELSE (CAST(ARRAY{list(_LEFT)} AS text[]))[1 + width_bucket(
                extract(epoch FROM k.due_at - CAST(:now AS timestamptz)),
                CAST(ARRAY{[int(end.total_seconds()) for end in _ENDS]} AS numeric[]))]
            END AS left, count(*) AS n
        FROM alerting.clock k JOIN alerting.cases c ON c.id = k.case_id AND c.over_at IS NULL
        WHERE k.enforced AND k.ended IS NULL AND k.fulfilled_at IS NULL GROUP BY 1, 2
        """  # noqa: S608  # constants
    ),
    ("metric", "left"),
    _each(ClockMetric, (*_LEFT, "paused")),
    {"n": metrics.TIME_TO_BREACH},
)

# From waiting for one to waiting for another is two waits here, each with its reason.
_WAITED: Final = Measure(
    text(
        f"""
        SELECT reason, count(DISTINCT case_id) AS n,
            sum(extract(epoch FROM coalesce(until, :now) - at)) / 3600 AS hours
        FROM (
            SELECT e.case_id, e.kind, e.at, e.detail ->> 'state' AS reason,
                lead(e.at) OVER (PARTITION BY e.case_id ORDER BY e.sequence) AS until
            FROM ({CASES}) AS c
            JOIN alerting.cases p ON p.id = c.id
                AND (p.pause_used > interval '0' OR p.paused_at IS NOT NULL)
            JOIN alerting.case_event e ON e.case_id = c.id
                AND e.kind IN ('paused', 'resumed', 'dismissed', 'merged')
            WHERE c.received_at > :since AND c.excluded IS NULL
        ) AS w
        WHERE kind = 'paused' GROUP BY 1
        """  # noqa: S608  # constants
    ),
    ("reason",),
    _each(sorted(WAITING)),
    {"n": metrics.RECENT_PAUSED_CASES, "hours": metrics.RECENT_PAUSED_HOURS},
)

_TOLD: Final = Measure(
    text(
        """
        SELECT CASE state WHEN 'delivered' THEN 'sent' WHEN 'discarded' THEN 'suppressed'
                WHEN 'pending' THEN 'waiting' ELSE state END AS outcome, count(*) AS n
        FROM alerting.delivery
        WHERE created_at > :since AND event_type <> 'endpoint.test' GROUP BY 1
        """
    ),
    ("outcome",),
    _each(("sent", "suppressed", "failed", "waiting")),
    {"n": metrics.RECENT_NOTICES},
)

_REOPENED: Final = Measure(
    text(
        f"""
        SELECT CASE WHEN EXISTS (
                SELECT FROM alerting.case_event e
                WHERE e.case_id = c.id AND e.kind = 'reopened' AND e.at >= l.at
            ) THEN 'reopened' ELSE 'kept' END AS result, count(*) AS n
        FROM (
            SELECT case_id, min(fulfilled_at) AS at FROM alerting.clock WHERE metric = 'land'
            GROUP BY 1 HAVING min(fulfilled_at) > :since
        ) AS l JOIN ({CASES}) AS c ON c.id = l.case_id
        WHERE c.excluded IS NULL GROUP BY 1
        """  # noqa: S608  # constants
    ),
    ("result",),
    _each(("kept", "reopened")),
    {"n": metrics.RECENT_REOPENED},
)

_FIXED: Final = Measure(
    text(
        "SELECT outcome, count(*) AS n FROM alerting.verification WHERE decided_at > :since"
        " GROUP BY 1"
    ),
    ("outcome",),
    _each(Outcome),
    {"n": metrics.RECENT_FIXES},
)

MEASURES: Final = (_KEPT, _LANDED, _LEFT_TO_BREACH, _WAITED, _TOLD, _REOPENED, _FIXED)

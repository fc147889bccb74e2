"""SQL of what was missing when a clock ran out."""

from typing import Final

from heedful.alerting.store_progress import WORK

_EVENTS: Final = f"FROM alerting.case_event e WHERE {WORK} AND e.case_id = k.case_id"


def _moment(column: str, kinds: str) -> str:
    """When something first was so."""
    return (
        f"CASE WHEN k.current THEN k.{column} ELSE (SELECT min(e.at) {_EVENTS} AND ({kinds})) END"
    )


_SEEN: Final = _moment(
    "seen_at", "e.actor_type = 'human' OR e.kind IN ('acknowledged', 'planned', 'landed')"
)
_OWNED: Final = _moment("owned_at", "e.kind IN ('assigned', 'planned')")
# How often it had begun to wait or gone on: after an odd number it waited. PostgreSQL counts the
# elements up to a value with width_bucket.
_TURNS: Final = f"""CASE WHEN k.current THEN width_bucket(k.due_at, k.waits) ELSE (
        SELECT CASE e.kind WHEN 'paused' THEN 1 ELSE 2 END {_EVENTS}
            AND e.kind IN ('paused', 'resumed') AND e.at <= k.due_at
        ORDER BY e.sequence DESC LIMIT 1) END"""

WHY: Final = f"""
    CASE WHEN coalesce({_SEEN} > k.due_at, true) THEN 'not_seen'
        WHEN coalesce({_TURNS} % 2 = 1, false) THEN 'waiting'
        WHEN coalesce({_OWNED} > k.due_at, true) THEN 'no_owner'
        WHEN coalesce({_TURNS} > 0, false) THEN 'paused'
        WHEN k.metric = 'plan' THEN 'late_plan'
        WHEN k.metric = 'land' THEN 'late_landing'
        ELSE 'late_contact' END
"""
"""As `Why`, of a clock `k` with `current`, `seen_at`, `owned_at` and `waits` of its case; the
moment is that at which the clock ran out."""

"""Which items a week's random sample holds. Pure.

Every item has a rank, a keyed hash of what identifies it, and the sample are the lowest ranks of
the week: a uniform sample without replacement, however often and in whatever order items come.
Nobody without the secret can tell beforehand whether an item will be looked at.
"""

import hashlib
import hmac
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final

from heedful.common.events import deterministic_id
from heedful.nlp.records import FeedbackKey, Kept

KEEP: Final = timedelta(weeks=8)
"""How long a sample can be judged, and over how long it is measured."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """An item with its place in its week. `week` is its Monday, in UTC, by the receipt."""

    kept: Kept
    week: date
    rank: bytes

    @property
    def id(self) -> str:
        return deterministic_id("audit-sample", *self.kept.key, self.week.isoformat())


def week_of(at: datetime) -> date:
    """The Monday of the week, in UTC."""
    day = at.astimezone(UTC).date()
    return day - timedelta(days=day.weekday())


def rank(secret: bytes, week: date, key: FeedbackKey) -> bytes:
    """32 bytes, as good as random and always the same."""
    name = json.dumps([week.isoformat(), *key], separators=(",", ":"))
    return hmac.new(secret, name.encode(), hashlib.sha256).digest()


def draw(secret: bytes, found: Sequence[Kept], now: datetime) -> list[Drawn]:
    """The items that a sample may hold: no history, and nothing of a week that is forgotten."""
    oldest = week_of(now - KEEP)
    drawn = []
    for one in found:
        feedback = one.enrichment.feedback
        week = week_of(feedback.received_at)
        if not feedback.backfill and week >= oldest:
            drawn.append(Drawn(one, week, rank(secret, week, one.key)))
    return drawn

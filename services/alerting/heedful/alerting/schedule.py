"""When a webhook is tried again, and what a failure means for it. Pure.

The example schedule of Standard Webhooks (spec/standard-webhooks.md, "Deliverability and
reliability"): ten tries within 76 hours, each delay with jitter against retries in step. Who is
busy is left alone for a minute; svix does the same.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from enum import StrEnum

from heedful.alerting.formats.base import Outcome, Verdict

DELAYS = tuple(
    timedelta(seconds=seconds)
    for seconds in (0, 5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400)
)
"""The delay before each try, counted from the end of the one before."""

THROTTLED = timedelta(seconds=60)
"""The least wait after a timeout or an answer that says: too much."""

_JITTER = 0.2
_LONGEST_RETRY_AFTER = timedelta(hours=24)


class DeliveryState(StrEnum):
    PENDING = "pending"
    DELIVERED = "delivered"
    FAILED = "failed"
    DISCARDED = "discarded"


@dataclass(frozen=True, slots=True)
class Settlement:
    """What becomes of a delivery after a try.

    Attributes:
        label: of the outcome, for metrics and logs.
    """

    state: DeliveryState
    next_at: datetime | None
    label: str


def settle(
    verdict: Verdict,
    at: datetime,
    attempts: int,
    retry_after: timedelta | None,
    spread: float,
) -> Settlement:
    """What a verdict means for a delivery.

    Args:
        at: the end of the try.
        attempts: that were made, this one included.
        spread: between -1 and 1; scales the jitter of 20 %.
    """
    if verdict.outcome is Outcome.DELIVERED:
        return Settlement(DeliveryState.DELIVERED, None, "delivered")
    if verdict.outcome in (Outcome.GONE, Outcome.REFUSED):
        return Settlement(DeliveryState.FAILED, None, verdict.outcome.value)
    next_at = next_try(at, attempts, retry_after, spread, throttled=verdict.throttled)
    if next_at is None:
        return Settlement(DeliveryState.FAILED, None, "exhausted")
    if verdict.mute is not None:
        next_at = max(next_at, at + verdict.mute)
    return Settlement(DeliveryState.PENDING, next_at, "failed")


def next_try(
    now: datetime,
    attempts: int,
    retry_after: timedelta | None,
    spread: float,
    *,
    throttled: bool = False,
) -> datetime | None:
    """When to try again after `attempts` failures; None when all tries are used up.

    Args:
        retry_after: what the receiver asked for. It makes the wait up to twice as long, never
            shorter: no header of somebody else's puts a red light off for a day.
        spread: between -1 and 1; scales the jitter of 20 %.
        throttled: the receiver was busy or did not answer.
    """
    if attempts >= len(DELAYS):
        return None
    wait = DELAYS[attempts] * (1 + _JITTER * spread)
    if throttled:
        wait = max(wait, THROTTLED)
    if retry_after is not None:
        longest = 2 * max(wait, THROTTLED)
        wait = max(wait, min(retry_after, longest))
    return now + wait


def parse_retry_after(value: str | None, now: datetime) -> timedelta | None:
    """Seconds or a date (RFC 9110 §10.2.3); None when absent, past or neither."""
    if value is None:
        return None
    value = value.strip()
    if value.isascii() and value.isdigit():
        seconds = min(int(value[:9]), int(_LONGEST_RETRY_AFTER.total_seconds()))
        return timedelta(seconds=seconds)
    try:
        date = parsedate_to_datetime(value)
    except ValueError:
        return None
    if date.tzinfo is None:
        date = date.replace(tzinfo=UTC)
    return date - now if date > now else None

"""When a webhook is tried again. Pure.

The example schedule of Standard Webhooks (spec/standard-webhooks.md, "Deliverability and
reliability"): ten tries within 76 hours, each delay with jitter against retries in step.
"""

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

DELAYS = tuple(
    timedelta(seconds=seconds)
    for seconds in (0, 5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400)
)
"""The delay before each try, counted from the end of the one before."""

_JITTER = 0.2
_LONGEST_RETRY_AFTER = timedelta(hours=24)


def next_try(
    now: datetime, attempts: int, retry_after: timedelta | None, spread: float
) -> datetime | None:
    """When to try again after `attempts` failures; None when all tries are used up.

    Args:
        retry_after: what the receiver asked for; it may make the wait longer, never shorter.
        spread: between -1 and 1; scales the jitter of 20 %.
    """
    if attempts >= len(DELAYS):
        return None
    wait = DELAYS[attempts] * (1 + _JITTER * spread)
    if retry_after is not None:
        wait = max(wait, min(retry_after, _LONGEST_RETRY_AFTER))
    return now + wait


def parse_retry_after(value: str | None, now: datetime) -> timedelta | None:
    """Seconds or a date (RFC 9110 §10.2.3); None when absent, past or neither."""
    if value is None:
        return None
    value = value.strip()
    if value.isascii() and value.isdigit():
        return timedelta(seconds=min(int(value), int(_LONGEST_RETRY_AFTER.total_seconds())))
    try:
        date = parsedate_to_datetime(value)
    except ValueError:
        return None
    if date.tzinfo is None:
        date = date.replace(tzinfo=UTC)
    return date - now if date > now else None

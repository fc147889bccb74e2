"""Times a while later or earlier, which end where the calendar does. Pure."""

from datetime import UTC, datetime, timedelta
from typing import Final

_FIRST: Final = datetime.min.replace(tzinfo=UTC)
_LAST: Final = datetime.max.replace(tzinfo=UTC)


def shifted(moment: datetime, span: timedelta) -> datetime:
    """The moment so much later; earlier by a negative span."""
    try:
        return moment + span
    except OverflowError:
        return _LAST if span > timedelta() else _FIRST

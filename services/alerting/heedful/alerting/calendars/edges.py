"""Which moment a wall time is, in zones whose clocks are put forward and back.

One rule decides all cases: an edge is the first moment at which the clocks show that time or a
later one. A time that is skipped is the moment of the jump; of a time that comes twice it is the
first. So edges never change order, intervals that touch on the wall touch in time, and none counts
twice.
"""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

# Transitions of the time zone database are at whole seconds.
_RESOLUTION = timedelta(seconds=1)


def edge(zone: ZoneInfo, on: date, minute: int) -> datetime:
    """The first moment, in UTC, at which clocks in `zone` show this minute of the day or more.

    Args:
        minute: after midnight; 1440 is the midnight at the end of the day.

    Raises:
        OverflowError: before the year 1 or after 9999.
    """
    wall = datetime.combine(on, time()) + timedelta(minutes=minute)
    # fold=0: the first of two, and in a gap the offset from before the jump.
    moment = wall.replace(tzinfo=zone).astimezone(UTC)
    if _shown(moment, zone) == wall:
        return moment
    return _jump(zone, wall, wall.replace(tzinfo=zone, fold=1).astimezone(UTC), moment)


def _jump(zone: ZoneInfo, skipped: datetime, before: datetime, after: datetime) -> datetime:
    """When the clocks jumped over a time; between the two, the second of which may be it."""
    low, high = before, after
    while high - low > _RESOLUTION:
        middle = low + ((high - low) // 2) // _RESOLUTION * _RESOLUTION
        if _shown(middle, zone) < skipped:
            low = middle
        else:
            high = middle
    return high


def _shown(moment: datetime, zone: ZoneInfo) -> datetime:
    return moment.astimezone(zone).replace(tzinfo=None)

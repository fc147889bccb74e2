"""Business calendars: working time in a zone, exactly. Pure."""

from heedful.alerting.calendars.arithmetic import (
    BeyondLookAhead,
    due,
    elapsed,
    is_open,
    last_open,
    next_open,
)
from heedful.alerting.calendars.model import (
    ALL_DAY,
    ALWAYS,
    CLOSED,
    LOOK_AHEAD,
    Beyond,
    Calendar,
    ExtraDay,
    Hours,
    Interval,
    PublicHolidays,
    Weekday,
)

__all__ = [
    "ALL_DAY",
    "ALWAYS",
    "CLOSED",
    "LOOK_AHEAD",
    "Beyond",
    "BeyondLookAhead",
    "Calendar",
    "ExtraDay",
    "Hours",
    "Interval",
    "PublicHolidays",
    "Weekday",
    "due",
    "elapsed",
    "is_open",
    "last_open",
    "next_open",
]

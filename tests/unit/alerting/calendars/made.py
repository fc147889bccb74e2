"""Calendars and moments that hypothesis makes up, near the nights on which clocks change."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

from hypothesis import strategies as st

from heedful.alerting.calendars import ALL_DAY, Calendar, ExtraDay, Hours, Interval

# Nights on which something happens there, and a New Year.
NIGHTS = {
    "UTC": (date(2026, 1, 1),),
    "Asia/Shanghai": (date(2026, 2, 14), date(2025, 10, 1), date(2026, 12, 31)),
    "Europe/Berlin": (date(2026, 3, 29), date(2026, 10, 25)),
    "America/New_York": (date(2026, 3, 8), date(2026, 11, 1)),
    "Australia/Lord_Howe": (date(2026, 4, 5), date(2026, 10, 4)),
    "America/Havana": (date(2026, 3, 8), date(2026, 11, 1)),
    "America/St_Johns": (date(2006, 10, 29), date(2006, 4, 2)),
    "America/Sao_Paulo": (date(2018, 2, 18), date(2018, 11, 4)),
    "Africa/Cairo": (date(2026, 4, 24), date(2026, 10, 30)),
    "Asia/Kathmandu": (date(2026, 1, 1),),
    "Pacific/Apia": (date(2011, 12, 30),),
    "Antarctica/Troll": (date(2026, 3, 29), date(2026, 10, 25)),
}
WINDOW = timedelta(days=9)
_MICROSECONDS = st.timedeltas(timedelta(), timedelta(days=8, hours=23))


@st.composite
def some_hours(draw: st.DrawFn) -> Hours:
    if draw(st.integers(0, 9)) == 0:
        return ALL_DAY
    edges = sorted(draw(st.sets(st.integers(0, 1440), max_size=6)))
    edges = edges[: len(edges) // 2 * 2]
    if draw(st.booleans()):  # no breaks
        return tuple(Interval(*pair) for pair in pairwise(edges))
    return tuple(Interval(*pair) for pair in zip(edges[::2], edges[1::2], strict=True))


@st.composite
def around_a_night(draw: st.DrawFn) -> tuple[Calendar, datetime]:
    """A calendar, and the whole minute at which a window of nine days around the night begins."""
    zone = draw(st.sampled_from(sorted(NIGHTS)))
    night = draw(st.sampled_from(NIGHTS[zone]))
    days = st.integers(-4, 4).map(lambda days: night + timedelta(days=days))
    made = Calendar(
        name="made",
        version=1,
        zone=zone,
        week=tuple(draw(st.lists(some_hours(), min_size=7, max_size=7))),
        holidays=frozenset(draw(st.sets(days, max_size=2))),
        extra=tuple(
            ExtraDay(on, draw(some_hours())) for on in sorted(draw(st.sets(days, max_size=2)))
        ),
    )
    start = datetime(night.year, night.month, night.day, tzinfo=UTC) - timedelta(days=4)
    return made, start + timedelta(minutes=draw(st.integers(0, 1439)))


def within_window(start: datetime) -> st.SearchStrategy[datetime]:
    """A moment in it, to the microsecond."""
    return _MICROSECONDS.map(lambda after: start + after)


TARGETS = st.one_of(
    st.timedeltas(timedelta(), timedelta(hours=3)),
    st.timedeltas(timedelta(), timedelta(days=6)),
    st.integers(0, 600).map(lambda minutes: timedelta(minutes=minutes)),
)

"""Mainland China's public holidays: what is known, what is not, and what is taken for it."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heedful.alerting.calendars import Beyond, Weekday, due
from heedful.alerting.calendars.announced import Region, announced
from heedful.alerting.calendars.document import kept
from heedful.alerting.calendars.knowledge import Lack, guessed, known_days, warnings
from tests.unit.alerting.calendars.documents import document
from tests.unit.alerting.calendars.writing import NINE_SIX, SHANGHAI, chinese, hours, moment, week

CN = announced(Region.CN)
TRUTH = chinese()
LAST = max(CN.years)
# Whoever has forgotten to upgrade for two years.
FORGOTTEN = (LAST - 1, LAST)
_STARTS = st.timedeltas(timedelta(), timedelta(days=690)).map(
    lambda after: datetime(LAST - 1, 1, 1, tzinfo=UTC) + after
)
_TARGETS = st.timedeltas(timedelta(), timedelta(hours=60))


def test_what_is_known() -> None:
    assert 2004 in CN.years
    assert LAST >= 2026
    assert CN.years == set(range(2004, LAST + 1))
    assert all(day.isoweekday() in (6, 7) for day in CN.working)
    assert not CN.off & CN.working
    # Weekends within a holiday are off for those who work at weekends.
    assert date(2025, 10, 4) in CN.off


def test_weekends_within_a_holiday_are_off() -> None:
    hotline = week(SHANGHAI, dict.fromkeys(Weekday, NINE_SIX), public=TRUTH.public)
    assert hotline.hours(date(2025, 10, 4)) == ()
    assert hotline.hours(date(2025, 10, 11)) == hours(NINE_SIX)
    assert hotline.hours(date(2025, 10, 18)) == hours(NINE_SIX)


@given(_STARTS, _TARGETS)
def test_with_every_day_no_deadline_is_later_than_it_should_be(
    start: datetime, target: timedelta
) -> None:
    careful = chinese(without=FORGOTTEN, beyond=Beyond.EVERY_DAY)
    assert due(careful, start, target) <= due(TRUTH, start, target)


@given(_STARTS, _TARGETS)
def test_with_the_plain_week_it_is_late_only_over_a_weekend_that_was_made_to_work(
    start: datetime, target: timedelta
) -> None:
    plain = chinese(without=FORGOTTEN)
    if due(plain, start, target) > due(TRUTH, start, target):
        first = start.astimezone(plain.timezone).date()
        last = due(TRUTH, start, target).astimezone(plain.timezone).date()
        assert any(first <= day <= last for day in CN.working)


def test_a_weekend_that_may_work_has_its_own_hours_and_those_of_a_make_up_day() -> None:
    careful = chinese(without=FORGOTTEN, beyond=Beyond.EVERY_DAY).public
    own = {Weekday.MONDAY: NINE_SIX, Weekday.SATURDAY: "08:00-10:00 20:00-21:00"}
    calendar = week(SHANGHAI, {**own, Weekday.SUNDAY: "08:00-20:00"}, public=careful)
    saturday = date(LAST, 3, 1)
    saturday += timedelta(days=(5 - saturday.weekday()) % 7)
    assert calendar.hours(saturday) == hours("08:00-18:00 20:00-21:00")
    assert calendar.hours(saturday + timedelta(days=1)) == hours("08:00-20:00")
    assert calendar.hours(saturday + timedelta(days=3)) == ()
    # In a year that is known, a weekend that was not made to work rests.
    known = chinese(without=FORGOTTEN, beyond=Beyond.EVERY_DAY)
    assert known.hours(date(2024, 3, 2)) == ()


def test_a_deadline_that_rests_on_a_guess_is_known_as_one() -> None:
    end = moment(f"{date(LAST, 12, 31):%a} {LAST}-12-31 23:59", SHANGHAI)
    assert not guessed(TRUTH, end)
    assert guessed(TRUTH, end + timedelta(minutes=1))
    assert not guessed(week(SHANGHAI, {Weekday.MONDAY: NINE_SIX}), end + timedelta(days=900))


@pytest.mark.parametrize(
    ("today", "codes"),
    [
        (date(LAST, 11, 1), []),
        (date(LAST, 11, 20), [Lack.UNKNOWN]),
        (date(LAST + 1, 5, 1), [Lack.UNKNOWN]),
    ],
)
def test_a_calendar_warns_before_what_is_known_ends(today: date, codes: list[Lack]) -> None:
    version = kept(document(public_holidays={"region": "CN"}), CN)
    calendar = version.calendar("test", 1)
    found = warnings(version, calendar, today, CN)
    assert [one.code for one in found] == codes
    assert calendar.public is not None
    assert known_days(calendar.public, today) == (date(LAST, 12, 31) - today).days
    for one in found:
        assert f"{LAST + 1}-01-01" in one.label_en
        assert f"{LAST + 1}-01-01" in one.label_zh


def test_a_version_that_knows_less_than_the_release_says_so() -> None:
    version = kept(document(public_holidays={"region": "CN"}), CN.without({LAST}))
    (warned,) = warnings(version, version.calendar("test", 1), date(LAST, 1, 1), CN)
    assert warned.code is Lack.OUTDATED
    assert str(LAST) in warned.label_en
    assert str(LAST) in warned.label_zh


def test_years_of_ones_own_need_no_warning() -> None:
    own = document(
        holidays=[f"{LAST + 1}-10-01"], public_holidays={"region": "CN", "own_years": [LAST + 1]}
    )
    version = kept(own, CN)
    assert warnings(version, version.calendar("test", 1), date(LAST, 12, 1), CN) == []
    assert warnings(kept(document(), None), TRUTH, date(LAST, 12, 1), None) == []

"""What a case takes over from one that is merged into it."""

from dataclasses import replace

import pytest

from heedful.alerting.clocks import Ended
from heedful.alerting.folding import fold
from heedful.alerting.work import NotAllowed, taken_in
from heedful.common.contracts import ClockMetric
from tests.unit.alerting.journeys import ALL_TERMS, CALENDARS, NOW, OPENED, PERSON

WAITING = fold([OPENED], CALENDARS)


def test_who_waits_is_not_merged_into_a_case_on_which_nobody_is_answered_any_more() -> None:
    """Its labels came late and asked for no answer."""
    ended = tuple(
        replace(one, ended=Ended.NOT_NEEDED) if one.metric is ClockMetric.RESPOND else one
        for one in WAITING.clocks
    )
    quiet = replace(WAITING, clocks=ended)
    with pytest.raises(NotAllowed, match="merge the other one into this one"):
        taken_in(quiet, WAITING, NOW, PERSON, ALL_TERMS)
    assert taken_in(WAITING, WAITING, NOW, PERSON, ALL_TERMS) == []

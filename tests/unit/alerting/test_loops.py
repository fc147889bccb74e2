"""A loop that waits longer than a stall may last is taken for a dead one."""

import pytest

from heedful.alerting import heartbeat, holiday_watch, rearming, upkeep, verifying
from heedful.alerting.applying import loop as applying
from heedful.alerting.audit import adopting, recording
from heedful.alerting.figures import measuring
from heedful.alerting.main import STALL_S
from heedful.alerting.reports import posting

WAITS = {
    module.__name__: module.EVERY_S
    for module in (
        heartbeat,
        holiday_watch,
        rearming,
        upkeep,
        verifying,
        applying,
        adopting,
        recording,
        measuring,
        posting,
    )
}


@pytest.mark.parametrize(("name", "wait"), WAITS.items(), ids=WAITS)
def test_a_loop_is_back_in_half_of_the_time_that_a_stall_takes(name: str, wait: float) -> None:
    assert wait <= STALL_S / 2, name

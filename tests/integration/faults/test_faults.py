"""Every fault once, in an order that the seed decides, on both logs."""

import pytest

from tests.integration.faults.plan import one_of_each
from tests.integration.faults.run import Workload, run
from tests.integration.faults.wiring import Kind

SEED = 7640
"""Of a plan in which a member leaves while the database is away, another joins while a handler
fails, and most are at work when Kafka goes."""


@pytest.mark.parametrize("kind", ["embedded", pytest.param("kafka", marks=pytest.mark.kafka)])
async def test_nothing_is_lost_doubled_or_out_of_order(kind: Kind) -> None:
    workload = Workload(kind, SEED, catch_up_s=60)
    report = await run(workload, one_of_each(SEED, kind, workload.workers), print)
    assert {rule: (len(found), found[:3]) for rule, found in report.wrong.items()} == {}
    assert report.history.exits == []  # no fault here is long enough for a restart
    assert len(report.history.effects) > 0
    assert len(report.history.letters) > 0

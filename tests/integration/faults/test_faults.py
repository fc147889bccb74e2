"""Every fault once, in an order that the seed decides, on both logs."""

import pytest

from tests.integration.faults.plan import one_of_each
from tests.integration.faults.run import Workload, run
from tests.integration.faults.wiring import Kind

SEED = 2220
"""Of a plan in which a member leaves while the database is away, and most work when Kafka goes."""


@pytest.mark.parametrize("kind", ["embedded", pytest.param("kafka", marks=pytest.mark.kafka)])
async def test_nothing_is_lost_doubled_or_out_of_order(kind: Kind) -> None:
    workload = Workload(kind, SEED)
    report = await run(workload, one_of_each(SEED, kind, workload.workers), print)
    assert {rule: (len(found), found[:3]) for rule, found in report.wrong.items()} == {}
    assert len(report.history.effects) > 0
    assert len(report.history.letters) > 0

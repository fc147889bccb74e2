"""What is told of the batches under way."""

import time

from prometheus_client import REGISTRY

from heedful.common.runtime.flights import Flights

PROGRESS = "heedful_consumer_last_progress_timestamp_seconds"


def test_before_the_first_progress_the_start_counts() -> None:
    before = time.time()
    Flights("new-group", clock=lambda: 0.0)
    told = REGISTRY.get_sample_value(PROGRESS, {"group": "new-group"})
    assert told is not None
    assert before <= told <= time.time()

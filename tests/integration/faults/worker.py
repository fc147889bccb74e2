"""A worker: a runner whose handler leaves effects in PostgreSQL and publishes one output per step.

    python -m tests.integration.faults.worker WIRING TROUBLE

TROUBLE is a file that may appear at any time: until when, how much longer every batch takes, and
whether it fails for now.
Exit codes: 0 stopped by SIGTERM, 70 `Fatal`, 71 not healthy; anything else is a crash.
"""

import asyncio
import json
import logging
import os
import random
import signal
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from heedful.common.errors import Fatal, InvalidMessage, Retryable
from heedful.common.events import Delivery
from heedful.common.runtime import ConsumerRunner, Handled, Subscription
from tests.integration.faults import effects
from tests.integration.faults.records import Step, done
from tests.integration.faults.wiring import CONSUMER, Wiring, started

FATAL = 70
UNHEALTHY = 71
_JITTER_S = 0.01
_LOOK_S = 0.5
_CLOSE_S = 5


class Effects:
    """The handler. Effect first, output by the runtime; both have the step's id."""

    def __init__(self, wiring: Wiring, pool: effects.Pool, trouble: Path) -> None:
        self._worker = wiring.name
        self._output = wiring.topics[1]
        self._pool = pool
        self._trouble = trouble

    async def __call__(self, batch: Sequence[Delivery]) -> Sequence[Handled]:
        slow_s, fails = self._troubled()
        # Never twice the same time: what may overtake something does so sooner or later.
        await asyncio.sleep(random.uniform(0, _JITTER_S) + slow_s)  # noqa: S311
        if fails:
            raise Retryable("planted")
        rows: list[effects.Row] = []
        results: list[Handled] = []
        for delivery in batch:
            step = delivery.payload
            assert isinstance(step, Step)
            if step.poison == "raises":
                raise LookupError("a bug in the handler")
            if step.poison == "refused":
                results.append(InvalidMessage("refused", "planted"))
                continue
            rows.append((delivery.event.id, step.key, step.seq))
            results.append([done(self._output, delivery, self._worker)])
        await effects.write(self._pool, self._worker, rows)
        return results

    def _troubled(self) -> tuple[float, bool]:
        with suppress(FileNotFoundError):
            until, slow_s, fails = json.loads(self._trouble.read_text())
            if time.time() < until:
                return slow_s, fails
        return 0.0, False


async def main(wiring: Wiring, trouble: Path) -> int:
    pool = await effects.connected(wiring.database)
    bus = await started(wiring)
    handler = Effects(wiring, pool, trouble)
    subscription = Subscription(
        wiring.group, wiring.topics[:1], handler, concurrency=wiring.concurrency
    )
    runner = ConsumerRunner(subscription, bus, CONSUMER)
    probe = asyncio.create_task(_probe(runner))

    def stop() -> None:
        # Who is told to go is not probed any more: a stop is bounded by itself.
        probe.cancel()
        runner.stop()

    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop)
    try:
        await runner.run()
    except Fatal:
        logging.exception("fatal")
        return FATAL
    finally:
        probe.cancel()
        await bus.stop()
        with suppress(*effects.DATABASE_ERRORS):
            await asyncio.wait_for(pool.close(), _CLOSE_S)
    return 0


async def _probe(runner: ConsumerRunner) -> None:
    """What Kubernetes does with a process whose /healthz fails."""
    while True:
        if not runner.healthy(time.monotonic()):
            logging.error("not healthy")
            os._exit(UNHEALTHY)
        await asyncio.sleep(_LOOK_S)


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
    sys.exit(asyncio.run(main(Wiring.decode(sys.argv[1]), Path(sys.argv[2]))))

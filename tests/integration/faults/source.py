"""The source: writes steps under many keys, and keeps a list of what the log has accepted.

    python -m tests.integration.faults.source WIRING SEED RATE KEYS POISON_SHARE FILE

RATE is in records per second, 0 as many as the log takes. A batch that is not acknowledged is sent
again until it is; the next one of the same keys waits for it, as ingest's callers do. SIGTERM: the
last batches are acknowledged, exit code 0.
"""

import asyncio
import random
import signal
import sys
import time
from pathlib import Path
from typing import TextIO

from heedful.common.bus import Bus, Outgoing
from heedful.common.errors import BusUnavailable
from heedful.common.topics import Topic
from tests.integration.faults import records
from tests.integration.faults.wiring import Wiring, started

SENDERS = 8
_MOST = 100
_TICK_S = 0.02
_AGAIN_S = 0.1


class Sender:
    """Owns some of the keys; has one batch under way."""

    def __init__(self, topic: Topic, number: int, keys: list[str], seed: int, share: float) -> None:
        self._topic = topic
        self._number = number
        self._keys = keys
        self._next = dict.fromkeys(keys, 0)
        self._poisons = 0
        self._share = share
        self._random = random.Random(f"{seed}/{number}")  # noqa: S311  # a workload, no secret

    async def run(self, bus: Bus, rate: float, accepted: TextIO, stop: asyncio.Event) -> None:
        begun, sent = time.monotonic(), 0
        while not stop.is_set():
            due = _MOST if rate == 0 else int((time.monotonic() - begun) * rate) - sent
            if due < 1:
                await asyncio.sleep(_TICK_S)
                continue
            names, batch = self._batch(min(due, self._random.randint(1, _MOST)))
            await _until_acknowledged(bus, batch)
            accepted.writelines(f"{name}\n" for name in names)
            accepted.flush()
            sent += len(batch)

    def _batch(self, count: int) -> tuple[list[str], list[Outgoing]]:
        names: list[str] = []
        batch: list[Outgoing] = []
        for _ in range(count):
            key = self._random.choice(self._keys)
            if self._random.random() < self._share:
                name = f"poison/{self._number}/{self._poisons}"
                self._poisons += 1
                kind = self._random.choice(records.POISONS)
                batch.append(records.poison(self._topic, kind, name, key))
            else:
                name = records.step_id(key, self._next[key])
                batch.append(records.step(self._topic, key, self._next[key]))
                self._next[key] += 1
            names.append(name)
        return names, batch


async def _until_acknowledged(bus: Bus, batch: list[Outgoing]) -> None:
    while True:
        try:
            await bus.producer.send(batch)
        except BusUnavailable:
            await asyncio.sleep(_AGAIN_S)
        else:
            return


async def main(wiring: Wiring, seed: int, rate: float, keys: int, share: float, file: Path) -> None:
    bus = await started(wiring)
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    names = [f"key-{number}" for number in range(keys)]
    senders = [
        Sender(wiring.topics[0], number, names[number::SENDERS], seed, share)
        for number in range(min(SENDERS, keys))
    ]
    with file.open("a") as accepted:
        async with asyncio.TaskGroup() as group:
            for sender in senders:
                group.create_task(sender.run(bus, rate / len(senders), accepted, stop))
    await bus.stop()


if __name__ == "__main__":
    wiring, seed, rate, keys, share, file = sys.argv[1:]
    asyncio.run(
        main(Wiring.decode(wiring), int(seed), float(rate), int(keys), float(share), Path(file))
    )

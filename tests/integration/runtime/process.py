"""A runner in a process of its own, for tests that kill it.

python -m tests.integration.runtime.process URL GROUP TOPIC PARTITIONS FILE
"""

import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path

from heedful.common.bus.embedded import EmbeddedBus
from heedful.common.events import Delivery
from heedful.common.runtime import ConsumerRunner, Handled, Subscription
from heedful.common.settings import ConsumerSettings
from tests.integration.runtime.world import described, text_of

LEASE_S = 1.0


async def main(url: str, group: str, topic: str, partitions: int, seen: Path) -> None:
    async def handle(batch: Sequence[Delivery]) -> Sequence[Handled]:
        await asyncio.sleep(0.02)  # time in which it may be killed
        with seen.open("a") as file:
            file.writelines(text_of(delivery) + "\n" for delivery in batch)
        return [() for _ in batch]

    bus = EmbeddedBus(url, "process", lease_s=LEASE_S)
    await bus.start()
    settings = ConsumerSettings(batch_records=5, poll_seconds=0.05, commit_seconds=0.1)
    subscription = Subscription(group, (described(topic, partitions),), handle)
    await ConsumerRunner(subscription, bus, settings).run()


if __name__ == "__main__":
    url, group, topic, partitions, seen = sys.argv[1:]
    asyncio.run(main(url, group, topic, int(partitions), Path(seen)))

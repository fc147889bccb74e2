"""Groups of consumers set back to a moment, after their database was set back to it."""

from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError
from aiokafka.structs import OffsetAndMetadata

from heedful.common.bus.kafka.admin import administering
from heedful.common.bus.kafka.connection import connection
from heedful.common.bus.reading import PASSING
from heedful.common.errors import BusUnavailable, ConfigurationError
from heedful.common.settings import KafkaSettings

_CLIENT: Final = "heedful-offsets"
_OURS: Final = "heedful."
_EMPTY: Final = frozenset({"Empty", "Dead"})


class GroupInUse(Exception):  # told to the user as it is
    """Members would go on from where they are, and commit over what is set."""


@dataclass(frozen=True, slots=True)
class Rewind:
    """One group in one partition.

    Attributes:
        committed: the offset it reads next.
        target: the first record written since the moment, but never beyond `committed`.
        cut: the partition begins after the moment, and not at its first record: what was written
            between them and the retention took is not read again.
    """

    group: str
    topic: str
    partition: int
    committed: int
    target: int
    cut: bool


class Rewinding:
    """Looks at the groups of a cluster, and sets them back."""

    def __init__(self, settings: KafkaSettings) -> None:
        self._settings = settings

    async def plan(self, to: datetime, groups: Sequence[str]) -> list[Rewind]:
        """Where each group stands and would go, by group, topic and partition; nothing is changed.

        Args:
            groups: none: every group of heedful that has committed.

        Raises:
            ConfigurationError: a group has never committed.
            BusUnavailable: Kafka does not answer.
        """
        async with administering(self._settings, _CLIENT) as admin:
            known = {name for name, *_ in await admin.list_consumer_groups()}
            if missing := set(groups) - known:
                raise ConfigurationError(
                    f"no such group: {', '.join(sorted(missing))}; there are "
                    f"{', '.join(sorted(filter(_ours, known))) or 'none'}"
                )
            chosen = sorted(groups or filter(_ours, known))
            committed = {name: await admin.list_consumer_group_offsets(name) for name in chosen}
        found: list[Rewind] = []
        async with self._consumer(None) as consumer:
            for name, places in committed.items():
                found += await _planned(consumer, name, places, to)
        return found

    async def execute(self, rewinds: Sequence[Rewind]) -> None:
        """Set the groups.

        Raises:
            GroupInUse: one has members; no group was changed.
            BusUnavailable: Kafka does not answer.
        """
        by_group: dict[str, dict[TopicPartition, int]] = defaultdict(dict)
        for one in rewinds:
            by_group[one.group][TopicPartition(one.topic, one.partition)] = one.target
        await self._require_empty(list(by_group))
        for group, targets in by_group.items():
            async with self._consumer(group) as consumer:
                # Assigned, not subscribed: it joins no group, and its commit is taken only
                # while the group has no member.
                consumer.assign(list(targets))
                await consumer.commit(targets)

    async def _require_empty(self, groups: Sequence[str]) -> None:
        async with administering(self._settings, _CLIENT) as admin:
            # One at a time: aiokafka 0.14 reads version 3 of the answer as version 2, which goes
            # wrong from the second group on.
            answers = [await admin.describe_consumer_groups([group]) for group in groups]
        busy = [
            group
            for of_group in answers
            for answer in of_group
            for _, group, state, *_ in answer.groups
            if state not in _EMPTY
        ]
        if busy:
            raise GroupInUse(
                f"{', '.join(busy)}: there are members. Stop the services, and wait for "
                f"{self._settings.session_timeout_seconds:g} s "
                "(HEEDFUL_KAFKA__SESSION_TIMEOUT_SECONDS) where members have names of their own"
            )

    @asynccontextmanager
    async def _consumer(self, group: str | None) -> AsyncIterator[AIOKafkaConsumer]:
        consumer = AIOKafkaConsumer(
            client_id=_CLIENT,
            group_id=group,
            enable_auto_commit=False,
            **connection(self._settings),
        )
        try:
            await consumer.start()
            yield consumer
        except (KafkaError, OSError) as error:
            raise BusUnavailable(f"Kafka did not take it: {error!r}") from error
        finally:
            await consumer.stop()


def _ours(group: str) -> bool:
    return group.startswith(_OURS) and not group.startswith(PASSING)


async def _planned(
    consumer: AIOKafkaConsumer,
    group: str,
    places: dict[TopicPartition, OffsetAndMetadata],
    to: datetime,
) -> list[Rewind]:
    committed = {place: one.offset for place, one in places.items() if one.offset >= 0}
    if not committed:
        return []
    # In milliseconds; a record of that very one is read again.
    since = int(to.timestamp() * 1000)
    first = await consumer.offsets_for_times(dict.fromkeys(committed, since))
    begins = await consumer.beginning_offsets(list(committed))
    found = []
    for place, offset in sorted(committed.items()):
        at = first[place]
        # None: nothing was written since.
        target = offset if at is None else min(offset, at.offset)
        cut = begins[place] > 0 and at is not None and at.offset <= begins[place]
        found.append(Rewind(group, place.topic, place.partition, offset, target, cut))
    return found

"""SQL of `heedful dlq`: which dead letters were sent again."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from heedful.cli.dlq_letters import DeadLetter

_KNOWN = text(
    "SELECT EXISTS (SELECT 1 FROM common.dlq_replay WHERE topic = :topic"
    ' AND partition = :partition AND "offset" = :offset)'
)
_REMEMBER = text(
    'INSERT INTO common.dlq_replay (topic, partition, "offset", replayed_at)'
    " SELECT t, p, o, :now FROM unnest(CAST(:topics AS text[]), CAST(:partitions AS int[]),"
    " CAST(:offsets AS bigint[])) AS r (t, p, o)"
    ' ON CONFLICT (topic, partition, "offset") DO UPDATE SET replayed_at = excluded.replayed_at'
)


class ReplayLedger:
    """Remembers replays by the place of the letter in its queue."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def knows(self, letter: DeadLetter) -> bool:
        record = letter.record
        async with self._engine.connect() as connection:
            found: bool = (
                await connection.execute(
                    _KNOWN,
                    {
                        "topic": record.topic,
                        "partition": record.partition,
                        "offset": record.offset,
                    },
                )
            ).scalar_one()
        return found

    async def remember(self, letters: Sequence[DeadLetter], now: datetime) -> None:
        records = [letter.record for letter in letters]
        async with self._engine.begin() as connection:
            await connection.execute(
                _REMEMBER,
                {
                    "now": now,
                    "topics": [record.topic for record in records],
                    "partitions": [record.partition for record in records],
                    "offsets": [record.offset for record in records],
                },
            )

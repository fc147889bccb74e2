"""What an erasure takes out of ingest.

A table that comes later and can hold something of a customer has an eraser of its own: a class
like these, and one line in `erasers`.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from heedful.common.contracts import Place, Remaining
from heedful.common.erasure import Eraser, Erasing, left_in_log
from heedful.common.errors import Retryable
from heedful.common.topics import FEEDBACK_RECEIVED, INTERACTION_RECORDED
from heedful.ingest import store, store_quarantine_forgetting
from heedful.ingest.people import People


class QuarantineEraser:
    """What waits to be mended and is about the customer."""

    def __init__(self) -> None:
        self._people: People | None = None

    def know_people(self, people: People) -> None:
        """What hashes whom something is about; before the first erasure."""
        self._people = people

    async def __call__(
        self, connection: AsyncConnection, erasing: Erasing, now: datetime
    ) -> Mapping[str, int]:
        if self._people is None:
            raise Retryable("ingest has not started yet")
        people = self._people.named(erasing.tenant, erasing.names)
        gone = await store_quarantine_forgetting.erase(
            connection, erasing.tenant, people, erasing.until, now
        )
        return {"quarantined": gone}


async def erase_accepted(
    connection: AsyncConnection, erasing: Erasing, _now: datetime
) -> Mapping[str, int]:
    """The keys and digests of what was accepted: the tombstone stands in their place."""
    return {"accepted": await store.erase(connection, erasing.tenant, erasing.items)}


def erasers(quarantine: QuarantineEraser) -> Sequence[Eraser]:
    """Of every table of ingest that can hold something of a customer."""
    return [erase_accepted, quarantine]


def remaining(now: datetime, quarantine_days: int, import_days: float) -> Sequence[Remaining]:
    """What is left when all is deleted: the log, requests that nobody could read and that
    therefore lead to nobody, and reports of imports, which name items by their keys."""
    found = [*left_in_log([FEEDBACK_RECEIVED, INTERACTION_RECORDED], now)]
    for name, days in (
        ("quarantine of unreadable requests", quarantine_days),
        ("reports of imports", import_days),
    ):
        if days:
            until = now + timedelta(days=days)
            found.append(Remaining(place=Place.OTHER, name=name, until=until))
    return found

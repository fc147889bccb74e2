"""What an erasure takes out of nlp: all that is kept of the customer's feedback.

nlp knows feedback by its key alone. What it kept before journey knew whose it was comes as a
further part of the erasure.
"""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from heedful.common.contracts import ItemKind
from heedful.common.erasure import Erasing, Tombstones
from heedful.nlp import store_corrections
from heedful.nlp.records import FeedbackKey


class FeedbackEraser:
    """Enrichments, samples, and the words of corrections and verdicts."""

    def __init__(self, tombstones: Tombstones) -> None:
        self._tombstones = tombstones

    async def __call__(
        self, connection: AsyncConnection, erasing: Erasing, now: datetime
    ) -> Mapping[str, int]:
        pseudonyms = {
            (source, id_): stone_of(
                self._tombstones, FeedbackKey(erasing.tenant, source, id_)
            ).hex()
            for source, id_ in erasing.keys(ItemKind.FEEDBACK)
        }
        return await store_corrections.erase(connection, erasing.tenant, pseudonyms)


def stone_of(tombstones: Tombstones, key: FeedbackKey) -> bytes:
    """What a tombstone of this feedback is found by."""
    return tombstones.item(key.tenant, ItemKind.FEEDBACK.value, key.source, key.id)

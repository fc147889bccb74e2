"""Parts of erasures on their way: kept sealed until every service has obeyed, published, and
answered by journey itself, which has deleted before it tells anybody."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from heedful.common import outbox
from heedful.common.bus.base import Outgoing
from heedful.common.contracts import ErasedItem, Erasure, ErasureReason, ErasureReceipt
from heedful.common.erasure import Names, left_in_log
from heedful.common.erasure import store as receipts
from heedful.common.erasure.names import seal
from heedful.common.erasure.receipts import counts, erasure_key, receipt_record
from heedful.common.errors import Retryable
from heedful.common.events import to_record
from heedful.common.security.secrets import SecretBox
from heedful.common.topics import JOURNEY_SIGNAL, PRIVACY_ERASURE
from heedful.common.version import service_version
from heedful.journey import store_erasures
from heedful.journey.store_erasures import SealedPart, Stored

SERVICE: Final = "journey"
_AT_ONCE = 20


class Publisher:
    """Makes parts and publishes them, by the outbox."""

    def __init__(self, secrets: SecretBox) -> None:
        self._secrets = secrets
        self._key_secret: bytes | None = None

    def use_key_secret(self, secret: bytes) -> None:
        """The secret of record keys; must be set before the first part."""
        self._key_secret = secret

    def part(
        self,
        erasure: Stored,
        number: int,
        items: Sequence[ErasedItem],
        names: Names,
        customer_ids: Sequence[str] = (),
    ) -> Erasure:
        """The part with this number."""
        return Erasure(
            tenant=erasure.tenant,
            id=erasure.id,
            part=number,
            requested_at=erasure.requested_at,
            requested_by=erasure.requested_by,
            reason=ErasureReason(erasure.reason),
            customer_ids=tuple(customer_ids),
            items=tuple(items),
            sealed=seal(self._secrets, names, erasure.id, number),
        )

    async def publish(
        self,
        connection: AsyncConnection,
        parts: Sequence[Erasure],
        deleted: Mapping[str, int],
        now: datetime,
    ) -> None:
        """Keep and publish new parts, and a receipt of journey's own for each; the first one tells
        what was deleted."""
        for start in range(0, len(parts), _AT_ONCE):
            some = parts[start : start + _AT_ONCE]
            sealed = [SealedPart(one.id, one.part, self._sealed(one)) for one in some]
            await store_erasures.keep_parts(connection, sealed, now)
            await outbox.put(connection, SERVICE, [self._record(one) for one in some])
        for one in parts:
            receipt = ErasureReceipt(
                tenant=one.tenant,
                erasure_id=one.id,
                part=one.part,
                service=SERVICE,
                version=service_version(),
                completed_at=now,
                deleted=counts(deleted) if one is parts[0] else (),
                remaining=left_in_log([JOURNEY_SIGNAL, PRIVACY_ERASURE], now),
            )
            await receipts.keep(connection, receipt)
            await outbox.put(connection, SERVICE, [receipt_record(receipt, self._secret())])

    async def publish_again(self, connection: AsyncConnection, parts: Sequence[SealedPart]) -> None:
        """Parts that not every service has obeyed, and our own receipts for them."""
        records = []
        for one in parts:
            opened = self._secrets.open(one.sealed, _context(one.erasure_id, one.number))
            records.append(self._record(Erasure.parse(opened)))
            given = await receipts.find(connection, SERVICE, one.erasure_id, one.number)
            if given is not None:
                records.append(receipt_record(given, self._secret()))
        await outbox.put(connection, SERVICE, records)

    def _sealed(self, part: Erasure) -> bytes:
        return self._secrets.seal(part.encode(), _context(part.id, part.part))

    def _record(self, part: Erasure) -> Outgoing:
        return to_record(
            PRIVACY_ERASURE,
            part,
            id=f"{part.id}/{part.part}",
            source=f"/{part.tenant}/{SERVICE}",
            key=erasure_key(self._secret(), part.tenant, part.id),
            time=part.requested_at,
        )

    def _secret(self) -> bytes:
        if self._key_secret is None:
            raise Retryable("journey has not started yet")
        return self._key_secret


def _context(erasure_id: str, part: int) -> str:
    return f"erasure-part:{erasure_id}:{part}"

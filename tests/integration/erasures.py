"""An erasure on its way to a service, and the receipt that comes of it."""

from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy import text

from heedful.common.bus.base import LogRecord
from heedful.common.bus.headers import unpack
from heedful.common.contracts import ErasedItem, Erasure, ErasureReceipt, ItemKind
from heedful.common.erasure import Names, Tombstones
from heedful.common.erasure.names import seal
from heedful.common.erasure.tombstones import SECRET
from heedful.common.events import Delivery, from_record, to_record
from heedful.common.outbox import Relay
from heedful.common.runtime import Handler
from heedful.common.security.secrets import instance_secret
from heedful.common.service import Platform, Service
from heedful.common.topics import PRIVACY_ERASURE, PRIVACY_RECEIPT
from tests.integration.conftest import TENANT

ERASURE = "7d1f1c0e-5d5e-4a39-9d0f-3f0f5f1c2a10"
Key = tuple[ItemKind, str, str]


def feedback_key(source: str, id_: str) -> Key:
    return ItemKind.FEEDBACK, source, id_


def interaction_key(source: str, id_: str) -> Key:
    return ItemKind.INTERACTION, source, id_


def erasure(
    platform: Platform,
    until: datetime,
    *items: Key,
    names: Names = Names(),  # noqa: B008  # frozen
    part: int = 1,
    tenant: str = TENANT,
    erasure_id: str = ERASURE,
) -> Delivery:
    """As a service's handler gets it."""
    payload = Erasure(
        tenant=tenant,
        id=erasure_id,
        part=part,
        requested_at=until,
        requested_by="k-1",
        items=tuple(ErasedItem(kind=kind, source=source, id=id_) for kind, source, id_ in items),
        sealed=seal(platform.secrets, names, erasure_id, part),
    )
    out = to_record(
        PRIVACY_ERASURE, payload, id=f"{erasure_id}/{part}", source="/s", key="k", time=until
    )
    record = LogRecord(PRIVACY_ERASURE.name, 0, part, 0, out.key, out.value, out.headers)
    return from_record(record, PRIVACY_ERASURE)


async def bury(platform: Platform, *items: Key, service: str = "journey") -> None:
    """As if an erasure had named these items."""
    stones = Tombstones(service)
    stones.use_secret(await instance_secret(platform.engine, platform.secrets, SECRET))
    hashes = [stones.item(TENANT, kind.value, source, id_) for kind, source, id_ in items]
    async with platform.engine.begin() as connection:
        await stones.put(connection, ERASURE, hashes, None, datetime.now(UTC))


def obeying(service: Service) -> Handler:
    """What a service does with erasures."""
    (found,) = [one for one in service.subscriptions if PRIVACY_ERASURE in one.topics]
    handler: Handler = found.handler
    return handler


async def obey(service: Service, *told: Delivery) -> None:
    assert list(await obeying(service)(told)) == [[]] * len(told)


async def given(platform: Platform, service: Service) -> Sequence[ErasureReceipt]:
    """The receipts that a service has put into the log so far."""
    relay = next(part for part in service.background if isinstance(part, Relay))
    while await relay.step():
        pass
    async with platform.engine.connect() as connection:
        rows = await connection.execute(
            text(
                "SELECT key, value, headers FROM bus.record WHERE topic = :topic"
                ' ORDER BY written_at, partition, "offset"'
            ),
            {"topic": PRIVACY_RECEIPT.name},
        )
        records = [
            LogRecord(PRIVACY_RECEIPT.name, 0, 0, 0, row.key, row.value, unpack(row.headers))
            for row in rows
        ]
    found = [from_record(record, PRIVACY_RECEIPT).payload for record in records]
    return [one for one in found if isinstance(one, ErasureReceipt)]


def counts(receipt: ErasureReceipt) -> dict[str, int]:
    return {one.kind: one.count for one in receipt.deleted}

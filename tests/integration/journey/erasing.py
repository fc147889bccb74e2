"""Erasing customers, and the log between journey and the services that obey."""

import uuid
from collections.abc import Iterable
from typing import Any

import httpx
from sqlalchemy import text

from heedful.common.bus.base import LogRecord
from heedful.common.bus.headers import unpack
from heedful.common.contracts import Deleted, Erasure, ErasureReceipt
from heedful.common.erasure import Names
from heedful.common.erasure.names import unseal
from heedful.common.events import Delivery, from_record
from heedful.common.outbox import Relay
from heedful.common.topics import PRIVACY_ERASURE, PRIVACY_RECEIPT, Topic
from tests.integration.journey.world import NOW, Journey
from tests.unit.journey.material import delivery

OTHERS = ("alerting", "ingest", "nlp")


async def ask(journey: Journey, customer: str | uuid.UUID | None, **params: str) -> httpx.Response:
    return await journey.client.delete(f"/v1/customers/{customer}", params=params)


async def erase(journey: Journey, name: str, source: str = "crm") -> dict[str, Any]:
    """Erase the customer of an identifier, given as `type:value`; what the answer says."""
    answer = await ask(journey, await journey.customer_of(name, source))
    assert answer.status_code == 202, answer.text
    found: dict[str, Any] = answer.json()
    assert answer.headers["location"] == f"/v1/erasures/{found['id']}"
    return found


async def published(journey: Journey, topic: Topic) -> list[Delivery]:
    """What journey has put into a topic so far, in order."""
    relay = next(part for part in journey.service.background if isinstance(part, Relay))
    while await relay.step():
        pass
    async with journey.platform.engine.connect() as connection:
        rows = await connection.execute(
            text(
                'SELECT partition, "offset", key, value, headers FROM bus.record'
                ' WHERE topic = :topic ORDER BY partition, "offset"'
            ),
            {"topic": topic.name},
        )
        return [
            from_record(
                LogRecord(
                    topic.name, row.partition, row.offset, 0, row.key, row.value,
                    unpack(row.headers),
                ),
                topic,
            )
            for row in rows
        ]  # fmt: skip


async def parts(journey: Journey) -> list[Erasure]:
    """The parts of erasures in the log."""
    found = [one.payload for one in await published(journey, PRIVACY_ERASURE)]
    return [one for one in found if isinstance(one, Erasure)]


def names_of(journey: Journey, part: Erasure) -> Names:
    return unseal(journey.platform.secrets, part.sealed, part.id, part.part)


def receipt(part: Erasure, service: str, **deleted: int) -> Delivery:
    """What a service answers for a part."""
    payload = ErasureReceipt(
        tenant=part.tenant,
        erasure_id=part.id,
        part=part.part,
        service=service,
        version="1",
        completed_at=NOW,
        deleted=tuple(Deleted(kind=kind, count=count) for kind, count in deleted.items()),
    )
    return delivery(PRIVACY_RECEIPT, payload, f"{part.id}/{part.part}/{service}", service, NOW)


async def record(journey: Journey, receipts: Iterable[Delivery]) -> None:
    handler = journey.service.subscriptions[1].handler
    given = list(receipts)
    assert list(await handler(given)) == [[]] * len(given)


async def answer_all(journey: Journey, *services: str) -> None:
    """Journey's own receipts and those of these services reach the record."""
    await record(journey, await published(journey, PRIVACY_RECEIPT))
    asked = {(part.id, part.part): part for part in await parts(journey)}
    await record(
        journey, [receipt(part, one, things=2) for part in asked.values() for one in services]
    )


async def seen(journey: Journey, erasure_id: str) -> dict[str, Any]:
    found: dict[str, Any] = await journey.get(f"/v1/erasures/{erasure_id}")
    return found

"""A mailbox that ingest asks: what is read is in the log, once, whatever restarts."""

from collections.abc import AsyncIterator
from typing import Any

import orjson
import pytest
from sqlalchemy import text

from heedful.common.topics import FEEDBACK_RECEIVED, INTERACTION_RECORDED, Topic
from tests.contract.channels.harness import NOW
from tests.contract.channels.imap.server import Folder, MailServer, serving
from tests.contract.channels.imap.world import certificate, mail
from tests.integration.ingest.conftest import Start
from tests.integration.ingest.test_connections import made
from tests.integration.ingest.test_lines import asking, due, state
from tests.integration.ingest.world import Ingest, headers_of
from tests.patience import until


@pytest.fixture
async def server() -> MailServer:
    made = MailServer()
    for number in (1, 2, 3):
        made.inbox.put(mail(number), NOW)
    return made


@pytest.fixture
async def port(server: MailServer) -> AsyncIterator[int]:
    async with serving(server, certificate().context) as port:
        yield port


async def connected(ingest: Ingest, port: int, **options: Any) -> dict[str, Any]:
    return await made(
        ingest,
        channel="imap",
        secrets={"password": "Xq7-mailbox"},
        options={
            "host": "localhost",
            "port": port,
            "user": "care@shop.example",
            "ca_certificate": certificate().pem,
            "days_back": 3650,
            "own_domains": ["shop.example"],
            **options,
        },
    )


async def ids(ingest: Ingest, topic: Topic = FEEDBACK_RECEIVED) -> list[str]:
    """The first parts of the message ids that are in the log, in order."""
    records = await ingest.records(topic)
    return sorted(headers_of(one)["ce_id"].partition("@")[0] for one in records)


async def look(ingest: Ingest, validity: int, uid: int) -> None:
    """A process that has lines starts, reads the folder up to this mail, and stops."""

    async def done() -> bool:
        async with ingest.platform.engine.connect() as database:
            row = (
                await database.execute(text("SELECT cursor, lease_until FROM ingest.line"))
            ).one()
        at = orjson.loads(row.cursor or "{}")
        return row.lease_until is None and at.get("validity") == validity and at["uid"] == uid

    await due(ingest)
    async with asking(ingest.platform):
        await until(done)


async def test_a_mailbox_is_read_once_through_restarts(
    start: Start, server: MailServer, port: int
) -> None:
    ingest = await start(ALLOW_PRIVATE_TARGETS=1)
    await connected(ingest, port, batch=2)
    await look(ingest, validity=1, uid=3)
    assert await ids(ingest) == ["m1", "m2", "m3"]
    server.inbox.put(mail(4), NOW)
    answer = mail(5, sender="li@shop.example").replace(b"To: care@shop", b"To: wang@mail")
    server.inbox.put(answer, NOW)
    await look(ingest, validity=1, uid=5)
    assert await ids(ingest) == ["m1", "m2", "m3", "m4"]
    assert await ids(ingest, INTERACTION_RECORDED) == ["m5"]
    # Restored from a backup: other UIDs, and the same mails once more.
    server.folders["INBOX"] = Folder(validity=2)
    for number in (1, 2, 3, 4, 6):
        server.inbox.put(mail(number), NOW)
    await look(ingest, validity=2, uid=5)
    assert await ids(ingest) == ["m1", "m2", "m3", "m4", "m6"]


async def test_a_mailbox_on_a_private_address_is_not_asked(
    start: Start, server: MailServer, port: int
) -> None:
    ingest = await start()
    connection = await connected(ingest, port)

    async def refused() -> bool:
        return bool((await state(ingest, connection))["failures"])

    async with asking(ingest.platform):
        await until(refused)
    assert (
        "HEEDFUL_INGEST__ALLOW_PRIVATE_TARGETS" in (await state(ingest, connection))["last_error"]
    )
    assert server.connections == 0

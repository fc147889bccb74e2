"""On Kafka, intake goes on while PostgreSQL is away, and remembers it all when it is back."""

import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import asyncpg
import orjson
import pytest
from sqlalchemy import make_url

from heedful.common.bus.kafka import KafkaBus
from heedful.common.service import Platform
from heedful.common.settings import KafkaSettings
from heedful.common.topics import FEEDBACK_RECEIVED, TOPICS
from heedful.ingest import known
from tests.integration.faults.reading import KafkaReader
from tests.integration.ingest.channels import Parrot, installed
from tests.integration.ingest.conftest import Start
from tests.integration.ingest.test_channels import SAID, sent
from tests.integration.ingest.test_connections import made
from tests.integration.ingest.world import FEEDBACK, Ingest, problem
from tests.patience import until

pytestmark = pytest.mark.kafka


@pytest.fixture
async def bus(kafka_bootstrap: str) -> AsyncIterator[KafkaBus]:
    made_bus = KafkaBus(KafkaSettings(bootstrap_servers=kafka_bootstrap), "heedful-test")
    await made_bus.start()
    await made_bus.create_topics(TOPICS)
    yield made_bus
    await made_bus.stop()


@pytest.fixture
async def ingest(
    platform: Platform, bus: KafkaBus, start: Start, monkeypatch: pytest.MonkeyPatch
) -> Ingest:
    monkeypatch.setattr("heedful.ingest.main.adapters", lambda: installed(Parrot()))
    monkeypatch.setattr(known, "AWAY_S", 0.5)
    return await start(replace(platform, bus=bus))


@asynccontextmanager
async def database_away(ingest: Ingest, postgres_url: str) -> AsyncIterator[None]:
    url = ingest.platform.settings.database_url
    assert url is not None
    name = make_url(url.get_secret_value()).database
    admin = await asyncpg.connect(postgres_url)
    try:
        await admin.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
        await admin.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", name
        )
        yield
    finally:
        await admin.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')
        await admin.close()


async def in_the_log(bootstrap: str, source: str) -> list[str]:
    """Ids of this source's records, by a client that is not ours."""
    reader = KafkaReader(bootstrap)
    bodies = [orjson.loads(raw.value or b"{}") for raw in await reader.read(FEEDBACK_RECEIVED.name)]
    return sorted(body["id"] for body in bodies if body.get("source") == source)


async def test_intake_goes_on_and_is_remembered(
    ingest: Ingest, kafka_bootstrap: str, postgres_url: str
) -> None:
    source = f"crm-{uuid.uuid4()}"
    connection = await made(ingest)
    # Whoever has been here before is known while the database is away.
    assert (await ingest.post("/v1/feedback", {**FEEDBACK, "source": source})).status_code == 202
    assert (await sent(ingest, connection, {"items": [SAID]})).status_code == 200
    async with database_away(ingest, postgres_url):
        # A balancer that asks goes on sending here.
        assert (await ingest.client.get("/readyz")).status_code == 200
        for number in range(3):
            said = {**FEEDBACK, "source": source, "id": f"away-{number}"}
            assert (await ingest.post("/v1/feedback", said)).status_code == 202
            again = await ingest.post("/v1/feedback", said)
            assert again.json()["status"] == "duplicate"
        heard = await sent(ingest, connection, {"items": [{**SAID, "id": "m-2"}]})
        assert heard.json()["accepted"] == 1
        # What cannot be taken cannot be kept either: the vendor has to send it again.
        unread = await sent(ingest, connection, {"items": [{"unreadable": True}]})
        problem(unread, 503, "unavailable")
    async with ingest.beside("ingest.known"):
        await until(lambda: remembered(ingest))
    changed = {**FEEDBACK, "source": source, "id": "away-0", "text": "改了"}
    problem(await ingest.post("/v1/feedback", changed), 409, "conflict")
    wanted = ["away-0", "away-1", "away-2", "call-1"]
    assert await in_the_log(kafka_bootstrap, source) == wanted


async def remembered(ingest: Ingest) -> bool:
    """Four by the API, two by the channel."""
    return await ingest.remembered() == 6

"""What a person does through a key is written down as the person's."""

import pytest

from heedful.common.service import Platform
from tests.integration.ingest.channels import Parrot, installed
from tests.integration.ingest.conftest import Start
from tests.integration.ingest.test_quarantine import UNFINISHED, kept
from tests.integration.ingest.world import Ingest
from tests.people import NOW, Console

CONSOLE = Console()
WANG = "human:wang.fang"


@pytest.fixture
async def ingest(start: Start, platform: Platform, monkeypatch: pytest.MonkeyPatch) -> Ingest:
    monkeypatch.setattr("heedful.ingest.main.adapters", lambda: installed(Parrot()))
    return await start(CONSOLE.believed(platform, NOW))


async def test_privacy_is_changed_by_the_person(ingest: Ingest) -> None:
    headers = CONSOLE.headers(NOW)
    made = await ingest.client.put("/v1/privacy", json={"redaction": "hash"}, headers=headers)
    assert made.json()["changed_by"] == WANG
    await ingest.client.put("/v1/privacy", json={"redaction": "mask"})
    changes = (await ingest.client.get("/v1/privacy/changes")).json()["items"]
    by_key, by_person = [one["changed_by"] for one in changes]
    assert by_key.startswith("env-")
    assert by_person == WANG


async def test_a_standard_is_put_by_the_person(ingest: Ingest) -> None:
    standard = {"feedback": {"required": ["conversation_id"]}}
    headers = CONSOLE.headers(NOW)
    made = await ingest.client.put("/v1/standards/chat", json=standard, headers=headers)
    assert made.json()["created_by"] == WANG


async def test_what_is_kept_back_is_discarded_by_the_person(ingest: Ingest) -> None:
    _, entry = await kept(ingest, UNFINISHED)
    path = f"/v1/quarantine/{entry['id']}"
    await ingest.client.post(f"{path}/discard", json={}, headers=CONSOLE.headers(NOW))
    assert (await ingest.client.get(path)).json()["resolved_by"] == WANG

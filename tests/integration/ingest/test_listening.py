"""What a robot hears over DingTalk's Stream is in the log before DingTalk is answered."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from heedful.ingest.channels.dingtalk_stream import DingTalkStream
from tests.contract.channels.dingtalk_stream.vendor import SECRET, Vendor, frame, serving
from tests.integration.ingest.channels import installed
from tests.integration.ingest.conftest import Start
from tests.integration.ingest.test_connections import made
from tests.integration.ingest.test_lines import asking
from tests.integration.ingest.world import Ingest, body_of, headers_of

FIXTURES = Path(__file__).parents[2] / "contract" / "channels" / "dingtalk_stream"
PUSHED = (FIXTURES / "callback.json").read_text()
STREAM = {
    "channel": "dingtalk_stream",
    "secrets": {"client_id": "dingphtembyvlbeq2y4d", "client_secret": SECRET},
    "options": {"notes_command": "/voc"},
}


@pytest.fixture
async def vendor() -> AsyncIterator[Vendor]:
    async with serving() as running:
        yield running


@pytest.fixture
async def ingest(start: Start, vendor: Vendor, monkeypatch: pytest.MonkeyPatch) -> Ingest:
    stream = DingTalkStream()
    monkeypatch.setattr("heedful.ingest.main.adapters", lambda: installed(stream))
    urls = json.dumps({"https://api.dingtalk.com": vendor.url})
    monkeypatch.setenv("HEEDFUL_INGEST__VENDOR_URLS", urls)
    monkeypatch.setenv("HEEDFUL_INGEST__ALLOW_PRIVATE_TARGETS", "true")
    return await start()


async def test_a_robots_message_is_in_the_log_before_it_is_answered(
    ingest: Ingest, vendor: Vendor
) -> None:
    connection = await made(ingest, **STREAM)
    async with asking(ingest.platform):
        line = await vendor.line(0)
        for _ in range(2):
            await line.send_str(PUSHED)
            assert (await vendor.answer())["code"] == 200
            # Sent twice it is one item.
            (record,) = await ingest.records()
    assert headers_of(record)["ce_source"] == f"/acme/dingtalk_stream:{connection['id']}"
    said = body_of(record)
    assert (said["channel"], said["text"]) == ("chat", "ss")
    assert said["provenance"]["mapping"]["text"] == "text.content"


async def test_what_cannot_be_read_is_in_quarantine_before_it_is_answered(
    ingest: Ingest, vendor: Vendor
) -> None:
    await made(ingest, **STREAM)
    async with asking(ingest.platform):
        line = await vendor.line(0)
        await line.send_str(frame('{"msgtype":"text"}'))
        assert (await vendor.answer())["code"] == 500
    (kept,) = (await ingest.client.get("/v1/quarantine")).json()["items"]
    assert (kept["reason"], kept["channel"]) == ("malformed", "dingtalk_stream")


async def test_nothing_can_be_posted_in_place_of_the_line(ingest: Ingest) -> None:
    connection = await made(ingest, **STREAM)
    path = f"/v1/channels/dingtalk_stream/{connection['id']}"
    response = await ingest.post(path, json.loads(PUSHED)["data"].encode())
    assert response.status_code == 401

"""https://open-dingtalk.github.io/developerpedia/docs/learn/stream/protocol. The frame in
callback.json is one that the official SDK quotes, without `senderStaffId`:
https://github.com/open-dingtalk/dingtalk-stream-sdk-nodejs/blob/main/src/client.ts
"""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from heedful.common.http.problems import Problem, unavailable
from heedful.ingest.channels import Malformed, Unverified, VendorFailure
from heedful.ingest.channels.dingtalk_frames import read
from heedful.ingest.channels.dingtalk_stream import DingTalkStream, Options
from tests.contract.channels.dingtalk_stream.vendor import (
    SECRET,
    SECRETS,
    Ingest,
    Vendor,
    disconnect,
    frame,
    listening,
    serving,
)
from tests.contract.channels.harness import NOW, expect, request

FOLDER = Path(__file__).parent
PUSHED = (FOLDER / "callback.json").read_text()
DATA = read(PUSHED.encode()).data
ADAPTER = DingTalkStream()


@pytest.fixture
async def vendor() -> AsyncIterator[Vendor]:
    async with serving() as running:
        yield running


@pytest.fixture
def ingest() -> Ingest:
    return Ingest()


def code_of(answer: Any) -> tuple[int, str]:
    return answer["code"], answer["headers"]["messageId"]


def test_a_message_of_the_line_reads_as_one_by_http() -> None:
    items = ADAPTER.parse(request(DATA.encode()), Options()).items
    expect(FOLDER, "callback", items)


async def test_only_the_robots_topic_is_subscribed_to(vendor: Vendor, ingest: Ingest) -> None:
    async with listening(vendor, ingest):
        await vendor.line(0)
    (asked,) = vendor.registrations
    assert asked.pop("ua").startswith("heedful-sdk-python/")
    assert asked == {
        "clientId": "dingphtembyvlbeq2y4d",
        "clientSecret": SECRET,
        "subscriptions": [{"type": "CALLBACK", "topic": "/v1.0/im/bot/messages/get"}],
    }


async def test_a_message_is_answered_once_the_log_has_it(vendor: Vendor, ingest: Ingest) -> None:
    ingest.free.clear()
    async with listening(vendor, ingest):
        line = await vendor.line(0)
        await line.send_str(PUSHED)
        (given,) = await ingest.asked(1)
        assert (given.body, given.received_at) == (DATA.encode(), NOW)
        # The line goes on meanwhile, and nothing is answered but the ping.
        await line.send_str(frame('{"opaque":"1"}', kind="SYSTEM", topic="ping"))
        assert code_of(await vendor.answer()) == (200, "m-1")
        assert vendor.silent
        ingest.free.set()
        assert await vendor.answer() == {
            "code": 200,
            "headers": {
                "contentType": "application/json",
                "messageId": "213f1d00_853_187b7df781f_225d",
            },
            "message": "OK",
            "data": '{"response":null}',
        }


async def test_a_ping_is_answered_with_its_own_data(vendor: Vendor, ingest: Ingest) -> None:
    async with listening(vendor, ingest):
        line = await vendor.line(0)
        await line.send_str(frame('{"opaque" : "123-dsfs"}', kind="SYSTEM", topic="ping"))
        answer = await vendor.answer()
    assert (answer["code"], answer["data"]) == (200, '{"opaque" : "123-dsfs"}')


async def test_the_proof_is_the_line_and_nothing_can_be_posted(
    vendor: Vendor, ingest: Ingest
) -> None:
    with pytest.raises(Unverified, match="nothing is posted"):
        ADAPTER.verify(request(DATA.encode()), SECRETS)
    async with listening(vendor, ingest):
        await (await vendor.line(0)).send_str(PUSHED)
        (given,) = await ingest.asked(1)
    with pytest.raises(Unverified):
        # Of another process, or recorded.
        ADAPTER.verify(given, SECRETS)


@pytest.mark.parametrize("problem", [unavailable("the log is away"), OSError(), RuntimeError()])
async def test_a_message_that_the_log_does_not_take_is_given_again(
    vendor: Vendor, ingest: Ingest, problem: Exception
) -> None:
    """DingTalk would not send it again."""
    ingest.problems = [problem] * 7
    async with listening(vendor, ingest):
        await (await vendor.line(0)).send_str(PUSHED)
        assert (await vendor.answer())["code"] == 200
    assert len(ingest.requests) == 8
    assert {given.body for given in ingest.requests} == {DATA.encode()}
    assert ingest.pauses == [0.5, 1, 2, 4, 8, 10, 10]


async def test_a_message_that_is_refused_is_answered_so(vendor: Vendor, ingest: Ingest) -> None:
    ingest.problems = [Problem(400, "malformed", "msgId is missing")]
    async with listening(vendor, ingest):
        line = await vendor.line(0)
        await line.send_str(PUSHED)
        assert (await vendor.answer())["code"] == 500
        await line.send_str(PUSHED)
        assert (await vendor.answer())["code"] == 200
    assert ingest.pauses == []


async def test_the_next_line_is_open_before_the_old_one_is_closed(
    vendor: Vendor, ingest: Ingest
) -> None:
    async with listening(vendor, ingest):
        await (await vendor.line(0)).send_str(disconnect())
        following = await vendor.line(1)
        await following.send_str(PUSHED)
        assert (await vendor.answer())["code"] == 200
    assert vendor.open_before == [0, 1]
    assert len(vendor.registrations) == 2


async def test_a_message_that_waits_outlives_its_line(vendor: Vendor, ingest: Ingest) -> None:
    ingest.free.clear()
    async with listening(vendor, ingest) as task:
        line = await vendor.line(0)
        await line.send_str(PUSHED)
        await ingest.asked(1)
        await line.close()
        ingest.free.set()
        with pytest.raises(VendorFailure, match="line broke"):
            await task
    assert len(ingest.requests) == 1


async def test_a_line_that_is_cut_is_a_failure(vendor: Vendor, ingest: Ingest) -> None:
    async with listening(vendor, ingest) as task:
        await vendor.line(0)
        vendor.transports[0].abort()
        with pytest.raises(VendorFailure, match="line broke"):
            await task


async def test_a_line_over_which_no_pong_comes_is_a_failure(vendor: Vendor, ingest: Ingest) -> None:
    vendor.deaf = True
    async with listening(vendor, ingest) as task:
        await vendor.line(0)
        with pytest.raises(VendorFailure, match="line broke"):
            await task


@pytest.mark.parametrize(
    "broken",
    [
        "no JSON",
        "[]",
        "{}",
        '{"type":"SYSTEM"}',
        '{"type":"OTHER","headers":{"topic":"x"}}',
        '{"type":"CALLBACK","headers":{"topic":"x"},"data":{}}',
        frame("no JSON"),
    ],
)
async def test_a_broken_frame_is_kept_and_breaks_nothing(
    vendor: Vendor, ingest: Ingest, broken: str
) -> None:
    async with listening(vendor, ingest):
        line = await vendor.line(0)
        await line.send_str(broken)
        (given,) = await ingest.asked(1)
        with pytest.raises(Malformed):
            ADAPTER.parse(given, Options())
        await line.send_str(PUSHED)
        await ingest.asked(2)


async def test_bytes_are_read_as_text_is(vendor: Vendor, ingest: Ingest) -> None:
    async with listening(vendor, ingest):
        await (await vendor.line(0)).send_bytes(PUSHED.encode())
        (given,) = await ingest.asked(1)
    assert given.body == DATA.encode()


@pytest.mark.parametrize(
    ("kind", "topic"), [("EVENT", "*"), ("CALLBACK", "/v1.0/card/instances/callback")]
)
async def test_other_topics_are_nobodys_here(
    vendor: Vendor, ingest: Ingest, kind: str, topic: str
) -> None:
    async with listening(vendor, ingest):
        await (await vendor.line(0)).send_str(frame("{}", kind=kind, topic=topic))
        assert code_of(await vendor.answer()) == (404, "m-1")
    assert not ingest.requests


async def test_other_words_of_the_system_are_heard_in_silence(
    vendor: Vendor, ingest: Ingest
) -> None:
    async with listening(vendor, ingest):
        line = await vendor.line(0)
        await line.send_str(frame("{}", kind="SYSTEM", topic="KEEPALIVE"))
        await line.send_str(frame("{}", kind="SYSTEM", topic="ping", message_id="m-2"))
        assert code_of(await vendor.answer()) == (200, "m-2")


async def test_a_message_that_comes_twice_is_one_item(vendor: Vendor, ingest: Ingest) -> None:
    async with listening(vendor, ingest):
        line = await vendor.line(0)
        for push in ("m-1", "m-2"):
            await line.send_str(frame(DATA, message_id=push))
        first, second = await ingest.asked(2)
    assert ADAPTER.parse(first, Options()) == ADAPTER.parse(second, Options())


async def test_a_stop_waits_for_what_is_under_way(vendor: Vendor, ingest: Ingest) -> None:
    ingest.free.clear()
    async with listening(vendor, ingest) as task:
        await (await vendor.line(0)).send_str(PUSHED)
        await ingest.asked(1)
        task.cancel()
        await asyncio.sleep(0)
        assert not task.done()
        ingest.free.set()
        assert (await vendor.answer())["code"] == 200
        with pytest.raises(asyncio.CancelledError):
            await task

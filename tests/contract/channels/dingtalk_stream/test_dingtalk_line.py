"""Opening a line: what DingTalk may answer, and what is told of it."""

import traceback
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from heedful.ingest.channels import VendorFailure
from heedful.ingest.channels.dingtalk_line import endpoint
from tests.contract.channels.dingtalk_stream.vendor import (
    SECRET,
    Ingest,
    Vendor,
    listening,
    serving,
)

REFUSED = (
    b'{"requestid":"ED203550-DBBC-7C58-9504-9FA6D4444F17","code":"authFailed",'
    b'"message":"\xe9\x89\xb4\xe6\x9d\x83\xe5\xa4\xb1\xe8\xb4\xa5"}'
)


@pytest.fixture
async def vendor() -> AsyncIterator[Vendor]:
    async with serving() as running:
        yield running


async def failure(vendor: Vendor, base_url: str | None = None) -> VendorFailure:
    """Why no line opens; without a secret or ticket, also in what a log would show."""
    reached = base_url or vendor.url
    async with listening(vendor, Ingest(), lambda _: reached) as task:
        with pytest.raises(VendorFailure) as raised:
            await task
    shown = "".join(traceback.format_exception(raised.value))
    assert SECRET not in shown
    assert "ticket=" not in shown
    return raised.value


@pytest.mark.parametrize(
    ("status", "body", "said", "again"),
    [
        (401, REFUSED, "HTTP 401, authFailed", timedelta(minutes=5)),
        (400, b"<html>", "HTTP 400", timedelta(minutes=5)),
        (
            403,
            b'{"code":"what is this: ' + SECRET.encode() + b'"}',
            "HTTP 403)",
            timedelta(minutes=5),
        ),
        (429, b'{"code":"Throttling.Api"}', "HTTP 429, Throttling.Api", timedelta(minutes=1)),
        (503, b"", "HTTP 503", None),
        (302, b"", "HTTP 302", None),
    ],
)
async def test_a_refusal_is_told_with_its_code(
    vendor: Vendor, status: int, body: bytes, said: str, again: timedelta | None
) -> None:
    vendor.refusals = [(status, body)]
    told = await failure(vendor)
    assert said in str(told)
    assert told.retry_after == again


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "not JSON"),
        (b"[]", "not a JSON object"),
        (b'{"ticket":"t"}', "endpoint is missing"),
        (b'{"endpoint":"wss://example.com/connect"}', "ticket is missing"),
        (b'{"endpoint":"https://example.com","ticket":"t"}', "not a wss:// address"),
        (b'{"endpoint":"ws://","ticket":"t"}', "not a wss:// address"),
        (b'{"endpoint":"wss://[","ticket":"t"}', "ValueError"),
        (b" " * 70_000, "more than 65536 bytes"),
    ],
)
async def test_an_answer_that_names_no_line_is_a_failure(
    vendor: Vendor, body: bytes, said: str
) -> None:
    vendor.refusals = [(200, body)]
    assert said in str(await failure(vendor))


async def test_a_ticket_that_was_used_opens_nothing(vendor: Vendor) -> None:
    vendor.endpoint = vendor.url.replace("http:", "ws:") + "/connect?ticket=used"
    assert "HTTP 401" in str(await failure(vendor))


async def test_a_server_that_is_away_is_a_failure(vendor: Vendor) -> None:
    assert "no line to DingTalk" in str(await failure(vendor, "http://127.0.0.1:9"))


def test_a_line_without_tls_is_not_opened() -> None:
    """DingTalk's own address is https, so what it names must be wss."""
    answer = b'{"endpoint":"ws://wss-open-connection.dingtalk.com:443/connect","ticket":"t"}'
    with pytest.raises(VendorFailure, match="not a wss:// address"):
        endpoint(200, answer, secure=True)


def test_the_ticket_is_added_to_what_dingtalk_names() -> None:
    """The answer that the protocol's page shows, and one with a query of its own."""
    named = "wss://wss-open-connection.dingtalk.com:443/connect"
    for at, between in ((named, "?"), (named + "?a=1", "&")):
        answer = b'{"endpoint":"%s","ticket":"7724109a ea43"}' % at.encode()
        assert endpoint(200, answer, secure=True) == f"{at}{between}ticket=7724109a+ea43"

"""The W3C trace context of a request (Trace Context §3.2)."""

import re

import httpx
import pytest

TRACE, SPAN = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"


async def _trace(client: httpx.AsyncClient, *sent: str) -> str:
    headers = [("traceparent", value) for value in sent]
    found: str = (await client.get("/v1/trace", headers=headers)).json()["traceparent"]
    assert re.fullmatch(r"00-[0-9a-f]{32}-[0-9a-f]{16}-01", found)
    return found


async def test_the_trace_of_the_caller_goes_on_with_a_span_of_ours(
    client: httpx.AsyncClient,
) -> None:
    found = await _trace(client, f"00-{TRACE}-{SPAN}-00")
    assert found.split("-")[1] == TRACE
    assert found.split("-")[2] != SPAN


async def test_without_a_trace_each_request_begins_one(client: httpx.AsyncClient) -> None:
    assert await _trace(client) != await _trace(client)


@pytest.mark.parametrize(
    "sent",
    [
        "",
        "x",
        f"00-{TRACE.upper()}-{SPAN}-01",
        f"00-{TRACE}-{SPAN}",
        f"00-{TRACE[:-1]}-{SPAN}-01",
        f"00-{'0' * 32}-{SPAN}-01",
        f"00-{TRACE}-{'0' * 16}-01",
        f"ff-{TRACE}-{SPAN}-01",
    ],
)
async def test_a_broken_trace_is_replaced_by_one_of_ours(
    client: httpx.AsyncClient, sent: str
) -> None:
    assert (await _trace(client, sent)).split("-")[1] not in {TRACE, TRACE.upper(), "0" * 32}

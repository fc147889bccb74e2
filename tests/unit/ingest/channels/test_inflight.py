"""Messages that wait for the log: how many, for how long, and what a stop does to them."""

import asyncio
import dataclasses
import logging
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import pytest
from prometheus_client import REGISTRY

from heedful.common.http.problems import unavailable
from heedful.ingest.channels import Answer, ChannelRequest
from heedful.ingest.channels.inflight import InFlight

REQUEST = ChannelRequest("STREAM", {}, {}, b"x" * 100, datetime(2026, 11, 24, tzinfo=UTC))


async def unheard(_taken: bool) -> None:
    """A vendor that does not mind."""


async def away(_request: ChannelRequest) -> Answer:
    raise unavailable("the log is away")


async def turn(_seconds: float) -> None:
    await asyncio.sleep(0)


def gate(open_: asyncio.Event) -> Callable[[ChannelRequest], Awaitable[Answer]]:
    async def deliver(_request: ChannelRequest) -> Answer:
        await open_.wait()
        return Answer()

    return deliver


def lost() -> float:
    return REGISTRY.get_sample_value("heedful_ingest_line_lost_total", {"channel": "test"}) or 0


async def test_the_end_waits_for_what_is_under_way() -> None:
    answers: list[bool] = []

    async def told(taken: bool) -> None:
        answers.append(taken)

    open_ = asyncio.Event()
    async with InFlight("test", gate(open_)) as in_flight:
        for _ in range(20):
            await in_flight.put(REQUEST, told)
        open_.set()
    assert answers == [True] * 20


async def test_what_is_not_taken_in_time_is_counted_and_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    before = lost()
    with caplog.at_level(logging.ERROR):
        async with InFlight("test", away, pause=turn, drain_s=0) as in_flight:
            for _ in range(7):
                await in_flight.put(REQUEST, unheard)
    assert lost() == before + 7
    assert "its last messages are lost" in caplog.text


async def test_a_line_waits_when_too_much_is_under_way() -> None:
    open_ = asyncio.Event()
    async with InFlight("test", gate(open_), max_bytes=250) as in_flight:
        await in_flight.put(REQUEST, unheard)
        await in_flight.put(REQUEST, unheard)
        third = asyncio.create_task(in_flight.put(REQUEST, unheard))
        await asyncio.sleep(0)
        assert not third.done()
        open_.set()
        await third


async def test_one_message_larger_than_all_is_taken_all_the_same() -> None:
    open_ = asyncio.Event()
    open_.set()
    large = dataclasses.replace(REQUEST, body=b"x" * 1000)
    async with InFlight("test", gate(open_), max_bytes=250) as in_flight:
        await in_flight.put(large, unheard)
        await in_flight.put(large, unheard)

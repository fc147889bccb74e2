"""`heedful dlq` on a real log: what it shows, what it sends again, and what it leaves."""

import asyncio
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from click.testing import CliRunner, Result

from heedful.cli.dlq import dlq
from heedful.cli.dlq_letters import DeadLetter
from heedful.common.bus.base import LogRecord, Outgoing, Record
from heedful.common.bus.reading import everything
from heedful.common.errors import InvalidMessage
from heedful.common.runtime.deadletter import dead_letter
from heedful.common.service import Platform
from heedful.common.topics import FEEDBACK_RECEIVED, INTERACTION_RECORDED, Topic
from tests.integration.conftest import SECRET_KEYS
from tests.integration.erasures import bury, feedback_key
from tests.integration.nlp.world import feedback, received

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
WORDS = "我的电话是13900001234".encode()


def letter(
    number: int,
    reason: str = "bad_payload",
    topic: Topic = FEEDBACK_RECEIVED,
    headers: Sequence[tuple[str, bytes]] = (),
    hour: int = 12,
) -> Outgoing:
    record = LogRecord(topic.name, 3, number, 0, b"key-%d" % number, WORDS, (("x", b"1"), *headers))
    return dead_letter(
        record,
        InvalidMessage(reason, "text: too short"),
        group="heedful.nlp",
        attempts=2,
        failed_at=NOON.replace(hour=hour),
    )


@pytest.fixture
def heedful(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Runs `heedful dlq …` on this test's database and log."""
    assert platform.settings.database_url is not None
    url = platform.settings.database_url.get_secret_value()
    monkeypatch.setenv("HEEDFUL_DATABASE_URL", url)

    async def run(*arguments: str) -> Result:
        result = await asyncio.to_thread(CliRunner().invoke, dlq, list(arguments))
        assert result.exit_code == 0, result.output + repr(result.exception)
        return result

    return run


async def of(platform: Platform, topic: Topic) -> list[Record]:
    return [record async for record in everything(platform.bus, [topic.name])]


async def test_an_empty_queue_is_said_to_be_empty(heedful: Any) -> None:
    assert (await heedful("list")).output == "0 dead letters\n"
    assert (await heedful("replay")).output == "0 of 0 dead letters replayed\n"


async def test_list_says_where_and_why_and_never_the_words(
    platform: Platform, heedful: Any
) -> None:
    await platform.bus.producer.send(
        [letter(1), letter(2, "unexpected_error", INTERACTION_RECORDED, hour=13)]
    )
    shown = (await heedful("list")).output
    assert "from heedful.feedback.received.v1/3@1 by heedful.nlp: text: too short" in shown
    assert "2 dead letters: 1 bad_payload, 1 unexpected_error" in shown
    assert "13900001234" not in shown
    (one,) = (
        await heedful("list", "--json", "--topic", INTERACTION_RECORDED.name)
    ).output.splitlines()
    assert json.loads(one)["source_offset"] == 2


async def test_replay_sends_what_was_there_once(platform: Platform, heedful: Any) -> None:
    await platform.bus.producer.send([letter(1), letter(2)])
    assert "2 of 2 dead letters replayed" in (await heedful("replay")).output
    found = await of(platform, FEEDBACK_RECEIVED)
    assert {(one.key, one.value) for one in found} == {(b"key-1", WORDS), (b"key-2", WORDS)}
    assert found[0].headers == (("x", b"1"), ("dlq_replay_count", b"1"))

    second = (await heedful("replay")).output
    assert "0 of 2 dead letters replayed" in second
    assert "2 replayed before" in second
    assert "2 of them were replayed" in (await heedful("list")).output
    assert len(await of(platform, FEEDBACK_RECEIVED)) == 2

    assert "2 of 2 dead letters replayed" in (await heedful("replay", "--again")).output
    assert len(await of(platform, FEEDBACK_RECEIVED)) == 4


async def test_a_dry_run_sends_nothing_and_remembers_nothing(
    platform: Platform, heedful: Any
) -> None:
    await platform.bus.producer.send([letter(1)])
    assert "1 of 1 dead letters would be replayed" in (await heedful("replay", "--dry-run")).output
    assert await of(platform, FEEDBACK_RECEIVED) == []
    assert "1 of 1 dead letters replayed" in (await heedful("replay")).output


async def test_filters_choose_by_topic_reason_and_time(platform: Platform, heedful: Any) -> None:
    await platform.bus.producer.send(
        [
            letter(1, hour=8),
            letter(2, "unexpected_error", hour=9),
            letter(3, hour=10),
            letter(4, topic=INTERACTION_RECORDED, hour=10),
        ]
    )
    chosen = await heedful(
        "replay", "--topic", FEEDBACK_RECEIVED.name, "--reason", "bad_payload",
        "--since", "2026-11-24T09:00:00Z", "--until", "2026-11-24T19:00:00+08:00",
    )  # fmt: skip
    assert "1 of 1 dead letters replayed" in chosen.output
    assert [one.key for one in await of(platform, FEEDBACK_RECEIVED)] == [b"key-3"]


async def test_what_comes_back_too_often_stays(platform: Platform, heedful: Any) -> None:
    await platform.bus.producer.send([letter(1, headers=[("dlq_replay_count", b"3")]), letter(2)])
    shown = (await heedful("replay")).output
    assert "1 of 2 dead letters replayed" in shown
    assert "replayed 3 times or more" in shown
    assert "2 of 2" in (await heedful("replay", "--max-replays", "9", "--again")).output


async def test_a_limit_leaves_the_younger_ones(platform: Platform, heedful: Any) -> None:
    await platform.bus.producer.send([letter(2, hour=9), letter(1, hour=8)])
    assert "1 beyond --limit" in (await heedful("replay", "--limit", "1")).output
    assert [one.key for one in await of(platform, FEEDBACK_RECEIVED)] == [b"key-1"]


async def test_what_was_erased_is_not_sent_again(
    platform: Platform, heedful: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HEEDFUL_SECRET_KEYS", SECRET_KEYS)
    records = [received(feedback(number, "好")) for number in (1, 2)]
    dead = [
        dead_letter(
            LogRecord(one.topic, 0, 0, 0, one.key, one.value, one.headers),
            InvalidMessage("unexpected_error", "it failed"),
            group="heedful.nlp",
            attempts=3,
            failed_at=NOON,
        )
        for one in records
    ]
    await platform.bus.producer.send(dead)
    await bury(platform, feedback_key("calls", "f1"))
    assert "left: 1 of customers who were erased" in (await heedful("replay")).output
    (left,) = await of(platform, FEEDBACK_RECEIVED)
    assert left.value == records[1].value


async def test_a_letter_of_somebody_else_is_shown_and_stays(
    platform: Platform, heedful: Any
) -> None:
    foreign = Outgoing(FEEDBACK_RECEIVED.dlq, None, b"?", (("source_topic", b"other"),))
    await platform.bus.producer.send([foreign])
    assert "1 dead letters" in (await heedful("list")).output
    shown = (await heedful("replay")).output
    assert "left: 1 without a source topic of the registry" in shown


def test_a_letter_says_what_its_headers_say() -> None:
    made = letter(7, headers=[("dlq_replay_count", b"2")])
    record = LogRecord(made.topic, 0, 0, 0, made.key, made.value, made.headers)
    read = DeadLetter.read(record)
    assert (read.source_partition, read.source_offset) == (3, 7)
    assert (read.attempts, read.replays, read.failed_at) == (2, 2, NOON)
    assert read.again().headers == (("x", b"1"), ("dlq_replay_count", b"3"))


@pytest.mark.parametrize("value", ["yesterday", "2026-11-24T12:00:00"])
def test_a_time_that_cannot_be_read_is_told(value: str) -> None:
    result = CliRunner().invoke(dlq, ["list", "--since", value])
    assert result.exit_code == 2
    assert value in result.output

"""Records that can never be handled: where they go, and when there are too many of them."""

from dataclasses import replace

import pytest

from heedful.common.bus import Outgoing
from heedful.common.errors import InvalidMessage
from heedful.common.events import Delivery
from heedful.common.runtime import Handled
from tests.contract.bus.postgres import Sql
from tests.integration.runtime.conftest import BOTH
from tests.integration.runtime.world import EXPLOSIVE, Recorder, World, note, text_of
from tests.patience import until


def poison(world: World, kind: str) -> Outgoing:
    good = note(world.topic, "poison")
    return {
        "not an event": replace(good, value=b"\xff", headers=(("x", b"\xfe"), ("x", b""))),
        "another type": replace(
            good, headers=tuple((n, b"t" if n == "ce_type" else v) for n, v in good.headers)
        ),
        "no payload": replace(good, value=None),
        "no key and no payload": replace(good, key=None, value=None),
        "another shape": replace(good, value=b'{"words": []}'),
        "a decoder that fails": note(world.topic, EXPLOSIVE),
    }[kind]


REASONS = {
    "not an event": b"not_cloudevent",
    "another type": b"unexpected_type",
    "no payload": b"no_data",
    "no key and no payload": b"no_data",
    "another shape": b"bad_payload",
    "a decoder that fails": b"unexpected_error",
}


@pytest.mark.parametrize("what", REASONS)
async def test_poison_goes_to_the_dead_letters_as_it_was_and_the_rest_goes_on(
    world: World, what: str
) -> None:
    await _poison_goes_and_the_rest_goes_on(world, what)


@pytest.mark.kafka
@pytest.mark.parametrize("kind", BOTH[1:], indirect=True)
@pytest.mark.parametrize("what", ["not an event", "no key and no payload"])
async def test_poison_goes_to_the_dead_letters_of_kafka_too(world: World, what: str) -> None:
    await _poison_goes_and_the_rest_goes_on(world, what)


async def _poison_goes_and_the_rest_goes_on(world: World, what: str) -> None:
    bad = poison(world, what)
    await world.send("before")
    await world.bus.producer.send([bad, note(world.topic, "after")])
    recorder = Recorder()
    async with world.running(recorder):
        [letter] = await world.letters(1)
        await until(lambda: sorted(recorder.handled) == ["after", "before"])
    assert (letter.key, letter.value) == (bad.key, bad.value)
    assert letter.headers[: len(bad.headers)] == bad.headers
    assert dict(letter.headers)["error_name"] == REASONS[what]
    assert dict(letter.headers)["consumer_group"] == world.group.encode()
    assert await world.uncommitted() == 0


@pytest.mark.parametrize("raised", [False, True], ids=["returned", "raised"])
async def test_an_event_that_the_handler_refuses_is_a_dead_letter_with_its_reason_at_once(
    world: World, raised: bool
) -> None:
    async def refuse(delivery: Delivery) -> Handled | None:
        if text_of(delivery) != "b":
            return None
        reason = InvalidMessage("too_odd", "the handler does not take it")
        if raised:
            raise reason
        return reason

    await world.send("a", "b", "c")
    recorder = Recorder(refuse)
    async with world.running(recorder):
        [letter] = await world.letters(1)
        await until(lambda: sorted(set(recorder.handled)) == ["a", "c"])
    headers = dict(letter.headers)
    assert (headers["ce_id"], headers["error_name"], headers["attempts"]) == (
        b"b",
        b"too_odd",
        b"1",
    )
    assert headers["error_message"] == b"the handler does not take it"


@pytest.mark.parametrize("neighbours", [0, 3])
async def test_an_unknown_error_is_tried_three_times_alone_and_then_a_dead_letter(
    world: World, neighbours: int
) -> None:
    """The error's words may be the customer's: only its type is told."""
    tried = 0

    async def stumble(delivery: Delivery) -> None:
        nonlocal tried
        if text_of(delivery) == "bad":
            tried += 1
            raise ValueError("the customer's words")

    others = [f"{number}" for number in range(neighbours)]
    await world.send(*others[:1], "bad", *others[1:])
    recorder = Recorder(stumble)
    async with world.running(recorder, batch_records=10):
        [letter] = await world.letters(1)
        await until(lambda: recorder.handled == others)
    # In company the first failure is nobody's: it only says that one of them fails.
    assert tried == 3 + bool(neighbours)
    headers = dict(letter.headers)
    assert (headers["error_name"], headers["attempts"]) == (b"unexpected_error", b"3")
    assert headers["error_message"] == b"the handler failed with ValueError"
    assert not any(b"words" in held for _, held in letter.headers)
    assert await world.uncommitted() == 0


async def test_an_error_that_passes_is_no_dead_letter(world: World) -> None:
    failures = iter([LookupError("once"), LookupError("twice")])

    async def stumble(delivery: Delivery) -> None:
        for failure in failures:
            raise failure

    await world.send("a", "b")
    recorder = Recorder(stumble)
    async with world.running(recorder):
        await until(lambda: recorder.handled == ["a", "b"])
    assert await world.uncommitted() == 0


# Too much poison


async def refuse_all_but_good(delivery: Delivery) -> Handled | None:
    good = text_of(delivery).startswith("good")
    return None if good else InvalidMessage("bad", "bad")


async def test_too_many_dead_letters_in_a_row_stop_the_process_before_they_are_written(
    world: World,
) -> None:
    """A restart meets them again: written each time, they would drown the queue."""
    await world.send("good", *(f"bad {number}" for number in range(6)))
    for _ in range(2):
        await world.fatal(Recorder(refuse_all_but_good), "in a row", max_consecutive_dlq=5)
        assert await world.uncommitted() == 7
    await world.written(world.topic.dlq, 0)


async def test_dead_letters_are_counted_over_batches(world: World) -> None:
    await world.send(*(f"bad {number}" for number in range(9)))
    await world.fatal(
        Recorder(refuse_all_but_good), "in a row", max_consecutive_dlq=5, batch_records=2
    )
    assert await world.uncommitted() == 9 - 4
    await world.letters(4)


async def test_a_good_record_between_them_lets_the_count_begin_again(world: World) -> None:
    texts = [f"{kind} {n}" for n in range(4) for kind in ("bad", "bad also", "bad too", "good")]
    await world.send(*texts)
    recorder = Recorder(refuse_all_but_good)
    async with world.running(recorder, max_consecutive_dlq=3, batch_records=6):
        await world.letters(12)
        await until(lambda: len(recorder.handled) == 4)
    assert await world.uncommitted() == 0


async def test_dead_letters_that_cannot_be_written_are_fatal_and_nothing_is_committed(
    world: World, sql: Sql
) -> None:
    await sql.execute("DELETE FROM bus.partition WHERE topic = $1", world.topic.dlq)
    await sql.execute("DELETE FROM bus.topic WHERE name = $1", world.topic.dlq)
    await world.send("good", "bad")
    await world.fatal(Recorder(refuse_all_but_good), "cannot write its dead letters")
    assert await world.uncommitted() == 2

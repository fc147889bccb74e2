"""What the source writes and what the workers make of it.

Every record belongs to a key and has a number within it, so that a reader can tell what is
missing, doubled or out of order. Poison names itself in a header, which dead letters keep.
"""

from datetime import UTC, datetime
from typing import Literal

from heedful.common.bus import Outgoing
from heedful.common.contracts import Contract
from heedful.common.events import Delivery, deterministic_id, to_record
from heedful.common.topics import Topic

Poison = Literal["garbage", "shape", "refused", "raises"]
POISONS: tuple[Poison, ...] = ("garbage", "shape", "refused", "raises")
"""Not a CloudEvent; not the topic's contract; refused by the handler; fails in the handler."""

POISON_HEADER = "poison"
_SOURCE = "/faults"
_TIME = datetime(2026, 3, 1, tzinfo=UTC)


class Step(Contract):
    """The `seq`-th record of a key, counted from 0. `poison` only where it is one."""

    key: str
    seq: int
    poison: Poison | None = None


class Done(Contract):
    """What a worker publishes for a step: `step` is the id of its record."""

    step: str
    key: str
    seq: int
    worker: str


def topics(name: str, partitions: int) -> tuple[Topic, Topic]:
    """The workload's input and output."""
    return (
        Topic(
            name=name,
            event_type="test.step.v1",
            payload=Step,
            key="the step's key",
            description="Input of the fault suite.",
            partitions=partitions,
        ),
        Topic(
            name=f"{name}.out",
            event_type="test.done.v1",
            payload=Done,
            key="the step's key",
            description="Output of the fault suite.",
            partitions=partitions,
        ),
    )


def step_id(key: str, seq: int) -> str:
    return f"{key}/{seq}"


def output_id(step: str) -> str:
    return deterministic_id("faults", step)


def step(topic: Topic, key: str, seq: int) -> Outgoing:
    payload = Step(key=key, seq=seq)
    return to_record(topic, payload, id=step_id(key, seq), source=_SOURCE, key=key, time=_TIME)


def poison(topic: Topic, kind: Poison, name: str, key: str) -> Outgoing:
    """A record that must end in the dead letter queue, whatever happens around it."""
    payload = Step(key=key, seq=-1, poison=kind)
    record = to_record(topic, payload, id=name, source=_SOURCE, key=key, time=_TIME)
    mark = (POISON_HEADER, name.encode())
    if kind == "garbage":
        return Outgoing(topic.name, record.key, b"\xff\x00" + name.encode(), (mark,))
    value = b'{"seq": "none"}' if kind == "shape" else record.value
    return Outgoing(topic.name, record.key, value, (*record.headers, mark))


def done(topic: Topic, delivery: Delivery, worker: str) -> Outgoing:
    """The one output of a step; the same step gives the same id from every worker."""
    payload = delivery.payload
    assert isinstance(payload, Step)
    return to_record(
        topic,
        Done(step=delivery.event.id, key=payload.key, seq=payload.seq, worker=worker),
        id=output_id(delivery.event.id),
        source=_SOURCE,
        key=payload.key,
        time=_TIME,
    )

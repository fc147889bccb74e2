"""Lanes and offsets together, as a state machine over a log that is read again after a loss."""

import math
from collections.abc import Hashable
from dataclasses import dataclass, field

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from heedful.common.bus import LogRecord, Record, TopicPartition
from heedful.common.runtime import Ordering
from heedful.common.runtime.lanes import Batch, Bounds, Lanes
from heedful.common.runtime.offsets import OffsetTracker

ANY = Bounds(1000, 10**9, math.inf)
PLACES = [TopicPartition("t", 0), TopicPartition("t", 1)]


def record(tp: TopicPartition, offset: int, key: bytes | None, size: int = 1) -> Record:
    return LogRecord(tp.topic, tp.partition, offset, 0, key, bytes(size), ())


def records(tp: TopicPartition, keys: str, first: int = 0) -> list[Record]:
    """One record per letter; a dot has no key."""
    return [
        record(tp, first + index, None if key == "." else key.encode())
        for index, key in enumerate(keys)
    ]


def cost(one: Record) -> float:
    return len(one.value or b"")


@dataclass
class Partition:
    """One partition of the log, and how far this member is with it."""

    log: list[Record] = field(default_factory=list)
    gap: int = 0
    epoch: int = 0
    position: int = 0
    committed: int = 0
    effects: list[int] = field(default_factory=list)
    leaving: bool = False


class Member(RuleBasedStateMachine):
    """Fetches, works, commits, and loses its partitions at any moment."""

    @initialize(ordering=st.sampled_from(Ordering))
    def begin(self, ordering: Ordering) -> None:
        self.ordering = ordering
        self.lanes = Lanes(ordering, cost)
        self.offsets = OffsetTracker()
        self.partitions = {tp: Partition() for tp in PLACES}
        self.flights: list[Batch] = []

    @rule(
        tp=st.sampled_from(PLACES),
        keys=st.text("abc.", min_size=1, max_size=6),
        gap=st.integers(0, 2),
        size=st.integers(0, 5),
    )
    def write(self, tp: TopicPartition, keys: str, gap: int, size: int) -> None:
        """Offsets may have gaps."""
        log = self.partitions[tp].log
        start = log[-1].offset + 1 + gap if log else gap
        for index, key in enumerate(keys):
            log.append(record(tp, start + index, None if key == "." else key.encode(), size))

    @rule(tp=st.sampled_from(PLACES), count=st.integers(1, 8))
    def fetch(self, tp: TopicPartition, count: int) -> None:
        """Also while the partition leaves: a poll may have been under way."""
        part = self.partitions[tp]
        found = [one for one in part.log if one.offset >= part.position][:count]
        if found:
            part.position = found[-1].offset + 1
            self.offsets.deliver(tp, part.epoch, [one.offset for one in found])
            self.lanes.put(tp, part.epoch, found)

    @rule(count=st.integers(1, 6), size=st.integers(1, 12), most=st.integers(1, 12))
    def take(self, count: int, size: int, most: int) -> None:
        before = len(self.lanes)
        batch = self.lanes.take(Bounds(count, size, most))
        if batch is None:
            assert before == 0 or self.flights
            return
        taken = batch.records()
        assert not any(self.partitions[part.partition].leaving for part in batch.parts)
        assert len(self.lanes) == before - len(taken)
        assert len(taken) == 1 or (
            len(taken) <= count
            and sum(len(one.key or b"") + len(one.value or b"") for one in taken) <= size
            and sum(map(cost, taken)) <= most
        )
        for flight in self.flights:
            assert not self.lanes_of(batch) & self.lanes_of(flight), "two batches share a lane"
        self.flights.append(batch)

    @precondition(lambda self: self.flights)
    @rule(data=st.data())
    def finish(self, data: st.DataObject) -> None:
        batch = self.flights.pop(data.draw(st.integers(0, len(self.flights) - 1)))
        for part in batch.parts:
            state = self.partitions[part.partition]
            state.effects += [one.offset for one in part.records]
            self.offsets.finish(part.partition, part.epoch, [r.offset for r in part.records])
        self.lanes.done(batch)

    @precondition(lambda self: self.flights)
    @rule(data=st.data())
    def abandon(self, data: st.DataObject) -> None:
        batch = self.flights.pop(data.draw(st.integers(0, len(self.flights) - 1)))
        self.lanes.done(batch, back=True)

    @rule()
    def commit(self) -> None:
        offsets = self.offsets.commitable({tp: p.epoch for tp, p in self.partitions.items()})
        for tp, offset in offsets.items():
            part = self.partitions[tp]
            assert offset > part.committed, "a commit went backwards"
            lost = {one.offset for one in part.log if one.offset < offset} - set(part.effects)
            assert not lost, "committed before it was finished"
            part.committed = offset
        self.offsets.committed(offsets)

    @rule(tp=st.sampled_from(PLACES))
    def revoke(self, tp: TopicPartition) -> None:
        """What is under way may still be finished and committed."""
        self.lanes.end({tp: self.partitions[tp].epoch})
        self.partitions[tp].leaving = True

    @rule(tp=st.sampled_from(PLACES))
    def assign(self, tp: TopicPartition) -> None:
        """After a notice, or found out only by the new epoch."""
        part = self.partitions[tp]
        part.epoch += 1
        part.position = part.committed
        part.leaving = False
        self.lanes.keep({place: each.epoch for place, each in self.partitions.items()})

    @invariant()
    def first_effects_keep_the_order(self) -> None:
        if not hasattr(self, "partitions") or self.ordering is Ordering.NONE:
            return
        for part in self.partitions.values():
            lanes: dict[Hashable, list[int]] = {}
            where = {one.offset: self.lane(one) for one in part.log}
            for offset in dict.fromkeys(part.effects):
                lanes.setdefault(where[offset], []).append(offset)
            for lane, done in lanes.items():
                if lane is not None:
                    assert done == sorted(done)

    def teardown(self) -> None:
        """Left alone, it finishes everything."""
        if not hasattr(self, "partitions"):
            return
        while self.flights:
            self.lanes.done(self.flights.pop(), back=True)
        for tp in PLACES:
            if self.partitions[tp].leaving:
                self.assign(tp)
            self.fetch(tp, 1000)
        while (batch := self.lanes.take(ANY)) is not None:
            for part in batch.parts:
                self.partitions[part.partition].effects += [one.offset for one in part.records]
                self.offsets.finish(part.partition, part.epoch, [r.offset for r in part.records])
            self.lanes.done(batch)
        self.commit()
        assert (len(self.lanes), self.lanes.size) == (0, 0)
        self.first_effects_keep_the_order()
        for state in self.partitions.values():
            assert set(state.effects) == {one.offset for one in state.log}
            assert state.committed == (state.log[-1].offset + 1 if state.log else 0)

    def lane(self, one: Record) -> Hashable:
        if self.ordering is Ordering.KEY:
            return one.key
        return "all" if self.ordering is Ordering.PARTITION else None

    def lanes_of(self, batch: Batch) -> set[tuple[int, Hashable]]:
        lanes = {(one.partition, self.lane(one)) for one in batch.records()}
        return {lane for lane in lanes if lane[1] is not None}


TestMember = Member.TestCase
TestMember.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)

ONE, TWO = PLACES


def offsets(batch: Batch | None) -> list[int]:
    assert batch is not None
    return [one.offset for one in batch.records()]


def test_a_key_in_a_batch_waits_and_the_others_go_on() -> None:
    lanes = Lanes(Ordering.KEY)
    lanes.put(ONE, 1, records(ONE, "ab"))
    first = lanes.take(Bounds(1, 1000, 1))
    assert offsets(first) == [0]
    lanes.put(ONE, 1, records(ONE, "abc", first=2))
    assert offsets(lanes.take(ANY)) == [1, 3, 4]
    assert lanes.take(ANY) is None
    assert first is not None
    lanes.done(first)
    assert offsets(lanes.take(ANY)) == [2]


def test_records_without_a_key_wait_for_nobody() -> None:
    lanes = Lanes(Ordering.KEY)
    lanes.put(ONE, 1, records(ONE, "...."))
    assert offsets(lanes.take(Bounds(2, 1000, 1))) == [0, 1]
    assert offsets(lanes.take(ANY)) == [2, 3]


def test_a_partition_in_a_batch_waits_whatever_its_keys() -> None:
    lanes = Lanes(Ordering.PARTITION)
    lanes.put(ONE, 1, records(ONE, "ab"))
    lanes.put(TWO, 1, records(TWO, "cd"))
    assert offsets(lanes.take(Bounds(1, 1000, 1))) == [0]
    second = lanes.take(ANY)
    assert second is not None
    assert {part.partition for part in second.parts} == {TWO}
    assert lanes.take(ANY) is None


def test_the_lane_that_waits_longest_is_next() -> None:
    """A busy partition does not starve the others."""
    lanes = Lanes(Ordering.PARTITION)
    lanes.put(ONE, 1, records(ONE, "aaaa"))
    first = lanes.take(Bounds(2, 1000, 1))
    lanes.put(TWO, 1, records(TWO, "b"))
    assert first is not None
    lanes.done(first)
    second = lanes.take(Bounds(1, 1000, 1))
    assert second is not None
    assert second.parts[0].partition == TWO


def test_a_record_beyond_every_bound_is_a_batch_of_its_own() -> None:
    lanes = Lanes(Ordering.PARTITION, cost)
    lanes.put(ONE, 1, [record(ONE, offset, b"k", 50) for offset in range(3)])
    for offset in range(3):
        batch = lanes.take(Bounds(10, 20, 20))
        assert offsets(batch) == [offset]
        assert batch is not None
        lanes.done(batch)


@pytest.mark.parametrize("ordering", Ordering)
def test_what_is_given_back_comes_again_before_what_came_later(ordering: Ordering) -> None:
    lanes = Lanes(ordering)
    lanes.put(ONE, 1, records(ONE, "aa"))
    batch = lanes.take(ANY)
    assert batch is not None
    lanes.put(ONE, 1, records(ONE, "aa", first=2))
    lanes.done(batch, back=True)
    assert offsets(lanes.take(ANY)) == [0, 1, 2, 3]


@pytest.mark.parametrize("ordering", Ordering)
def test_what_is_given_back_of_a_lost_partition_is_forgotten(ordering: Ordering) -> None:
    lanes = Lanes(ordering)
    lanes.put(ONE, 1, records(ONE, "ab"))
    batch = lanes.take(ANY)
    assert batch is not None
    lanes.end({ONE: 1})
    lanes.put(ONE, 2, records(ONE, "ab"))
    lanes.done(batch, back=True)
    assert offsets(lanes.take(ANY)) == [0, 1]
    assert lanes.take(ANY) is None

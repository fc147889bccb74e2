"""What may be committed, against a model that remembers everything."""

from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heedful.common.bus import TopicPartition
from heedful.common.runtime.offsets import OffsetTracker

ONE = TopicPartition("t", 0)
TWO = TopicPartition("t", 1)


@dataclass
class Model:
    """Deliveries of one partition under one epoch, and which of them are finished."""

    epoch: int
    delivered: list[int] = field(default_factory=list)
    finished: set[int] = field(default_factory=set)

    def next(self) -> int | None:
        """Behind the longest prefix of deliveries in which everything is finished."""
        end = None
        for offset in self.delivered:
            if offset not in self.finished:
                break
            end = offset + 1
        return end


Step = tuple[str, TopicPartition, int, int]
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["deliver", "finish", "assign", "forget", "commit"]),
        st.sampled_from([ONE, TWO]),
        st.integers(0, 5),
        st.integers(0, 3),
    ),
    max_size=60,
)


@given(steps=STEPS)
def test_whatever_happens_nothing_is_committed_before_its_prefix_is_finished(
    steps: list[Step],
) -> None:
    """Deliveries with gaps, finishes in any order and of any epoch, lost and new assignments."""
    tracker = OffsetTracker()
    epochs = {ONE: 0, TWO: 0}
    models: dict[TopicPartition, Model] = {}
    committed: dict[TopicPartition, int] = {}
    for kind, tp, number, gap in steps:
        model = models.get(tp)
        if kind == "deliver":
            if model is None or model.epoch != epochs[tp]:
                model = models[tp] = Model(epochs[tp])
                committed.pop(tp, None)
            last = model.delivered[-1] if model.delivered else number
            model.delivered.append(last + 1 + gap)
            tracker.deliver(tp, epochs[tp], [last + 1 + gap])
        elif kind == "finish":
            epoch = epochs[tp] - (gap == 3)
            offset = model.delivered[number % len(model.delivered)] if model else number
            if model is not None and model.epoch == epoch:
                model.finished.add(offset)
            tracker.finish(tp, epoch, [offset])
        elif kind == "assign":
            epochs[tp] += 1
        elif kind == "forget":
            models.pop(tp, None)
            committed.pop(tp, None)
            tracker.forget(tp)
        else:
            committed |= tracker.commitable(epochs)
            tracker.committed(tracker.commitable(epochs))
        assert tracker.commitable(epochs) == {
            each: model.next()
            for each, model in models.items()
            if model.epoch == epochs[each] and model.next() not in (None, committed.get(each))
        }


def test_a_record_in_the_middle_holds_back_those_behind_it() -> None:
    tracker = OffsetTracker()
    for offset in (3, 4, 5):
        tracker.deliver(ONE, 1, [offset])
    tracker.finish(ONE, 1, [5])
    assert tracker.commitable({ONE: 1}) == {}
    tracker.finish(ONE, 1, [3])
    assert tracker.commitable({ONE: 1}) == {ONE: 4}
    tracker.finish(ONE, 1, [4])
    assert tracker.commitable({ONE: 1}) == {ONE: 6}


def test_offsets_that_the_log_does_not_have_are_not_waited_for() -> None:
    """Transaction markers and compaction leave gaps: the next offset is the next delivered."""
    tracker = OffsetTracker()
    for offset in (0, 7, 100):
        tracker.deliver(ONE, 1, [offset])
        tracker.finish(ONE, 1, [offset])
    assert tracker.commitable({ONE: 1}) == {ONE: 101}


def test_what_is_committed_is_not_committed_again() -> None:
    tracker = OffsetTracker()
    tracker.deliver(ONE, 1, [0])
    tracker.finish(ONE, 1, [0])
    tracker.committed(tracker.commitable({ONE: 1}))
    assert tracker.commitable({ONE: 1}) == {}


@pytest.mark.parametrize("epochs", [{}, {ONE: 2}, {TWO: 1}])
def test_work_of_another_assignment_is_not_committed(epochs: dict[TopicPartition, int]) -> None:
    tracker = OffsetTracker()
    tracker.deliver(ONE, 1, [0])
    tracker.finish(ONE, 1, [0])
    assert tracker.commitable(epochs) == {}


def test_a_new_epoch_starts_with_nothing_done() -> None:
    """The same offsets come again; that they were finished before is another member's business."""
    tracker = OffsetTracker()
    for offset in (0, 1):
        tracker.deliver(ONE, 1, [offset])
        tracker.finish(ONE, 1, [offset])
    for offset in (0, 1):
        tracker.deliver(ONE, 2, [offset])
    tracker.finish(ONE, 1, [0])
    assert tracker.commitable({ONE: 2}) == {}
    tracker.finish(ONE, 2, [0])
    assert tracker.commitable({ONE: 2}) == {ONE: 1}


def test_a_record_that_comes_again_has_to_be_finished_again() -> None:
    """A finish of something that does not wait must not count for what comes later."""
    tracker = OffsetTracker()
    tracker.deliver(ONE, 1, [5])
    tracker.finish(ONE, 1, [5])
    tracker.finish(ONE, 1, [5])
    tracker.finish(ONE, 1, [6])
    tracker.deliver(ONE, 1, [5])
    tracker.deliver(ONE, 1, [6])
    tracker.committed({ONE: 6})
    assert tracker.commitable({ONE: 1}) == {}


def test_partitions_do_not_wait_for_each_other() -> None:
    tracker = OffsetTracker()
    tracker.deliver(ONE, 1, [0])
    tracker.deliver(TWO, 1, [0])
    tracker.finish(TWO, 1, [0])
    assert tracker.commitable({ONE: 1, TWO: 1}) == {TWO: 1}
    tracker.forget(TWO)
    assert tracker.commitable({ONE: 1, TWO: 1}) == {}


def test_open_is_what_stands_behind_the_prefix_of_the_present_assignment() -> None:
    tracker = OffsetTracker()
    tracker.deliver(ONE, 1, [0, 1, 2, 3])
    tracker.deliver(TWO, 1, [0])
    tracker.finish(ONE, 1, [0, 2])
    assert tracker.open({ONE: 1, TWO: 2}) == {ONE: 3}
    tracker.finish(ONE, 1, [1])
    assert tracker.open({ONE: 1}) == {ONE: 1}

"""When a case was seen, belonged to somebody and waited: as a look through all its steps says."""

from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from heedful.alerting.progress import NO_PROGRESS, NO_WORK, Progress
from heedful.common.contracts import ActorType, CaseEventKind
from tests.unit.alerting.journeys import NOW

Kind = CaseEventKind

# Few moments, so that steps come together, and in any order: some are told of late.
taken = st.lists(
    st.tuples(
        st.sampled_from([*Kind, Kind.PAUSED, Kind.RESUMED, Kind.PAUSED, Kind.RESUMED]),
        st.integers(0, 8).map(lambda minutes: NOW + timedelta(minutes=minutes)),
        st.sampled_from(ActorType),
    ),
    max_size=30,
)


@given(taken)
def test_it_says_what_a_look_through_all_steps_says(
    steps: list[tuple[Kind, datetime, ActorType]],
) -> None:
    progress = Progress.of(steps)
    work = [one for one in steps if one[0] not in NO_WORK]
    seen = (Kind.ACKNOWLEDGED, Kind.PLANNED, Kind.LANDED)
    assert progress.seen_at == min(
        (at for kind, at, by in work if by is ActorType.HUMAN or kind in seen), default=None
    )
    assert progress.owned_at == min(
        (at for kind, at, _ in work if kind in (Kind.ASSIGNED, Kind.PLANNED)), default=None
    )
    assert list(progress.waits) == sorted(progress.waits)
    for minutes in range(-1, 10):
        moment = NOW + timedelta(minutes=minutes)
        turns = [
            kind for kind, at, _ in work if kind in (Kind.PAUSED, Kind.RESUMED) and at <= moment
        ]
        assert progress.waiting(moment) == (turns[-1] is Kind.PAUSED if turns else None)


@given(taken, taken)
def test_it_goes_on_from_where_it_is(
    before: list[tuple[Kind, datetime, ActorType]],
    later: list[tuple[Kind, datetime, ActorType]],
) -> None:
    progress = Progress.of(before)
    for kind, at, by in later:
        progress = progress.after(kind, at, by)
    assert progress == Progress.of([*before, *later])


def test_what_the_clocks_say_is_no_work() -> None:
    steps = [(kind, NOW, ActorType.HUMAN) for kind in NO_WORK]
    assert Progress.of(steps) == NO_PROGRESS

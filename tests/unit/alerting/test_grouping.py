"""Which feedback belongs to a case that there is already."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heedful.alerting.grouping import Grouped, Known, group
from heedful.alerting.matching import Hashed
from heedful.alerting.policies.matching import Item
from heedful.alerting.records import Classified, FeedbackKey, Heard
from heedful.common.contracts import Colour

NOW = datetime(2026, 3, 1, 8, tzinfo=UTC)
WEEK = timedelta(days=7)


def red(
    number: int = 1,
    *,
    people: tuple[str, ...] = ("wang",),
    talk: str | None = None,
    topic: str | None = "price",
    touchpoint: str | None = "store",
    after: timedelta = timedelta(),
    tenant: str = "acme",
) -> Classified:
    """A red feedback of somebody about something."""
    heard = Heard(
        key=FeedbackKey(tenant, "calls", f"f{number}"),
        item=Item("call", colour="red", topic=topic, touchpoint=touchpoint),
        occurred_at=NOW,
        received_at=NOW + after,
        customer=Hashed((*people, *([talk] if talk else [])), talk, anonymous=not people),
    )
    return Classified(heard, Colour.RED, ())


KNOWN = Known.opened(red(0, talk="talk-0"))


def joins(one: Classified, known: Known = KNOWN) -> bool:
    grouped = group([one], [known], WEEK)
    assert len(grouped.opening) + len(grouped.joining) == 1
    return bool(grouped.joining)


@pytest.mark.parametrize(
    ("one", "expected"),
    [
        (red(), True),
        (red(people=("wang", "li")), True),
        (red(people=("li",)), False),
        (red(topic="delivery"), False),
        (red(touchpoint="app"), False),
        (red(topic=None), False),
        (red(people=("li",), talk="talk-0", topic="delivery"), True),
        (red(people=(), talk="talk-0"), True),
        (red(people=(), talk="talk-1"), False),
        (red(people=()), False),
        (red(tenant="other"), False),
    ],
)
def test_one_matter(one: Classified, expected: bool) -> None:
    assert joins(one) is expected


@pytest.mark.parametrize(("days", "expected"), [(0, True), (7, True), (7.001, False)])
def test_what_comes_soon_after_the_end_belongs_to_it(days: float, expected: bool) -> None:
    over = replace(KNOWN, over_at=NOW)
    assert joins(red(after=timedelta(days=days)), over) is expected


def test_a_case_that_is_worked_on_goes_before_one_that_is_over() -> None:
    over = replace(KNOWN, case_id="over", over_at=NOW + WEEK)
    grouped = group([red()], [over, replace(KNOWN, case_id="working")], WEEK)
    assert [case_id for case_id, _ in grouped.joining] == ["working"]


reds = st.lists(
    st.builds(
        red,
        st.integers(0, 99),
        people=st.sampled_from([("a",), ("b",), ("a", "b"), ()]),
        talk=st.none() | st.sampled_from(["x", "y"]),
        topic=st.sampled_from([None, "price", "taste"]),
        after=st.integers(0, 9).map(lambda days: timedelta(days=days)),
    ),
    max_size=12,
    unique_by=lambda one: one.key.id,
)


@given(reds, st.randoms())
def test_the_order_of_a_batch_is_nothing_to_it(found: list[Classified], random: object) -> None:
    def shape(grouped: Grouped) -> object:
        opening = sorted(one.key.id for one in grouped.opening)
        return opening, sorted((case, one.key.id) for case, one in grouped.joining)

    shuffled = list(found)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert shape(group(found, [KNOWN], WEEK)) == shape(group(shuffled, [KNOWN], WEEK))
    grouped = group(found, [KNOWN], WEEK)
    assert len(grouped.opening) + len(grouped.joining) == len(found)


@given(reds, st.sampled_from([None, NOW, NOW + timedelta(days=1)]))
def test_a_batch_is_grouped_as_if_each_came_alone(
    found: list[Classified], over_at: datetime | None
) -> None:
    """What comes in which batch is chance."""
    known = {KNOWN.case_id: replace(KNOWN, keys=frozenset({"a"}), over_at=over_at)}
    alone: dict[str, str] = {}
    for one in sorted(found, key=lambda one: (one.feedback.received_at, one.key.id)):
        grouped = group([one], known.values(), timedelta(days=2))
        if grouped.joining:
            ((case_id, _),) = grouped.joining
            known[case_id] = known[case_id].joined(one)
        else:
            case_id = one.key.case_id
            known[case_id] = Known.opened(one)
        alone[one.key.id] = case_id
    together = group(
        found,
        [replace(KNOWN, keys=frozenset({"a"}), over_at=over_at)],
        timedelta(days=2),
    )
    assert alone == {
        **{one.key.id: one.key.case_id for one in together.opening},
        **{one.key.id: case_id for case_id, one in together.joining},
    }


def test_who_joins_by_a_conversation_is_known_to_the_rest_of_the_batch() -> None:
    talks = red(1, people=("li",), talk="talk-1")
    also = red(2, people=("wang",), talk="talk-1", topic="delivery", after=timedelta(hours=1))
    then = red(3, people=("wang",), after=timedelta(hours=2))
    grouped = group([talks, also, then], [], WEEK)
    assert grouped.opening == [talks]
    assert [one for _, one in grouped.joining] == [also, then]


def test_of_two_that_are_worked_on_the_older_one_is_taken_in_whatever_order_they_come() -> None:
    older, younger = (
        replace(KNOWN, case_id=name, received_at=NOW + hours * timedelta(hours=1))
        for name, hours in (("older", 1), ("younger", 2))
    )
    for known in ([older, younger], [younger, older]):
        ((case_id, _),) = group([red(after=timedelta(hours=3))], known, WEEK).joining
        assert case_id == "older"

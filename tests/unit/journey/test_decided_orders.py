"""Any order of events and decisions: the same customers as the decisions that are in force give."""

from collections.abc import Sequence
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from heedful.common.contracts import IdentifierType
from heedful.common.events import Delivery
from heedful.journey.decisions import Decision, Verdict
from heedful.journey.records import read
from tests.unit.journey.decided import apart, together
from tests.unit.journey.history import History, node_of
from tests.unit.journey.test_orders import NAMES, batches, events, same

_PEOPLE = [name for name in NAMES if not name.startswith("device")]


@st.composite
def decisions(draw: st.DrawFn, most: int = 4) -> list[Decision]:
    """Such as people may come to make, each at its time, of identifiers seen or not."""
    found = []
    for number in range(draw(st.integers(1, most))):
        names = draw(st.lists(st.sampled_from(_PEOPLE), min_size=2, max_size=4, unique=True))
        if draw(st.booleans()):
            both = all(name.startswith("customer_id") for name in names[:2])
            flagged = both and draw(st.booleans())
            found.append(together(number, *names[:2], two_customers=flagged))
        else:
            cut = draw(st.integers(1, len(names) - 1))
            found.append(apart(number, tuple(names[:cut]), tuple(names[cut:])))
    return found


def at_once(happened: Sequence[Delivery], in_force: Sequence[Decision]) -> History:
    found = History()
    for decision in in_force:
        found.decide(decision)
    found.add([read(delivery, "CN") for delivery in happened])
    return found


@settings(max_examples=60)
@given(st.data())
def test_any_order_of_events_and_decisions_gives_the_same_customers(data: Any) -> None:
    happened, made = data.draw(events()), data.draw(decisions())
    revoked = data.draw(st.sets(st.sampled_from([one.number for one in made])))
    steps: list[Any] = [*data.draw(batches(happened)), *made]
    found = History()
    for step in data.draw(st.permutations(steps)):
        if isinstance(step, Decision):
            found.decide(step)
        else:
            found.add([read(delivery, "CN") for delivery in step])
        if revoked & found.decisions.keys() and data.draw(st.booleans()):
            gone = min(revoked & found.decisions.keys())
            found.revoke(gone)
            revoked.discard(gone)
    for number in revoked:
        found.revoke(number)
    same(found, at_once(happened, list(found.decisions.values())))


@settings(max_examples=30)
@given(st.data())
def test_revoking_a_decision_restores_exactly_what_was_there(data: Any) -> None:
    happened, made = data.draw(events()), data.draw(decisions())
    before, found = (at_once(happened, made[:-1]) for _ in range(2))
    found.decide(made[-1])
    found.revoke(made[-1].number)
    same(found, before)


@settings(max_examples=30)
@given(st.data())
def test_what_is_apart_is_never_one_customer(data: Any) -> None:
    happened, made = data.draw(events()), data.draw(decisions())
    found = at_once(happened, made)
    for decision in made:
        if decision.verdict is Verdict.APART:
            left, right = (
                {found.owners[key] for key in side if key in found.owners}
                for side in (decision.left, decision.right)
            )
            assert not left & right


@settings(max_examples=30)
@given(st.data())
def test_two_customer_ids_are_one_customer_only_where_that_was_said(data: Any) -> None:
    happened, made = data.draw(events()), data.draw(decisions())
    unflagged = [one for one in made if not one.two_customers]
    found = at_once(happened, unflagged)
    ids = [node_of(name).id for name in NAMES if name.startswith(IdentifierType.CUSTOMER_ID)]
    owners = [found.owners[key] for key in ids if key in found.owners]
    assert len(owners) == len(set(owners))

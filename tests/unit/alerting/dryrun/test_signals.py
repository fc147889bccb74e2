"""What a policy would have made of a signal, where that can be known."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from heedful.alerting.dryrun.signals import Fate, Shown, judged
from heedful.alerting.policies.builtin import builtin
from heedful.alerting.policies.document import PolicyDocument
from heedful.alerting.policies.judging import Facts
from heedful.alerting.policies.matching import Item
from heedful.alerting.policies.signals import Effect, SignalRule
from heedful.alerting.signals.signal import SignalOutcome
from heedful.common.contracts import Colour, SignalKind
from tests.unit.alerting.journeys import HOUR, NOW

KIND = SignalKind.CHURN_RISK
RED = Facts(KIND, Colour.RED)
Was, E, F = SignalOutcome, Effect, Fate


def policy(effect: Effect | None, rule: str | None = None) -> PolicyDocument:
    """What becomes of such signals; None: nothing is said of them."""
    document = builtin(24 * HOUR, 48 * HOUR, 72 * HOUR, HOUR)
    entry = effect and SignalRule(name="churn", kinds=frozenset({KIND}), effect=effect, rule=rule)
    return document.model_copy(update={"signals": (entry,) if entry else ()})


def shown(outcome: SignalOutcome, **changes: object) -> Shown:
    made = Shown(RED, Item(channel="call"), NOW, NOW + HOUR, outcome)
    return replace(made, **changes)  # type: ignore[arg-type]  # of its own fields


@pytest.mark.parametrize(
    ("one", "opening", "joining"),
    [
        (shown(Was.OPENED), F.OPENED, F.UNPLACED),
        (shown(Was.OPENED, elsewhere=True), F.OPENED, F.JOINED),
        (shown(Was.JOINED), F.JOINED, F.JOINED),
        (shown(Was.JOINED, was_over=True), F.JOINED, F.UNPLACED),
        (shown(Was.NOTED), F.JOINED, F.JOINED),
        (shown(Was.NOTED, was_over=True, elsewhere=True), F.JOINED, F.JOINED),
        (shown(Was.REOPENED, was_over=True), F.JOINED, F.UNPLACED),
        (shown(Was.UNPLACED), F.OPENED, F.UNPLACED),
        (shown(Was.IGNORED), F.OPENED, F.UNKNOWN),
        (shown(Was.LATE), F.OPENED, F.UNKNOWN),
    ],
)
def test_it_may_open_a_case_or_only_join_one(one: Shown, opening: Fate, joining: Fate) -> None:
    assert judged(one, policy(E.OPEN))[0] is opening
    assert judged(one, policy(E.JOIN))[0] is joining


@pytest.mark.parametrize("outcome", list(SignalOutcome))
@pytest.mark.parametrize("made", [lambda: policy(E.IGNORE), lambda: policy(None)])
def test_it_may_be_ignored(outcome: SignalOutcome, made: Callable[[], PolicyDocument]) -> None:
    assert judged(shown(outcome), made())[0] is F.IGNORED


@pytest.mark.parametrize("outcome", list(SignalOutcome))
def test_what_was_history_when_it_came_is_late_whatever_the_policy_says_of_it(
    outcome: SignalOutcome,
) -> None:
    news = policy(E.OPEN).signal_news
    at_last = shown(outcome, taken_at=NOW + news)
    after = shown(outcome, taken_at=NOW + news + timedelta(microseconds=1))
    for effect in Effect:
        assert judged(at_last, policy(effect))[0] is not F.LATE
        assert judged(after, policy(effect))[0] is F.LATE


def test_what_falls_under_a_rule_without_clocks_can_only_join() -> None:
    fate, meant = judged(shown(Was.UNPLACED), policy(E.OPEN, "default"))
    assert (fate, meant.rule.clocks) == (F.UNPLACED, {})


def test_each_outcome_of_then_is_told() -> None:
    assert {one: shown(one).fate for one in SignalOutcome} == {
        Was.OPENED: F.OPENED,
        Was.JOINED: F.JOINED,
        Was.REOPENED: F.JOINED,
        Was.NOTED: F.JOINED,
        Was.UNPLACED: F.UNPLACED,
        Was.IGNORED: F.IGNORED,
        Was.LATE: F.LATE,
    }

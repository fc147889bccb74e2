"""What the tests of applying need: policies, a stored case, one that goes over."""

from collections.abc import Iterable
from datetime import timedelta

from heedful.alerting.applying import steps
from heedful.alerting.applying.steps import Change, Order
from heedful.alerting.calendars import ALWAYS
from heedful.alerting.case import Case, Step
from heedful.alerting.folding import apply, fold
from heedful.alerting.history import last_run
from heedful.alerting.policies.builtin import ladder
from heedful.alerting.policies.document import ClockTerms, Condition, PolicyDocument, Rule
from heedful.alerting.policies.matching import Item
from heedful.alerting.records import StoredCase
from heedful.alerting.rulebook import Active
from heedful.alerting.states import State
from heedful.common.contracts import ClockMetric, Colour
from tests.unit.alerting.journeys import CALENDARS, HOUR, NOW, PERSON

ORDER = Order(PERSON, "ap-1")
ITEM = Item(channel="call", colour="red", tier="gold")
WAITS = frozenset({State.WAITING_CUSTOMER})
Targets = dict[ClockMetric, float]


def policy(red: Targets, gold: Targets | None = None) -> Active:
    """Red has these targets in hours, red of gold customers those."""
    rules = [
        *([] if gold is None else [_rule("gold", gold, tiers=frozenset({"gold"}))]),
        _rule("red", red),
        Rule(name="rest"),
    ]
    document = PolicyDocument(rules=tuple(rules), ladders={"default": ladder(timedelta(minutes=1))})
    return Active("policy@2", document, {ALWAYS.name: ALWAYS})


def _rule(name: str, targets: Targets, tiers: frozenset[str] | None = None) -> Rule:
    when = Condition(colours=frozenset({Colour.RED}), tiers=tiers)
    clocks = {
        metric: ClockTerms(
            target=hours * HOUR, pauses=WAITS if metric is not ClockMetric.RESPOND else frozenset()
        )
        for metric, hours in targets.items()
    }
    return Rule(name=name, when=when, clocks=clocks)


def stored(told: Iterable[Step]) -> StoredCase:
    """A case after these steps."""
    return StoredCase(
        id="case-1",
        tenant="acme",
        source="calls",
        feedback_id="f1",
        channel="call",
        received_at=NOW,
        reasons=(),
        case=fold(told, CALENDARS),
    )


def changed(
    told: list[Step], active: Active, hours: float, item: Item | None = ITEM
) -> tuple[Case, Change]:
    """The case so many hours after its start, once it has gone over, and by which steps."""
    one, now = stored(told), NOW + hours * HOUR
    change = steps.by_policy(one, last_run(told), item, active, CALENDARS, now, ORDER)
    case = one.case
    for step in change.steps:
        case = apply(case, step, CALENDARS)
    return case, change

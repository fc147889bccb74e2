"""The policy of a tenant that has none of its own."""

from datetime import timedelta

from heedful.alerting.policies.document import (
    ClockTerms,
    Condition,
    Ladder,
    PolicyDocument,
    Rule,
    Rung,
)
from heedful.alerting.recipients import Recipient
from heedful.alerting.states import State
from heedful.common.contracts import ClockMetric, Colour, IntentLabel

_OWNER, _LEAD, _BOARD = Recipient.OWNER, Recipient.LEAD, Recipient.BOARD
_MANAGER, _DIRECTOR = Recipient.MANAGER, Recipient.DIRECTOR

REF = "builtin@1"


def builtin(
    respond: timedelta, plan: timedelta, land: timedelta, warn_before: timedelta
) -> PolicyDocument:
    """Red is responded to; amber that waits for an answer or could be mended gets a plan (§4.3)."""
    waits = frozenset({State.WAITING_CUSTOMER})
    working = {
        ClockMetric.PLAN: ClockTerms(target=plan, pauses=waits),
        ClockMetric.LAND: ClockTerms(target=land, pauses=waits),
    }
    all_three = {ClockMetric.RESPOND: ClockTerms(target=respond), **working}
    # A question that nobody complains about is answered where it was asked; it is no case.
    amber = frozenset({Colour.AMBER})
    improvable = frozenset({IntentLabel.COMPLAINT, IntentLabel.SUGGESTION, IntentLabel.CHURN})
    return PolicyDocument(
        description="Respond within 24 hours, plan within 48, land within 72, around the clock.",
        rules=(
            Rule(
                name="red",
                when=Condition(colours=frozenset({Colour.RED})),
                clocks=all_three,
                urgent=True,
                notify=(_OWNER, _LEAD, _BOARD),
            ),
            Rule(
                name="unclassified",
                when=Condition(classified=False),
                clocks=all_three,
                urgent=True,
                notify=(_OWNER, _LEAD, _BOARD),
            ),
            Rule(
                name="waiting", when=Condition(colours=amber, needs_response=True), clocks=working
            ),
            Rule(
                name="improvable",
                when=Condition(colours=amber, intents=improvable),
                clocks=working,
            ),
            Rule(name="default"),
        ),
        ladders={"default": ladder(warn_before)},
    )


def ladder(warn_before: timedelta) -> Ladder:
    """The ladder of reference/sla.md §4.8."""
    return Ladder(
        rungs=(
            Rung(name="half", percent=50, notify=(_OWNER,)),
            Rung(name="three-quarters", percent=75, notify=(_OWNER, _LEAD)),
            Rung(name="last-call", before=warn_before, notify=(_OWNER, _LEAD, _BOARD)),
            Rung(name="breach", percent=100, notify=(_OWNER, _LEAD, _BOARD, _MANAGER)),
            Rung(name="overdue-25", percent=125, notify=(_LEAD, _MANAGER)),
            Rung(name="overdue-100", percent=200, notify=(_MANAGER, _DIRECTOR)),
        )
    )

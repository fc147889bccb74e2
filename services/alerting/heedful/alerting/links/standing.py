"""What a link to a case is still good for. Pure."""

from enum import StrEnum

from heedful.alerting.case import Case
from heedful.alerting.links.link import LinkAction
from heedful.alerting.states import WORKING, State
from heedful.common.contracts import ClockMetric

_WAITED = (ClockMetric.RESPOND, ClockMetric.NEXT_REPLY)


class Standing(StrEnum):
    """How a case stands to what a member could do to it by a link."""

    OPEN = "open"
    """It can be done."""
    ANSWERED = "answered"
    """A person has contacted the customer, so nobody has to be found for it any more."""
    TAKEN = "taken"
    """Somebody was faster, or nothing is left to do."""


def standing(case: Case, action: LinkAction, member_id: str) -> Standing:
    """How a case stands to this action of this member.

    A claim takes no case from its owner: an old message must not undo what was agreed since.
    """
    if _answered(case):
        return Standing.ANSWERED
    match action:
        case LinkAction.ACKNOWLEDGE:
            free = case.state is State.NEW
        case LinkAction.CLAIM:
            free = case.state in WORKING and case.owner in (None, member_id)
    return Standing.OPEN if free else Standing.TAKEN


def _answered(case: Case) -> bool:
    """Whether a contact ended the last wait; amber that waits for nobody is never answered."""
    waits = [one for one in case.clocks if one.metric in _WAITED]
    return not any(one.open for one in waits) and any(one.fulfilled_at for one in waits)

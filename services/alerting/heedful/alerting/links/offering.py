"""Whose links a message may carry, and to what. Pure.

Whoever sees a link can press it, so it goes where its member alone sees it, or where the operator
wants it all the same.
"""

from collections.abc import Sequence
from typing import Final

from heedful.alerting.case import Case
from heedful.alerting.endpoint_kinds import ActionLinks, EndpointKind
from heedful.alerting.formats.email import recipients
from heedful.alerting.formats.wording import handles
from heedful.alerting.links.link import LinkAction
from heedful.alerting.links.standing import Standing, standing
from heedful.alerting.recipients import Mention

MOST_MEMBERS: Final = 3
"""Of one message: further buttons would hide what it says."""
_CALLS_NOBODY: Final = frozenset({EndpointKind.PAGERDUTY})


def addressed(
    kind: EndpointKind, url: str, wanted: ActionLinks | None, mentions: Sequence[Mention]
) -> Sequence[Mention]:
    """The members whose links a message carries.

    Args:
        url: of a mail endpoint, its addresses.
        wanted: by the endpoint; None: only mail that goes to one member alone carries links.
        mentions: whom the notice is for.
    """
    match wanted:
        case ActionLinks.NONE:
            return ()
        case ActionLinks.MENTIONED:
            called = [one for one in mentions if kind in _CALLS_NOBODY or handles([one], kind)]
            return called[:MOST_MEMBERS]
        case None:
            return _alone(url, mentions) if kind is EndpointKind.EMAIL else ()


def _alone(url: str, mentions: Sequence[Mention]) -> Sequence[Mention]:
    """Who gets a mail that nobody else gets."""
    to = recipients(url, mentions)
    theirs = [one for one in mentions if one.handles.get(EndpointKind.EMAIL) in to]
    return theirs if (len(to), len(theirs)) == (1, 1) else ()


def offered(case: Case, member_id: str) -> list[LinkAction]:
    """What a member is offered to do to a case: what is open, and would change something."""
    open_ = [one for one in LinkAction if standing(case, one, member_id) is Standing.OPEN]
    return [one for one in open_ if one is not LinkAction.CLAIM or case.owner is None]

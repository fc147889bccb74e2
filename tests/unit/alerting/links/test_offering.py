"""Whose links a message may carry, and to what."""

from collections.abc import Sequence

import pytest

from heedful.alerting.case import Step
from heedful.alerting.endpoint_kinds import ActionLinks, EndpointKind
from heedful.alerting.folding import fold
from heedful.alerting.links.link import LinkAction
from heedful.alerting.links.offering import MOST_MEMBERS, addressed, offered
from heedful.alerting.recipients import Mention
from heedful.common.contracts import CaseEventKind, ClockMetric
from tests.unit.alerting.journeys import CALENDARS, OPENED, step
from tests.unit.alerting.messages import WANG

MENTIONED, NONE = ActionLinks.MENTIONED, ActionLinks.NONE
SLACK, EMAIL, PAGERDUTY = EndpointKind.SLACK, EndpointKind.EMAIL, EndpointKind.PAGERDUTY
LI = Mention("m2", "李", {"email": "li@example.com"})
NOBODY = Mention("m3", "无", {})
WANGS, OPS = "mailto:wang@example.com", "mailto:ops@example.com"


@pytest.mark.parametrize(
    ("kind", "url", "wanted", "mentions", "members"),
    [
        (SLACK, "", None, [WANG], []),
        (SLACK, "", NONE, [WANG], []),
        (SLACK, "", MENTIONED, [WANG, LI, NOBODY], [WANG]),
        (PAGERDUTY, "", MENTIONED, [WANG, LI], [WANG, LI]),
        (PAGERDUTY, "", None, [WANG], []),
        (EMAIL, WANGS, None, [WANG], [WANG]),
        (EMAIL, "mailto:", None, [WANG, NOBODY], [WANG]),
        (EMAIL, WANGS, NONE, [WANG], []),
        (EMAIL, WANGS, None, [], []),
        (EMAIL, WANGS, None, [NOBODY], []),
        (EMAIL, WANGS, None, [WANG, LI], []),
        (EMAIL, WANGS, None, [WANG, Mention("m4", "x", WANG.handles)], []),
        (EMAIL, OPS, None, [WANG], []),
        (EMAIL, f"{WANGS},ops@example.com", None, [WANG], []),
        (EMAIL, OPS, MENTIONED, [WANG, LI], [WANG, LI]),
    ],
)
def test_links_go_where_their_member_is_alone_or_where_the_operator_wants_them(
    kind: EndpointKind,
    url: str,
    wanted: ActionLinks | None,
    mentions: Sequence[Mention],
    members: Sequence[Mention],
) -> None:
    assert list(addressed(kind, url, wanted, mentions)) == members


def test_a_message_carries_those_of_three_members_at_most() -> None:
    crowd = [Mention(f"m{n}", "x", {"slack": f"U{n}"}) for n in range(9)]
    assert list(addressed(SLACK, "", MENTIONED, crowd)) == crowd[:MOST_MEMBERS]


CLAIM, ACKNOWLEDGE = LinkAction.CLAIM, LinkAction.ACKNOWLEDGE


@pytest.mark.parametrize(
    ("steps", "actions"),
    [
        ([], [CLAIM, ACKNOWLEDGE]),
        ([step(CaseEventKind.ACKNOWLEDGED, 1)], [CLAIM]),
        ([step(CaseEventKind.ASSIGNED, 1)], [ACKNOWLEDGE]),
        ([step(CaseEventKind.RESPONDED, 1, ClockMetric.RESPOND)], []),
        ([step(CaseEventKind.DISMISSED, 1)], []),
    ],
)
def test_a_member_is_offered_what_is_still_to_be_done(
    steps: Sequence[Step], actions: Sequence[LinkAction]
) -> None:
    case = fold([OPENED, *steps], CALENDARS)
    for member in ("wang", "li"):
        assert offered(case, member) == actions

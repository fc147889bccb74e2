"""Notices of a case that there is not: for tests of endpoints and previews of templates. Pure."""

from dataclasses import replace
from datetime import datetime, timedelta

from heedful.alerting.policies.document import Storm
from heedful.alerting.policies.judging import Facts
from heedful.alerting.recipients import Recipient
from heedful.alerting.signals.shown import Shown
from heedful.alerting.storms import telling
from heedful.alerting.storms.model import Issue, Silenced, Standing
from heedful.alerting.webhook import OF_ISSUES, EventType, Notice
from heedful.common.contracts import ClockMetric, Colour, Deadlines, SignalKind
from heedful.common.events import deterministic_id

_CLOCKED = frozenset({EventType.WARNING, EventType.BREACHED, EventType.ESCALATED})
_REASON = {"code": "sample", "label_zh": "示例原因", "label_en": "Sample reason"}
_SIGNAL = Shown(
    id="sample",
    facts=Facts(SignalKind.REPEATED_CONTACT, Colour.RED),
    summary_zh="5 天内第 3 次为同一问题联系：sample.topic",
    summary_en="Contact 3 on the same matter within 5 days: sample.topic",
)


def sample(type_: EventType, tenant: str, at: datetime, url: str = "") -> Notice:
    """What such a notice says, of a case with invented figures."""
    received = at - timedelta(hours=1)
    notice = Notice(
        type=type_,
        at=at,
        case_id=deterministic_id("sample", tenant),
        tenant=tenant,
        sequence=1,
        colour="red",
        state="new",
        clock=None,
        deadlines=Deadlines(
            respond=received + timedelta(hours=24),
            plan=received + timedelta(hours=48),
            land=received + timedelta(hours=72),
        ),
        received_at=received,
        source="sample",
        feedback_id="sample",
        channel="call",
        reasons=(_REASON,),
        url=url,
    )
    if type_ is EventType.SIGNALLED:
        return replace(notice, sequence=2, signal=_SIGNAL)
    if type_ is EventType.REPLY_WANTED:
        return replace(notice, text="示例回复 / sample reply")
    return replace(notice, clock=ClockMetric.RESPOND) if type_ in _CLOCKED else notice


def sample_body(type_: EventType, tenant: str, at: datetime, base: str) -> bytes:
    """The bytes of such a notice, of a case or of an issue.

    Args:
        base: start of the links.
    """
    if type_ not in OF_ISSUES:
        return sample(type_, tenant, at, f"{base}/v1/cases/sample").body()
    since = at - timedelta(hours=1)
    issue = Issue(
        id=deterministic_id("sample-issue", tenant),
        tenant=tenant,
        topic="sample.topic",
        touchpoint="sample.touchpoint",
        region=None,
        pace=Storm(),
        opened_at=since,
        joined_at=since,
    )
    told = [
        Silenced(
            case_id=deterministic_id("sample", tenant, str(number)),
            type=EventType.OPENED,
            colour=Colour.RED,
            at=at,
            tell_at=at,
            audience=(Recipient.OWNER,),
        )
        for number in range(3)
    ]
    return telling.body(issue, type_, told, Standing(8, 8, 3), at, base)

"""Notices of a case that there is not: for tests of endpoints and previews of templates. Pure."""

from dataclasses import replace
from datetime import datetime, timedelta

from heedful.alerting.webhook import EventType, Notice
from heedful.common.contracts import ClockMetric, Deadlines
from heedful.common.events import deterministic_id

_CLOCKED = frozenset({EventType.WARNING, EventType.BREACHED, EventType.ESCALATED})
_REASON = {"code": "sample", "label_zh": "示例原因", "label_en": "Sample reason"}


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
    return replace(notice, clock=ClockMetric.RESPOND) if type_ in _CLOCKED else notice

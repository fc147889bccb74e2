"""What an issue tells each endpoint: one notice in place of all that it would have heard. Pure."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final

import orjson

from heedful.alerting.delivery_records import Frozen
from heedful.alerting.endpoint import Listener
from heedful.alerting.store_deliveries import stored_mentions
from heedful.alerting.storms.model import Issue, Silenced, Standing
from heedful.alerting.storms.pacing import Look
from heedful.alerting.webhook import EventType, written
from heedful.common.contracts import Colour
from heedful.common.events import deterministic_id

SHOWN: Final = 10
"""Cases that a notice names."""


def notices(
    issue: Issue,
    look: Look,
    standing: Standing,
    listeners: Sequence[Listener],
    now: datetime,
    base: str,
) -> list[Frozen]:
    """The deliveries of one flush.

    Who has heard nothing yet hears `issue.opened`.

    Args:
        listeners: the enabled endpoints of the tenant; some ask for notices of issues.
        base: start of the links.
    """
    if look.event is None:
        return []
    hear = {one for silenced in look.told for one in silenced.endpoints}
    hear |= look.again & {one.id for one in listeners}
    hear |= {one.id for one in listeners if one.asks(look.event, issue.tenant)}
    found = []
    for endpoint in sorted(hear):
        event = look.event
        if not look.ends:
            new = endpoint not in issue.told_to
            event = EventType.ISSUE_OPENED if new else EventType.ISSUE_UPDATED
        told = [one for one in look.told if endpoint in one.endpoints]
        found.append(_frozen(issue, event, endpoint, told, standing, now, base))
    return found + _for_later(issue, look.later, standing, now, base)


def _for_later(
    issue: Issue, later: Sequence[Silenced], standing: Standing, now: datetime, base: str
) -> list[Frozen]:
    """An issue that has ended looks no more: what waits for working hours is written now."""
    found = []
    for tell_at in sorted({one.tell_at for one in later}):
        then = [one for one in later if one.tell_at == tell_at]
        for endpoint in sorted({name for one in then for name in one.endpoints}):
            told = [one for one in then if endpoint in one.endpoints]
            event = EventType.ISSUE_UPDATED
            found.append(
                _frozen(issue, event, endpoint, told, standing, now, base, not_before=tell_at)
            )
    return found


def _frozen(
    issue: Issue,
    event: EventType,
    endpoint: str,
    told: Sequence[Silenced],
    standing: Standing,
    now: datetime,
    base: str,
    not_before: datetime | None = None,
) -> Frozen:
    called = {mention.member_id: mention for one in told for mention in one.mentions}
    when = () if not_before is None else (written(not_before),)
    flush = str(issue.flushes + 1)
    return Frozen(
        id=deterministic_id("webhook-issue", issue.id, flush, *when, endpoint),
        tenant=issue.tenant,
        case_id="",
        endpoint_id=endpoint,
        type=event,
        body=body(issue, event, told, standing, now, base),
        mentions=stored_mentions(called.values()),
        urgent=any(one.urgent for one in told),
        not_before=not_before,
    )


def body(
    issue: Issue,
    event: EventType,
    told: Sequence[Silenced],
    standing: Standing,
    now: datetime,
    base: str,
) -> bytes:
    """The bytes of a notice. No word and no identifier of a customer is in them.

    Args:
        told: in the order in which they are to be told.
    """
    red = any(one.red for one in told) or (not told and standing.red > 0)
    cases: dict[str, Silenced] = {}
    for one in told:
        cases.setdefault(one.case_id, one)
    data: dict[str, Any] = {
        "issue_id": issue.id,
        "tenant": issue.tenant,
        "topic": issue.topic,
        "touchpoint": issue.touchpoint,
        "region": issue.region,
        "title": issue.title,
        "colour": Colour.RED if red else Colour.AMBER,
        "since": written(issue.opened_at),
        "flush": issue.flushes + 1,
        "cases": {
            "all": standing.cases,
            "unsettled": standing.unsettled,
            "red": standing.red,
        },
        "news": _news(told),
        "gravest": _child(told[0], base) if told else None,
        "audience": list(dict.fromkeys(who for one in told for who in one.audience)),
        "children": [_child(one, base) for one in list(cases.values())[:SHOWN]],
        "more": max(0, len(cases) - SHOWN),
        "url": f"{base}/v1/issues/{issue.id}",
    }
    return orjson.dumps({"type": event, "timestamp": written(now), "data": data})


def _news(told: Iterable[Silenced]) -> list[dict[str, Any]]:
    """Counts by what happened and colour, in the order in which they are told."""
    counts = Counter((one.type, one.colour) for one in told)
    return [{"type": type_, "colour": colour, "n": n} for (type_, colour), n in counts.items()]


def _child(one: Silenced, base: str) -> dict[str, Any]:
    return {
        "case_id": one.case_id,
        "type": one.type,
        "colour": one.colour,
        "clock": one.clock,
        "step": one.step,
        "url": f"{base}/v1/cases/{one.case_id}",
    }

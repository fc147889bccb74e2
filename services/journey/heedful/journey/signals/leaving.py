"""A customer whose last score was a satisfied one, and who speaks badly or of leaving. Pure."""

from collections.abc import Iterable
from datetime import timedelta

from heedful.common.contracts import Colour, SignalKind
from heedful.journey.lifecycle.events import Happened
from heedful.journey.lifecycle.lifecycle_file import SignalEntry
from heedful.journey.signals.sign import ALL, Sign


def satisfied_but_leaving(events: Iterable[Happened], entry: SignalEntry) -> list[Sign]:
    """At most one sign for each satisfied score.

    Args:
        events: of one customer, in the order of time.
    """
    found: list[Sign] = []
    score: Happened | None = None
    within = timedelta(days=entry.leaving_days)
    for event in events:
        if event.said and event.score is not None:
            score = event if event.score >= entry.satisfied else None
        if score is None or not (event.leaving or event.negative):
            continue
        if event.occurred_at - score.occurred_at <= within:
            found.append(_sign(score, event))
        score = None
    return found


def _sign(score: Happened, event: Happened) -> Sign:
    both = (score, event) if score.key != event.key else (event,)
    given = round((score.score or 0) * 100)
    does = ("表示要离开", "speaks of leaving") if event.leaving else ("评价转差", "speaks badly")
    return Sign(
        kind=SignalKind.SATISFIED_BUT_LEAVING,
        at=event.received_at,
        colour=Colour.RED if event.leaving else Colour.AMBER,
        confidence=None,
        summary_zh=f"最近一次打分满意（{given}%），却{does[0]}",
        summary_en=f"The last score was a satisfied one ({given}%), yet the customer {does[1]}",
        trigger=event,
        evidence=both,
        matters={ALL: tuple(one.key for one in both)},
        live=event.live,
    )

"""A customer who has gone A and then B of a pattern that often leads to C, and not to C yet. Pure.

As the insight counts it: A lies before B by `look_back_days` at most, C after B, and what happens
at the same moment is neither before nor after. An occasion is a B after an A, with later B's that
follow each other within `follow_days`. C ends it, and what was before C leads to nothing more.
"""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

from heedful.common.contracts import Colour, SignalKind, SignalPattern
from heedful.journey.lifecycle.events import Happened
from heedful.journey.lifecycle.moments import shifted
from heedful.journey.lifecycle.pattern_entry import GONE, PatternEntry
from heedful.journey.signals.sign import Sign
from heedful.journey.spoken import Spoken, Tone

MOST_FIRSTS: Final = 20
"""Of the A's before a B, the newest are shown."""

_NEVER: Final = datetime.min.replace(tzinfo=UTC)

Steps = Mapping[str, Sequence[Happened]]
"""By the name of a step its events, in the order of time."""


@dataclass(slots=True)
class _Occasion:
    firsts: Sequence[Happened]
    thens: list[Happened] = field(default_factory=list)


def under_way(events: Iterable[Happened], patterns: Sequence[PatternEntry]) -> list[Sign]:
    """One sign for each occasion of each pattern whose outcome has not come.

    Args:
        events: of one customer, in the order of time.
    """
    if not patterns:
        return []
    own = list(events)
    steps = {tone: steps_of(own, tone) for tone in {one.tone for one in patterns}}
    return [
        _sign(pattern, occasion)
        for pattern in patterns
        for occasion in _open(pattern, steps[pattern.tone])
        if occasion.thens[0].received_at < pattern.ends_at
    ]


def steps_of(events: Iterable[Happened], tone: Tone) -> Steps:
    """The events of each step, by its name."""
    found: dict[str, list[Happened]] = defaultdict(list)
    for event in events:
        if event.interaction == GONE:
            found[GONE].append(event)
        elif event.topics and _sounds(event, tone):
            for topic in dict.fromkeys(event.topics):
                found[Spoken(event.touchpoint, topic).name].append(event)
    return found


def _sounds(event: Happened, tone: Tone) -> bool:
    """As the insight hears it: a complaint is more blame than praise, or a light that says so."""
    if not event.said:
        return False
    if tone is Tone.BLAME:
        mild = event.colour == Colour.AMBER and not event.positive
        return event.negative or event.colour == Colour.RED or mild
    return tone is Tone.ALL or event.positive or event.colour == Colour.GREEN


def _open(pattern: PatternEntry, steps: Steps) -> list[_Occasion]:
    """Occasions that the outcome has not ended."""
    firsts, outcomes = steps.get(pattern.first, ()), steps.get(pattern.outcome, ())
    within, back = timedelta(days=pattern.follow_days), -timedelta(days=pattern.look_back_days)
    found: list[_Occasion] = []
    for then in steps.get(pattern.then, ()):
        over = _latest(outcomes, then.occurred_at)
        if found and _goes_on(found[-1].thens[-1], then, over, within):
            found[-1].thens.append(then)
            continue
        since = max(over, shifted(then.occurred_at, back))
        before = firsts[_place(firsts, since) : _place(firsts, then.occurred_at)]
        if before:
            found.append(_Occasion(before[-MOST_FIRSTS:], [then]))
    return [one for one in found if not _ended(one, outcomes, within)]


def _goes_on(last: Happened, then: Happened, over: datetime, within: timedelta) -> bool:
    return then.occurred_at - last.occurred_at <= within and over <= last.occurred_at


def _ended(occasion: _Occasion, outcomes: Sequence[Happened], within: timedelta) -> bool:
    until = shifted(occasion.thens[-1].occurred_at, within)
    came = bisect_right(outcomes, occasion.thens[0].occurred_at, key=_when)
    return came < len(outcomes) and outcomes[came].occurred_at <= until


def _latest(events: Sequence[Happened], before: datetime) -> datetime:
    """When the last of these happened before a moment."""
    place = _place(events, before)
    return _when(events[place - 1]) if place else _NEVER


def _place(events: Sequence[Happened], moment: datetime) -> int:
    """How many of these happened before it."""
    return bisect_left(events, moment, key=_when)


def _when(event: Happened) -> datetime:
    return event.occurred_at


def _sign(pattern: PatternEntry, occasion: _Occasion) -> Sign:
    firsts, trigger = occasion.firsts, occasion.thens[0]
    known = min(one.received_at for one in firsts)
    zh, en = _told_of(pattern)
    return Sign(
        kind=SignalKind.PATTERN_UNDER_WAY,
        at=max(known, trigger.received_at),
        colour=Colour.AMBER,
        confidence=pattern.share,
        summary_zh=zh,
        summary_en=en,
        trigger=trigger,
        evidence=(*firsts, trigger),
        matters={pattern.name: tuple(one.key for one in occasion.thens)},
        live=trigger.live,
        pattern=_known(pattern),
    )


def _known(pattern: PatternEntry) -> SignalPattern:
    return SignalPattern(
        first=pattern.first,
        then=pattern.then,
        outcome=pattern.outcome,
        share=pattern.share,
        lift=pattern.lift.value,
        low=pattern.lift.low,
        high=pattern.lift.high,
        customers=pattern.customers,
        follow_days=pattern.follow_days,
        measured=pattern.measured,
    )


def _told_of(pattern: PatternEntry) -> tuple[str, str]:
    """In Chinese and English."""
    lift, share = pattern.lift, round(pattern.share * 100)
    times = f"{lift.value:.2g}", f"{lift.low:.2g}", f"{lift.high:.2g}"
    days, customers = f"{pattern.follow_days:g}", pattern.customers
    zh = (
        f"先“{pattern.first}”，后“{pattern.then}”：{customers} 位有此经历的客户中，{share}% 在 "
        f"{days} 天内出现“{pattern.outcome}”，是同类客户的 {times[0]} 倍"
        f"（95% 区间 {times[1]}–{times[2]}，截至 {pattern.measured}）；是关联，不是因果"
    )
    en = (
        f"{pattern.first}, then {pattern.then}: of {customers} such customers {share}% came to "
        f"{pattern.outcome} within {days} days, {times[0]} times as many as of others alike (95% "
        f"interval {times[1]} to {times[2]}, until {pattern.measured}); an association, not a cause"
    )
    return zh, en

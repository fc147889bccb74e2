"""A customer who buys less often than before. Pure.

If purchases come at a constant rate, the k gaps between them are independent exponential times
with an unknown rate. Their sum is S, and the next gap exceeds s with the chance
(1 + s / S) ** -k: the Laplace transform of a gamma distributed sum, so that nothing is estimated
and a short history is not overrated. A silence whose chance is below the limit says that the
customer does not buy at their own rate any more. It does not say why. Whoever buys more regularly
than at random is told of late rather than early.
"""

from collections.abc import Iterable
from datetime import timedelta

from heedful.common.contracts import Colour, InteractionKind, SignalKind
from heedful.journey.lifecycle.events import Happened
from heedful.journey.lifecycle.lifecycle_file import SignalEntry
from heedful.journey.lifecycle.moments import shifted
from heedful.journey.signals.sign import ALL, Sign


def longest_silence(span: float, gaps: int, chance: float) -> float:
    """The time that the next gap exceeds with this chance, in the unit of `span`.

    Args:
        span: the sum of the gaps so far.
        gaps: how many.
    """
    longest: float = span * (chance ** (-1 / gaps) - 1)
    return longest


def churn_risk(events: Iterable[Happened], entry: SignalEntry) -> Sign | None:
    """The sign that shows when the silence has become too long, unless they buy before; None for
    who has bought too seldom to say, or has left.

    Args:
        events: of one customer, in the order of time.
    """
    bought: list[Happened] = []
    for event in events:
        if event.interaction == InteractionKind.CHURN:
            bought = []
        # What is bought on one day is one purchase.
        elif event.interaction == InteractionKind.ORDER and (
            not bought or event.occurred_at.date() != bought[-1].occurred_at.date()
        ):
            bought.append(event)
    if len(bought) < entry.purchases:
        return None
    last, gaps = bought[-1], len(bought) - 1
    span = last.occurred_at - bought[0].occurred_at
    silence = timedelta(days=longest_silence(span / timedelta(days=1), gaps, entry.silence))
    usual, silent = round(span / timedelta(days=gaps), 1), round(silence / timedelta(days=1), 1)
    percent = round(entry.silence * 100, 2)
    return Sign(
        kind=SignalKind.CHURN_RISK,
        at=shifted(last.occurred_at, silence),
        colour=Colour.AMBER,
        confidence=1 - entry.silence,
        summary_zh=f"平均每 {usual:g} 天购买一次，已 {silent:g} 天未购买；"
        f"若购买频率未变，这样的间隔只有 {percent:g}% 的可能",
        summary_en=f"Bought every {usual:g} days on average, and nothing for {silent:g} days; at "
        f"the same rate so long a gap has a chance of {percent:g}%",
        trigger=last,
        evidence=tuple(bought[-100:]),
        matters={ALL: (last.key,)},
        live=last.live,
    )

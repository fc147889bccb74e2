"""A journey that has been stuck for longer than its stage allows. Pure."""

from heedful.common.contracts import Colour, SignalKind
from heedful.journey.lifecycle.stages import Lifecycle
from heedful.journey.lifecycle.stuck import Stuck
from heedful.journey.signals.sign import ALL, Sign


def halted(found: Stuck, lifecycle: Lifecycle) -> Sign:
    """The sign that shows at the end of the limit, unless something happens before.

    A complaint that came in later than that shows it when it comes: nobody could act on it before,
    and the clocks of a case run from here.
    """
    first, last = found.complaints[0], found.complaints[-1]
    days = round((found.at - first.occurred_at).total_seconds() / 86_400, 1)
    stage = next((one for one in lifecycle.stages if one.code == found.stage), None)
    where = ("", "") if stage is None else (f"{stage.zh}阶段", f" in the stage {stage.en}")
    return Sign(
        kind=SignalKind.JOURNEY_STUCK,
        at=max(found.at, last.received_at),
        colour=Colour.AMBER,
        confidence=None,
        summary_zh=f"{where[0]}投诉后 {days:g} 天没有任何进展",
        summary_en=f"Nothing has moved{where[1]} for {days:g} days since a complaint",
        trigger=last,
        evidence=found.complaints[:100],
        matters={ALL: tuple(event.key for event in found.complaints)},
        live=any(event.live for event in found.complaints),
    )

"""What insights read of an event beside where and when it was: kept as columns. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from heedful.common.contracts import Direction, Enrichment, Interaction
from heedful.common.contracts.feedback import Score


@dataclass(frozen=True, slots=True)
class Measures:
    """
    Attributes:
        score: 0 to 1 of its scale.
        valence: -1 (all blame) to 1 (all praise).
        perceptions: delight, disappointment, ease, hassle, each once.
        leaving: they say that they leave or may.
        solicited: the score or the praise was asked or paid for.
        outbound: the business began it.
        amount: in the currency of `attributes["currency"]`.
        duration_s: seconds.
    """

    score: float | None = None
    score_kind: str | None = None
    valence: float | None = None
    perceptions: tuple[str, ...] = ()
    leaving: bool = False
    solicited: bool = False
    outbound: bool = False
    amount: float | None = None
    duration_s: float | None = None
    attributes: Mapping[str, str] = field(default_factory=dict)


def of_feedback(enriched: Enrichment) -> Measures:
    """Of what a customer said."""
    said = enriched.feedback
    scored = None if said.score is None else on_its_scale(said.score)
    return Measures(
        score=scored,
        score_kind=None if said.score is None or scored is None else said.score.kind,
        valence=None if enriched.sentiment is None else enriched.sentiment.score,
        perceptions=tuple(dict.fromkeys(one.label for one in enriched.perceptions)),
        leaving=enriched.churn is not None,
        solicited=enriched.solicited is not None,
        attributes=said.attributes,
    )


def of_interaction(recorded: Interaction) -> Measures:
    """Of what happened."""
    return Measures(
        outbound=recorded.direction is Direction.OUTBOUND,
        amount=recorded.amount,
        duration_s=recorded.duration_s,
        attributes=recorded.attributes,
    )


def on_its_scale(score: Score) -> float | None:
    """From 0, the lowest of its scale, to 1; None where the scale or the value is none."""
    if not score.minimum < score.maximum or not score.minimum <= score.value <= score.maximum:
        return None
    return (score.value - score.minimum) / (score.maximum - score.minimum)

"""What insights read of an event."""

import pytest

from heedful.common.contracts import (
    Direction,
    Enrichment,
    Found,
    Interaction,
    Perception,
    PerceptionLabel,
    Polarity,
    Score,
    ScoreKind,
    Sentiment,
    Span,
)
from heedful.journey.measures import Measures, of_feedback, of_interaction, on_its_scale
from tests.unit.journey.material import feedback, interaction

SPAN = Span(start=0, end=2, text="很好")
DELIGHT = Perception(label=PerceptionLabel.DELIGHT, intensity=3, confidence=0.9, evidence=(SPAN,))


def test_of_feedback() -> None:
    score = Score(kind=ScoreKind.NPS, value=8, minimum=0, maximum=10)
    given = feedback(1, score=score, attributes={"segment": "gold"}).payload
    assert isinstance(given, Enrichment)
    said = given.model_copy(
        update={
            "sentiment": Sentiment(polarity=Polarity.POSITIVE, score=0.75, confidence=0.9),
            "perceptions": (DELIGHT, DELIGHT),
            "churn": Found(confidence=0.9, evidence=(SPAN,)),
            "solicited": Found(confidence=0.9, evidence=(SPAN,)),
        }
    )
    assert of_feedback(said) == Measures(
        score=0.8,
        score_kind="nps",
        valence=0.75,
        perceptions=("delight",),
        leaving=True,
        solicited=True,
        attributes={"segment": "gold"},
    )


def test_what_was_not_said_is_not_there() -> None:
    given = feedback(1).payload
    assert isinstance(given, Enrichment)
    assert of_feedback(given.model_copy(update={"sentiment": None})) == Measures()


def test_of_an_interaction() -> None:
    given = interaction(
        1,
        direction=Direction.OUTBOUND,
        amount=19.5,
        duration_s=90,
        attributes={"currency": "CNY"},
    ).payload
    assert isinstance(given, Interaction)
    assert of_interaction(given) == Measures(
        outbound=True, amount=19.5, duration_s=90, attributes={"currency": "CNY"}
    )


@pytest.mark.parametrize(
    ("value", "minimum", "maximum", "found"),
    [
        (1, 1, 5, 0),
        (5, 1, 5, 1),
        (4, 1, 5, 0.75),
        (6, 1, 5, None),
        (0, 1, 5, None),
        (3, 3, 3, None),
    ],
)
def test_a_score_is_of_its_scale(
    value: float, minimum: float, maximum: float, found: float | None
) -> None:
    """One outside of its scale, or on a scale without length, says nothing."""
    score = Score(kind=ScoreKind.CSAT, value=value, minimum=minimum, maximum=maximum)
    assert on_its_scale(score) == found

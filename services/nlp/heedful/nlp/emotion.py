"""The emotion of a text, where the encoder is sure of one."""

from dataclasses import dataclass
from typing import Final

from heedful.common.contracts import Span
from heedful.nlp.encoder.reading import Reading
from heedful.nlp.encoder.tasks import EMOTION_QUERY, EMOTIONS
from heedful.nlp.text import Text

_NONE: Final = "neutral"
_SURE: Final = 0.5


@dataclass(frozen=True, slots=True)
class Emotion:
    """One of `EMOTIONS` but neutral, and where the encoder looked for it."""

    label: str
    confidence: float
    evidence: Span


def emotion_of(reading: Reading | None, text: Text) -> Emotion | None:
    """The emotion of a text; None where there is none or the encoder is unsure."""
    if reading is None:
        return None
    confidence = float(reading.emotion.max())
    label = EMOTIONS[int(reading.emotion.argmax())]
    if label == _NONE or confidence < _SURE:
        return None
    return Emotion(label, round(confidence, 4), text.span(*reading.focus[EMOTION_QUERY]))

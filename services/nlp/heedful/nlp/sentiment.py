"""Whether a text praises or blames: the model's probability, moved by the opinion words.

The model has read Chinese reviews, so for other languages the words decide alone. What neither
speaks about has no sentiment: None, not neutral.
"""

import math
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from heedful.common.contracts import Polarity, Sentiment, Span
from heedful.nlp.features import ngrams
from heedful.nlp.opinions import Opinion
from heedful.nlp.text import Clause, Text

NEGATIVE, NEUTRAL, POSITIVE = range(3)
LABELS: Final = ("negative", "neutral", "positive")
"""The order of the model's probabilities."""

_MAX_EVIDENCE: Final = 8
_MAX_SPAN: Final = 80
_MAX_CLAUSES: Final = 16
# The model asks for some characters before it says more than the mean of its training set.
_MIN_HAN: Final = 2
_LEXICON_SHARE: Final = {"zh": 1.2, "mixed": 2.0}
_LEXICON_ALONE: Final = 3.0
_IRONIC: Final = 3.0
_SURE: Final = 0.65
_SURE_OF_ASKING: Final = 0.98
_NEUTRAL: Final = 0.5
_MIXED_BELOW: Final = 0.8
_MIXED_SHARE: Final = 0.5
_FAINT: Final = 1.0


class SentimentClassifier(Protocol):
    """A backend: the same weights give the same probabilities in each."""

    @property
    def version(self) -> str:
        """Of the weights."""
        ...

    def probabilities(self, features: NDArray[np.int64]) -> NDArray[np.float32]:
        """Of `LABELS`, for the n-grams of one text (`heedful.nlp.features`). Thread-safe."""
        ...


@dataclass(frozen=True, slots=True)
class Leaning:
    """How far a stretch of text leans: `positive` of what is not neutral, and `neutral` of all."""

    positive: float
    neutral: float


class Judge:
    """Judges texts and clauses with one classifier."""

    def __init__(self, classifier: SentimentClassifier) -> None:
        self._classifier = classifier

    def leaning(self, normal: str) -> Leaning:
        """What the model makes of Chinese words."""
        probabilities = self._classifier.probabilities(ngrams(normal))
        negative, neutral, positive = (float(value) for value in probabilities)
        return Leaning(positive / max(negative + positive, 1e-9), neutral)

    def sentiment(
        self, text: Text, opinions: list[Opinion], *, asks: bool = False
    ) -> Sentiment | None:
        """The sentiment of a text, with evidence; None where nothing speaks for any.

        `asks`: the text asks for something. The model knows few such texts, so without an opinion
        word it has to be very sure.
        """
        if not text.clauses:
            return None
        reads = text.language in _LEXICON_SHARE and len(text.normal) >= _MIN_HAN
        leaning = self.leaning(text.normal) if reads else None
        if leaning is None and not opinions:
            return None
        polarity, confidence = _decide(text.language, leaning, opinions, asks=asks)
        evidence = self._evidence(text, opinions, polarity)
        if not evidence:
            return None
        return Sentiment(polarity=polarity, confidence=round(confidence, 4), evidence=evidence)

    def _evidence(
        self, text: Text, opinions: list[Opinion], polarity: Polarity
    ) -> tuple[Span, ...]:
        fitting = [one for one in opinions if _fits(one, polarity)]
        if fitting:
            strongest = sorted(fitting, key=lambda one: -abs(one.weight))[:_MAX_EVIDENCE]
            ordered = sorted(strongest, key=lambda one: one.start)
            return tuple(text.span(one.start, one.end) for one in ordered)
        clause = self._speaking_clause(text, polarity)
        return (clause_span(text, clause),)

    def _speaking_clause(self, text: Text, polarity: Polarity) -> Clause:
        """The clause from which the model would say the same the loudest."""
        clauses = text.clauses[:_MAX_CLAUSES]
        if len(clauses) == 1 or text.language not in _LEXICON_SHARE:
            return clauses[0]

        def loudness(clause: Clause) -> float:
            leaning = self.leaning(text.normal[clause.start : clause.end])
            if polarity is Polarity.NEUTRAL:
                return leaning.neutral
            share = leaning.positive if polarity is Polarity.POSITIVE else 1 - leaning.positive
            return share * (1 - leaning.neutral)

        return max(clauses, key=loudness)


def clause_span(text: Text, clause: Clause) -> Span:
    """A clause as evidence, without the blanks around it and not longer than a line."""
    words = text.normal[clause.start : clause.end]
    start = clause.start + len(words) - len(words.lstrip())
    end = clause.start + len(words.rstrip())
    return text.span(start, min(end, start + _MAX_SPAN))


def _decide(
    language: str, leaning: Leaning | None, opinions: list[Opinion], *, asks: bool
) -> tuple[Polarity, float]:
    praise = sum(one.weight for one in opinions if one.weight > 0)
    blame = -sum(one.weight for one in opinions if one.weight < 0)
    said = praise + blame
    tilt = (praise - blame) / (said + 1)
    if leaning is None:
        certainty = _sigmoid(_LEXICON_ALONE * tilt)
        neutral = 0.0
    else:
        certainty = _sigmoid(_logit(leaning.positive) + _LEXICON_SHARE[language] * tilt)
        neutral = leaning.neutral
    if any(one.ironic for one in opinions):
        certainty = _sigmoid(_logit(certainty) - _IRONIC)
    sure = max(certainty, 1 - certainty)
    if leaning is not None and _is_neutral(neutral, said, sure, _SURE_OF_ASKING if asks else _SURE):
        return Polarity.NEUTRAL, max(neutral, 1 - sure)
    if min(praise, blame) >= max(_FAINT, _MIXED_SHARE * max(praise, blame)) and sure < _MIXED_BELOW:
        return Polarity.MIXED, 2 * (1 - sure)
    polarity = Polarity.POSITIVE if certainty >= 0.5 else Polarity.NEGATIVE
    return polarity, sure * (1 - neutral * (said < _FAINT))


def _is_neutral(neutral: float, said: float, sure: float, needed: float) -> bool:
    if said:
        return said < _FAINT and neutral >= _NEUTRAL
    return neutral >= _NEUTRAL or sure * (1 - neutral) < needed


def _fits(opinion: Opinion, polarity: Polarity) -> bool:
    if polarity is Polarity.POSITIVE:
        return opinion.weight > 0
    if polarity is Polarity.NEGATIVE:
        return opinion.weight < 0
    return polarity is Polarity.MIXED


def _logit(share: float) -> float:
    clipped = min(max(share, 1e-6), 1 - 1e-6)
    return math.log(clipped / (1 - clipped))


def _sigmoid(value: float) -> float:
    return 1 / (1 + math.exp(-value))

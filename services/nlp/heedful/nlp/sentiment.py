"""Whether a text praises or blames: the opinion words and the encoder's shares, weighed.

Where words judge, they and the encoder are added as logits; the shorter a text, the more the words
count. Where no word judges, the encoder alone must be sure, and of a question it is not believed
at all: it has read reviews, and little of how people ask. Languages other than Chinese it has not
read: there the words decide alone. Where nothing is sure but the encoder leans, a text is neutral
and its score says which way; where nothing leans there is no sentiment: None, not neutral.

The score is the share of praise less the share of blame, so its sign is that of the polarity. What
has no side (mixed, neutral) keeps its lean, within `SIDELESS` of 0.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from heedful.common.contracts import Polarity, Sentiment, Span
from heedful.nlp.encoder.reading import Reading
from heedful.nlp.encoder.tasks import OPINION_KINDS
from heedful.nlp.evidence import clause_span
from heedful.nlp.opinion_words import MILD, PLAIN
from heedful.nlp.opinions import Opinion
from heedful.nlp.text import Text

NEGATIVE, NEUTRAL, POSITIVE = range(3)
LABELS: Final = ("negative", "neutral", "positive")
"""The order of the model's probabilities."""

SHORT: Final = 12.0
"""At so many characters the extra weight that words have in a short text has fallen to a third."""
# train/calibrate.py fits the weight of the encoder. That of the words is kept larger than it finds:
# it fits on domains that the encoder knows, and a customer's trade it does not know.
_MODEL: Final = 0.84
_MODEL_SHORT: Final = -0.3
_WORDS: Final = 1.8
_WORDS_SHORT: Final = 4.0
# However sure the encoder is, clear words may outweigh it.
_FARTHEST: Final = 2.3
_SURE_ALONE: Final = {Polarity.NEGATIVE: 0.76, Polarity.NEUTRAL: 0.5, Polarity.POSITIVE: 0.7}

_MAX_EVIDENCE: Final = 8
# A clause of fewer characters is a name or a greeting more often than a reason.
_MIN_CLAUSE: Final = 5
_KINDS: Final = {
    Polarity.POSITIVE: ("positive",),
    Polarity.NEGATIVE: ("negative",),
    Polarity.NEUTRAL: ("neutral",),
    Polarity.MIXED: ("positive", "negative"),
}
_LEXICON_ALONE: Final = 3.0
_IRONIC: Final = 3.0
# Words of less weight, all together, make no clear case, however sure the model is beside them.
_CLEARLY: Final = 0.8
_UNCLEAR: Final = 0.74
_MIXED_BELOW: Final = 0.75
_MIXED_RESERVED: Final = 0.88
_MIXED_SHARE: Final = 0.3
_MIXED_LEAST: Final = 0.3

SIDELESS: Final = 0.3
"""The score of a mixed or neutral text lies within so much of 0. That of any other is never 0."""
_LEAST_SCORE: Final = 0.01
# A smaller share of praise less that of blame is no lean.
_LEANS: Final = 0.2


@dataclass(frozen=True, slots=True)
class _Verdict:
    """`lean` is the share of praise less that of blame, from -1 to 1."""

    polarity: Polarity
    confidence: float
    lean: float


@dataclass(frozen=True, slots=True)
class Leaning:
    """How far a text leans: `positive` of what is not neutral, and `neutral` of all."""

    positive: float
    neutral: float


def leaning_of(reading: Reading) -> Leaning:
    """What the encoder makes of a text."""
    negative, neutral, positive = (float(value) for value in reading.sentiment)
    return Leaning(positive / max(negative + positive, 1e-9), neutral)


def judge(
    text: Text, opinions: Sequence[Opinion], reading: Reading | None, *, asks: bool = False
) -> Sentiment | None:
    """The sentiment of a text, with evidence; None where nothing speaks for any.

    Args:
        text: the text.
        opinions: its opinion words.
        reading: what the encoder says of it; None where it has not read it.
        asks: the text asks for something, so that its politeness is no praise and only words
            judge.
    """
    if not text.clauses:
        return None
    heard = counted(opinions, asks=asks)
    read = reading if not (asks and not heard) else None
    leaning = leaning_of(read) if read else None
    if any(one.weight for one in heard):
        verdict = _by_words(leaning, heard, len(text.normal))
    else:
        verdict = _by_model(leaning, praises=not heard)
    if verdict is None:
        verdict = _undecided(reading)
    if verdict is None:
        return None
    return Sentiment(
        polarity=verdict.polarity,
        score=score_of(verdict.polarity, verdict.lean),
        confidence=round(verdict.confidence, 4),
        evidence=_evidence(text, heard, reading, verdict.polarity),
    )


def score_of(polarity: Polarity, lean: float) -> float:
    """The score, from -1 to 1, of a text with this polarity that leans so far."""
    if polarity is Polarity.POSITIVE:
        return round(min(max(lean, _LEAST_SCORE), 1), 4)
    if polarity is Polarity.NEGATIVE:
        return round(max(min(lean, -_LEAST_SCORE), -1), 4)
    return round(SIDELESS * lean, 4)


def _evidence(
    text: Text, opinions: Sequence[Opinion], reading: Reading | None, polarity: Polarity
) -> tuple[Span, ...]:
    """The words that judge so, else the clauses of the encoder's opinions, else where it looked.

    Whole clauses, because the encoder's own spans may begin or end inside a word.
    """
    fitting = [one for one in opinions if _fits(one, polarity)]
    if fitting:
        strongest = sorted(fitting, key=lambda one: -abs(one.weight))[:_MAX_EVIDENCE]
        ordered = sorted(strongest, key=lambda one: one.start)
        return tuple(text.span(one.start, one.end) for one in ordered)
    if reading is None:
        return (clause_span(text, max(text.clauses, key=lambda one: one.end - one.start)),)
    kinds = _KINDS[polarity]
    told = [one.place[0] for one in reading.opinions if OPINION_KINDS[one.kind] in kinds]
    places = told or [reading.focus[0]]
    clauses = dict.fromkeys(text.clauses[text.clause_at(start)] for start in places)
    telling = [one for one in clauses if one.end - one.start >= _MIN_CLAUSE] or list(clauses)
    return tuple(clause_span(text, one) for one in telling[:_MAX_EVIDENCE])


def counted(opinions: Sequence[Opinion], *, asks: bool) -> list[Opinion]:
    """The opinions that count in this text: no mere politeness, no trouble that was mended."""
    kept = [
        replace(one, weight=MILD) if one.courtesy else one
        for one in opinions
        if not asks or one.weight < 0 or one.weight >= PLAIN
    ]
    if any(one.weight < 0 and not one.trouble for one in kept):
        return kept
    praised = max((one.clause for one in kept if one.weight > 0), default=-1)
    return [one for one in kept if not (one.trouble and one.clause < praised)]


def tilt(opinions: Sequence[Opinion]) -> float:
    """Which way the words lean, from -1 to 1, and the farther the more they are."""
    praise, blame = _praise_and_blame(opinions)
    return (praise - blame) / (praise + blame + 1)


def _praise_and_blame(opinions: Sequence[Opinion]) -> tuple[float, float]:
    praise = sum(one.weight for one in opinions if one.weight > 0)
    return praise, praise - sum(one.weight for one in opinions)


def _by_words(leaning: Leaning | None, opinions: Sequence[Opinion], length: int) -> _Verdict | None:
    praise, blame = _praise_and_blame(opinions)
    if leaning is None:
        balance = _LEXICON_ALONE * tilt(opinions)
    else:
        short = math.exp(-length / SHORT)
        told = min(max(_logit(leaning.positive), -_FARTHEST), _FARTHEST)
        balance = (_MODEL + _MODEL_SHORT * short) * told
        balance += (_WORDS + _WORDS_SHORT * short) * tilt(opinions)
    if any(one.ironic for one in opinions):
        balance -= _IRONIC
    sure = _sigmoid(abs(balance))
    lean = math.tanh(balance / 2)
    below = _MIXED_RESERVED if any(one.reserved for one in opinions) else _MIXED_BELOW
    least = max(_MIXED_LEAST, _MIXED_SHARE * max(praise, blame))
    if min(praise, blame) >= least and sure < below:
        return _Verdict(Polarity.MIXED, 2 * (1 - sure), lean)
    polarity = Polarity.POSITIVE if balance >= 0 else Polarity.NEGATIVE
    # Against all words the model must be as sure as without any.
    if not any(_fits(one, polarity) for one in opinions) and sure < _SURE_ALONE[polarity]:
        return None
    if (praise if polarity is Polarity.POSITIVE else blame) < _CLEARLY:
        sure = min(sure, _UNCLEAR)
    return _Verdict(polarity, sure, lean)


def _by_model(leaning: Leaning | None, *, praises: bool) -> _Verdict | None:
    """What the model says alone, where it is sure enough for it.

    `praises`: it may find praise; what is called "all right" is not praised.
    """
    if leaning is None:
        return None
    rest = 1 - leaning.neutral
    shares = {
        Polarity.NEGATIVE: rest * (1 - leaning.positive),
        Polarity.NEUTRAL: leaning.neutral,
        Polarity.POSITIVE: rest * leaning.positive,
    }
    polarity = max(shares, key=lambda one: shares[one])
    sure = shares[polarity]
    if polarity is Polarity.POSITIVE and not praises:
        return None
    if sure < _SURE_ALONE[polarity]:
        return None
    return _Verdict(polarity, min(sure, _UNCLEAR), rest * (2 * leaning.positive - 1))


def _undecided(reading: Reading | None) -> _Verdict | None:
    """Neither praise nor blame for sure; None where the encoder does not even lean."""
    if reading is None:
        return None
    negative, neutral, positive = (float(value) for value in reading.sentiment)
    lean = positive - negative
    return _Verdict(Polarity.NEUTRAL, neutral, lean) if abs(lean) >= _LEANS else None


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

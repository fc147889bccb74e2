"""The emotions of a text: what the encoder is sure of, and what is said in words.

The encoder gives one emotion for a text (for each window of a long one); words give those that it
does not see. Two emotions of one text are told apart by their place: a word beside the clauses that
speak for another emotion adds its own, inside them the encoder is believed. Languages that the
encoder has not read are judged by words alone. An emotion that is denied ("不生气") is none. The
encoder learned emotions from posts of a social network and hears anger in plain questions, so it
must be surer of a text that asks for something or whose sentiment is on the other side.

Intensity from 1 to 5. It starts at the strength of the strongest word (mild 2, plain 3, strong 4);
without a word at 2, or at 3 where the encoder is very sure. One more for a word of degree ("非常",
"…死了"), one more for two or more exclamation marks in the sentence or a repeated emoji; one less
for "有点". Only evidence of the emotion itself counts.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Final

from heedful.common.contracts import Emotion, EmotionLabel, Polarity, Sentiment
from heedful.nlp.emotion_words import EmotionWord, EmotionWords
from heedful.nlp.encoder.reading import Mood, Reading
from heedful.nlp.encoder.tasks import EMOTIONS
from heedful.nlp.evidence import clause_span
from heedful.nlp.text import Text

_NONE: Final = "neutral"
# Shares are calibrated, so a reader may ask for more. Asking for 0.5 here would miss so many that
# macro-F1 on the dev part of the emotion set falls by three points.
_SURE: Final = 0.3
_SURE_AGAINST: Final = 0.5
_AGAINST: Final = {
    "happy": Polarity.NEGATIVE,
    "angry": Polarity.POSITIVE,
    "sad": Polarity.POSITIVE,
    "fear": Polarity.POSITIVE,
}
_VERY_SURE: Final = 0.8
# How often a text with a word of this strength has its emotion, on the same texts.
_BY_WORDS: Final = {2: 0.5, 3: 0.65, 4: 0.75}
# Beside what the encoder has read, a mild word adds nothing.
_LEAST_BESIDE: Final = 3
_WEAK, _PLAIN, _FAINTEST, _STRONGEST = 2, 3, 1, 5
_SHOUTED: Final = 2
_MAX_EVIDENCE: Final = 6


@dataclass(frozen=True, slots=True)
class _Felt:
    """One emotion with all that speaks for it; `clauses` are where the encoder looked."""

    label: str
    confidence: float
    clauses: tuple[int, ...]
    words: tuple[EmotionWord, ...]


def emotions_of(
    reading: Reading | None,
    text: Text,
    words: EmotionWords,
    sentiment: Sentiment | None = None,
    *,
    asks: bool = False,
) -> tuple[Emotion, ...]:
    """The emotions of a text, the encoder's before those of words; empty where there is none.

    Args:
        reading: what the encoder says of the text; None where it has not read it.
        text: the text.
        words: the words that show emotions.
        sentiment: of the text.
        asks: the text asks for something.
    """
    if not text.clauses:
        return ()
    found = words.find(text)
    read = [
        felt
        for one in _of_encoder(reading, text)
        if _believed(felt := _with_words(one, found), sentiment, asks=asks)
    ]
    said = list(_of_words(read, found, text, 0 if reading is None else _LEAST_BESIDE))
    ordered = [*_surest_first(read), *_surest_first(said)]
    return tuple(_emotion(one, text, words) for one in ordered)


def _believed(felt: _Felt, sentiment: Sentiment | None, *, asks: bool) -> bool:
    against = sentiment is not None and sentiment.polarity is _AGAINST.get(felt.label)
    doubtful = (asks or against) and not felt.words
    return felt.confidence >= (_SURE_AGAINST if doubtful else _SURE)


def _surest_first(felt: Sequence[_Felt]) -> list[_Felt]:
    return sorted(felt, key=lambda one: -one.confidence)


def _of_encoder(reading: Reading | None, text: Text) -> Iterator[_Felt]:
    """What the windows show, each emotion once."""
    moods = () if reading is None else reading.moods
    by_label: dict[str, list[tuple[Mood, float]]] = {}
    for mood in moods:
        label = EMOTIONS[int(mood.shares.argmax())]
        confidence = float(mood.shares.max())
        if label != _NONE:
            by_label.setdefault(label, []).append((mood, confidence))
    for label, own in by_label.items():
        clauses = tuple(dict.fromkeys(text.clause_at(mood.focus[0]) for mood, _ in own))
        yield _Felt(label, max(confidence for _, confidence in own), clauses, ())


def _with_words(felt: _Felt, found: Sequence[EmotionWord]) -> _Felt:
    return replace(felt, words=tuple(one for one in found if one.label == felt.label))


def _of_words(
    read: Sequence[_Felt], found: Sequence[EmotionWord], text: Text, least: int
) -> Iterator[_Felt]:
    """Emotions that only words show, away from what shows another one."""
    known = {one.label for one in read}
    taken = {clause for one in read for clause in (*one.clauses, *_clauses(one.words, text))}
    for label in dict.fromkeys(one.label for one in found if one.label not in known):
        free = tuple(
            one for one in found if one.label == label and text.clause_at(one.start) not in taken
        )
        strength = max((one.strength for one in free), default=-1)
        if strength >= least:
            yield _Felt(label, _BY_WORDS[strength], (), free)
            taken.update(_clauses(free, text))


def _clauses(words: Sequence[EmotionWord], text: Text) -> Iterator[int]:
    return (text.clause_at(one.start) for one in words)


def _emotion(felt: _Felt, text: Text, words: EmotionWords) -> Emotion:
    clauses = [text.clauses[number] for number in felt.clauses]
    if felt.words:
        spans = [text.span(one.start, one.end) for one in felt.words]
    else:
        spans = [clause_span(text, one) for one in clauses]
    return Emotion(
        label=EmotionLabel(felt.label),
        intensity=_intensity(felt, text, words),
        confidence=round(felt.confidence, 4),
        evidence=tuple(spans[:_MAX_EVIDENCE]),
    )


def _intensity(felt: _Felt, text: Text, words: EmotionWords) -> int:
    if felt.words:
        strongest = max(felt.words, key=lambda one: (one.strength, one.degree))
        level, degree = strongest.strength, strongest.degree
        places = [(one.start, one.end) for one in felt.words]
    else:
        level = _PLAIN if felt.confidence >= _VERY_SURE else _WEAK
        places = [(text.clauses[one].start, text.clauses[one].end) for one in felt.clauses]
        degree = max(words.degree_of(text.normal[start:end]) for start, end in places)
    shouted = any(_shouted(start, text) for start, _ in places[:_MAX_EVIDENCE]) or _repeats_emoji(
        felt.words
    )
    return min(max(level + degree + int(shouted), _FAINTEST), _STRONGEST)


def _shouted(start: int, text: Text) -> bool:
    """Whether the sentence around a place ends in two or more exclamation marks."""
    number = text.clause_at(start)
    last = text.clauses[number]
    for clause in islice(text.clauses, number, None):
        if clause.sentence != last.sentence:
            break
        last = clause
    return text.normal[last.end : last.end + _SHOUTED] == "!" * _SHOUTED


def _repeats_emoji(words: Sequence[EmotionWord]) -> bool:
    return sum(one.emoji for one in words) >= _SHOUTED

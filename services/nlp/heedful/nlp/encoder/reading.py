"""What the encoder says of a text, in places of its normal form."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from heedful.nlp.encoder import tasks
from heedful.nlp.encoder.spans import Floats, PieceSpan, belonging, softmax, spans
from heedful.nlp.encoder.windows import LENGTH, Window, windows
from heedful.nlp.encoder.wordpiece import Tokens, WordPieces
from heedful.nlp.resources import DataModel

Place = tuple[int, int]
Ints = NDArray[np.int64]

_ATTENDED: Final = 0.5
_NO_EMOTION: Final = np.eye(len(tasks.EMOTIONS), dtype=np.float32)[tasks.EMOTIONS.index("neutral")]
_ABSENT: Final = np.eye(len(tasks.Stance), dtype=np.float32)[tasks.Stance.ABSENT]


@dataclass(frozen=True, slots=True)
class Raw:
    """What an engine gives for one text of so many pieces, its marks included.

    `answers` [queries, classes] logits; `attention` [queries, pieces] shares; `tags`
    [pieces, tags] logits; `pairs` [pieces, 2, width].
    """

    answers: Floats
    attention: Floats
    tags: Floats
    pairs: Floats


class Temperatures(DataModel):
    """What logits are divided by, so that shares say how often they are right.

    Guo et al., "On Calibration of Modern Neural Networks" (2017).
    """

    sentiment: float = 1.0
    emotion: float = 1.0
    car: float = 1.0
    restaurant: float = 1.0


class Engine(Protocol):
    """Runs the network on one text at a time. Thread-safe."""

    @property
    def version(self) -> str:
        """Of the weights."""
        ...

    @property
    def pieces(self) -> WordPieces:
        """The vocabulary that the weights were trained with."""
        ...

    @property
    def temperatures(self) -> Temperatures:
        """Fitted to the weights."""
        ...

    @property
    def untrained(self) -> frozenset[str]:
        """Heads (`tasks.HEADS`) that nothing was taught: their output means nothing."""
        ...

    def run(self, ids: Ints, segments: Ints) -> Raw:
        """The outputs for pieces and speakers, both [pieces]."""
        ...


@dataclass(frozen=True, slots=True)
class OpinionSpan:
    """An opinion with its polarity (`tasks.OPINION_KINDS`) and the aspects it is about.

    No aspect: it is about something that is not named.
    """

    place: Place
    kind: int
    confidence: float
    aspects: tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class NameSpan:
    """A mention of a person or an address (`tasks.NAME_KINDS`)."""

    place: Place
    kind: int
    confidence: float


@dataclass(frozen=True, slots=True)
class Mood:
    """Shares of `tasks.EMOTIONS` in one window, and where in it the encoder looked most."""

    shares: Floats
    focus: Place


@dataclass(frozen=True, slots=True)
class Reading:
    """Shares of the classes of each question, and spans in the order of the text.

    `car` [10, 4] and `restaurant` [20, 4] are over `Stance`; `focus` says for each query where the
    encoder looked most. `moods` has one for each window.
    """

    sentiment: Floats
    emotion: Floats
    car: Floats
    restaurant: Floats
    focus: tuple[Place, ...]
    opinions: tuple[OpinionSpan, ...]
    names: tuple[NameSpan, ...]
    moods: tuple[Mood, ...] = ()


def read(engine: Engine, normal: str) -> Reading | None:
    """What the encoder says of a normal form; None where there is no piece to read.

    A long text is read in overlapping windows: sentiment and emotion are their mean, an aspect
    comes from the window that is surest of it, and every piece from the window around it. A head
    without training finds nothing: no emotion, no stance, no span.
    """
    tokens = engine.pieces.split(normal)
    if not len(tokens):
        return None
    parts = windows(len(tokens))
    raws = [_run(engine, tokens, part) for part in parts]
    sizes = [part.last - part.first for part in parts]
    tags = _best([raw.tags for raw in raws], parts)
    looked = _best([raw.attention.T for raw in raws], parts)
    heat, silent = engine.temperatures, engine.untrained
    sentiments = [one.answers[tasks.SENTIMENT_QUERY, : len(tasks.SENTIMENTS)] for one in raws]
    emotions = [one.answers[tasks.EMOTION_QUERY, : len(tasks.EMOTIONS)] for one in raws]
    return Reading(
        sentiment=_mean(sentiments, sizes, heat.sentiment),
        emotion=_NO_EMOTION if "emotion" in silent else _mean(emotions, sizes, heat.emotion),
        car=_surest(raws, tasks.CAR_QUERIES, heat.car, silent="car" in silent),
        restaurant=_surest(
            raws, tasks.RESTAURANT_QUERIES, heat.restaurant, silent="restaurant" in silent
        ),
        focus=_focus(looked, tokens),
        opinions=() if "opinions" in silent else _opinions(tags, raws, parts, tokens),
        names=() if "names" in silent else _names(tags, tokens),
        moods=() if "emotion" in silent else _moods(raws, parts, looked, tokens, heat.emotion),
    )


def _run(engine: Engine, tokens: Tokens, part: Window) -> Raw:
    pieces = engine.pieces
    ids = np.array([pieces.start, *tokens.ids[part.start : part.end], pieces.end], dtype=np.int64)
    return engine.run(ids, np.zeros(len(ids), dtype=np.int64))


def _mean(logits: Sequence[Floats], sizes: Sequence[int], temperature: float) -> Floats:
    """Shares of one question, the mean over windows by their size."""
    shares = np.stack([softmax(one / temperature) for one in logits])
    result: Floats = np.average(shares, axis=0, weights=sizes)
    return result


def _surest(raws: Sequence[Raw], queries: slice, temperature: float, *, silent: bool) -> Floats:
    """[aspects, stances], each aspect from the window where it is least absent."""
    if silent:
        return np.tile(_ABSENT, (queries.stop - queries.start, 1))
    logits = np.stack([raw.answers[queries, : len(tasks.Stance)] for raw in raws])
    shares = softmax(logits / temperature)
    best = shares[:, :, tasks.Stance.ABSENT].argmin(axis=0)
    result: Floats = shares[best, np.arange(shares.shape[1])]
    return result


def _best(values: Sequence[Floats], parts: Sequence[Window]) -> Floats:
    """Values of all pieces, each from its best window, without the marks."""
    return np.concatenate(
        [
            value[1:-1][part.first - part.start : part.last - part.start]
            for value, part in zip(values, parts, strict=True)
        ]
    )


def _names(tags: Floats, tokens: Tokens) -> tuple[NameSpan, ...]:
    return tuple(
        NameSpan(_place(tokens, one), one.kind, one.confidence)
        for one in spans(tags[:, tasks.NAME_TAGS])
    )


def _opinions(
    tags: Floats, raws: Sequence[Raw], parts: Sequence[Window], tokens: Tokens
) -> tuple[OpinionSpan, ...]:
    aspects = spans(tags[:, tasks.ASPECT_TAGS])
    found = []
    for opinion in spans(tags[:, tasks.OPINION_TAGS]):
        number = next(n for n, part in enumerate(parts) if opinion.first < part.last)
        part, pairs = parts[number], raws[number].pairs
        near = [one for one in aspects if part.start <= one.first < part.end]
        candidates = [0, *(one.first - part.start + 1 for one in near)]
        chosen = belonging(pairs[opinion.first - part.start + 1, 1], pairs[candidates, 0])
        found.append(
            OpinionSpan(
                _place(tokens, opinion),
                opinion.kind,
                opinion.confidence,
                tuple(_place(tokens, near[one - 1]) for one in chosen if one),
            )
        )
    return tuple(found)


def _focus(looked: Floats, tokens: Tokens) -> tuple[Place, ...]:
    """For each query the run of pieces around the one that was looked at most.

    `looked` [pieces, queries] shares of attention.
    """
    peaks = looked.argmax(axis=0)
    return tuple(
        _around(looked[:, query], int(peak), tokens) for query, peak in enumerate(peaks.tolist())
    )


def _moods(
    raws: Sequence[Raw],
    parts: Sequence[Window],
    looked: Floats,
    tokens: Tokens,
    temperature: float,
) -> tuple[Mood, ...]:
    found = []
    for raw, part in zip(raws, parts, strict=True):
        logits = raw.answers[tasks.EMOTION_QUERY, : len(tasks.EMOTIONS)]
        own = looked[: part.last, tasks.EMOTION_QUERY]
        peak = part.first + int(own[part.first :].argmax())
        found.append(Mood(softmax(logits / temperature), _around(own, peak, tokens, part.first)))
    return tuple(found)


def _around(looked: Floats, peak: int, tokens: Tokens, floor: int = 0) -> Place:
    least = looked[peak] * _ATTENDED
    first, last = peak, peak + 1
    while first > floor and looked[first - 1] >= least:
        first -= 1
    while last < len(looked) and looked[last] >= least:
        last += 1
    return tokens.starts[first], tokens.ends[last - 1]


def _place(tokens: Tokens, span: PieceSpan) -> Place:
    return tokens.starts[span.first], tokens.ends[span.last - 1]


def satisfaction(engine: Engine, turns: Sequence[tuple[bool, str]]) -> float:
    """How satisfied a customer leaves a dialogue, from -2 to 2.

    `turns`: whether the customer speaks, and the normal form of what is said. Of a long dialogue
    the end counts.
    """
    ids, segments = dialogue_pieces(engine.pieces, turns, LENGTH + 1)
    logit = float(engine.run(ids, segments).answers[tasks.SATISFACTION_QUERY, 0])
    return tasks.SATISFACTION_VOTES * (1 / (1 + math.exp(-logit)) - 0.5)


def dialogue_pieces(
    pieces: WordPieces, turns: Sequence[tuple[bool, str]], limit: int
) -> tuple[Ints, Ints]:
    """At most `limit` pieces of a dialogue and their speakers (0 the customer, 1 who answers)."""
    ids: list[int] = []
    segments: list[int] = []
    for customer, normal in turns:
        own = [*pieces.split(normal).ids, pieces.end]
        ids.extend(own)
        segments.extend([0 if customer else 1] * len(own))
    ids, segments = ids[-(limit - 1) :], segments[-(limit - 1) :]
    return (
        np.array([pieces.start, *ids], dtype=np.int64),
        np.array([*segments[:1], *segments], dtype=np.int64)
        if segments
        else np.zeros(1, dtype=np.int64),
    )

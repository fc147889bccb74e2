"""What the encoder says of a text, in places of its normal form."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final

import numpy as np

from heedful.nlp.encoder import tasks
from heedful.nlp.encoder.engine import Engine, Ints, Raw
from heedful.nlp.encoder.focus import Place, around, focus_in
from heedful.nlp.encoder.hearing import Hearing, hear
from heedful.nlp.encoder.spans import Floats, PieceSpan, belonging, mean_of, softmax, spans
from heedful.nlp.encoder.windows import Window, windows
from heedful.nlp.encoder.wordpiece import Tokens, WordPieces

_NO_EMOTION: Final = np.eye(len(tasks.EMOTIONS), dtype=np.float32)[tasks.EMOTIONS.index("neutral")]
_DIALOGUE: Final = 511
_TINY: Final = 1e-9
_ABSENT: Final = np.eye(len(tasks.Stance), dtype=np.float32)[tasks.Stance.ABSENT]


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

    `car` [10, 4] and `restaurant` [20, 4] are over `Stance`; `focus` is where the encoder looked
    most for the sentiment; `embedding` has length 1. `moods` has one for each window. `hearing` is
    None where the model was trained without voices.
    """

    sentiment: Floats
    emotion: Floats
    car: Floats
    restaurant: Floats
    focus: Place
    opinions: tuple[OpinionSpan, ...]
    names: tuple[NameSpan, ...]
    embedding: Floats
    moods: tuple[Mood, ...] = ()
    hearing: Hearing | None = None


def read(engine: Engine, normal: str) -> Reading | None:
    """What the encoder says of a normal form; None where there is no piece to read."""
    return read_all(engine, [normal])[0]


def read_all(engine: Engine, normals: Sequence[str]) -> list[Reading | None]:
    """What the encoder says of each normal form, in their order.

    A long text is read in overlapping windows: sentiment and emotion are their mean, an aspect
    comes from the window that is surest of it, and every piece from the window around it. A head
    without training finds nothing: no emotion, no stance, no span.
    """
    tokens = [engine.pieces.split(normal) for normal in normals]
    parts = [windows(len(one)) if len(one) else [] for one in tokens]
    raws = iter(
        engine.run_all(
            [
                _marked(engine.pieces, one, part)
                for one, own in zip(tokens, parts, strict=True)
                for part in own
            ]
        )
    )
    return [
        _reading(engine, one, own, list(islice(raws, len(own)))) if own else None
        for one, own in zip(tokens, parts, strict=True)
    ]


def _reading(
    engine: Engine, tokens: Tokens, parts: Sequence[Window], raws: Sequence[Raw]
) -> Reading:
    sizes = [part.last - part.first for part in parts]
    tags = _best([raw.tags for raw in raws], parts)
    looked = _best([raw.attention.T for raw in raws], parts)
    mood = looked[:, tasks.SENTIMENT_QUERY]
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
        focus=around(mood, int(mood.argmax()), tokens),
        opinions=() if "opinions" in silent else _opinions(tags, raws, parts, tokens),
        names=() if "names" in silent else _names(tags, tokens),
        embedding=_embedding(raws, sizes),
        moods=() if "emotion" in silent else _moods(raws, parts, looked, tokens, heat.emotion),
        hearing=None
        if "voice" in silent
        else hear([one.answers for one in raws], looked, parts, tokens, heat),
    )


def _marked(pieces: WordPieces, tokens: Tokens, part: Window) -> Ints:
    """The pieces of a window between their marks."""
    return np.array(pieces.marked(tokens.ids[part.start : part.end]), dtype=np.int64)


def _mean(logits: Sequence[Floats], sizes: Sequence[int], temperature: float) -> Floats:
    """Shares of one question, the mean over windows by their size."""
    return mean_of(softmax(np.stack(logits) / temperature), sizes)


def _embedding(raws: Sequence[Raw], sizes: Sequence[int]) -> Floats:
    """Of length 1: the mean of the windows by their size."""
    mean = mean_of(np.stack([raw.embedding for raw in raws]), sizes)
    return mean / max(float(np.linalg.norm(mean)), _TINY)


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
        place = focus_in(looked[:, tasks.EMOTION_QUERY], part, tokens)
        found.append(Mood(softmax(logits / temperature), place))
    return tuple(found)


def _place(tokens: Tokens, span: PieceSpan) -> Place:
    return tokens.starts[span.first], tokens.ends[span.last - 1]


def satisfaction(engine: Engine, turns: Sequence[tuple[bool, str]]) -> float:
    """How satisfied a customer leaves a dialogue, from -2 to 2.

    `turns`: whether the customer speaks, and the normal form of what is said. Of a long dialogue
    the end counts.
    """
    ids, segments = dialogue_pieces(engine.pieces, turns, _DIALOGUE)
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

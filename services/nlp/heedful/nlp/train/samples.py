"""Examples as numbers: pieces, speakers and targets, cut to a length."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from heedful.nlp.encoder.reading import dialogue_pieces
from heedful.nlp.encoder.tasks import NAME_KINDS, OPINION_KINDS, SATISFACTION_VOTES
from heedful.nlp.encoder.wordpiece import Tokens, WordPieces
from heedful.nlp.train.labelled import Labelled

Ints = NDArray[np.int64]

IGNORED: Final = -100
"""The target of what is not to be learned (the convention of torch)."""


@dataclass(frozen=True, slots=True)
class Sample:
    """Numbers of one text of `len(ids)` pieces, marks included.

    `targets` holds, by task: `sentiment`, `emotion`, `intent`, `need` (class), `car`, `restaurant`
    (a stance for each aspect), `flags` (1, 0 or -1 for each), `red` (the first of them), `aspects`,
    `opinions`, `names` (a tag for each piece), `pairs` (rows of opinion piece, aspect piece, 1 or
    0), `satisfaction` (share of 0 to 1). `taught` holds, by task, what a teacher thinks likely (see
    `heedful.nlp.train.heeding.thoughts`).
    """

    ids: Ints
    segments: Ints
    targets: dict[str, Any] = field(default_factory=dict)
    taught: dict[str, Any] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.ids)


def encode(example: Labelled, pieces: WordPieces, limit: int) -> Sample:
    """An example of at most `limit` pieces; what lies beyond is cut, with its tags."""
    if example.turns:
        turns = [(turn.customer, turn.normal) for turn in example.turns]
        ids, segments = dialogue_pieces(pieces, turns, limit)
        return Sample(ids, segments, _targets(example, None))
    tokens = pieces.split(example.normal)
    kept = Tokens(tokens.ids[: limit - 2], tokens.starts[: limit - 2], tokens.ends[: limit - 2])
    ids = np.array(pieces.marked(kept.ids), dtype=np.int64)
    return Sample(ids, np.zeros(len(ids), dtype=np.int64), _targets(example, kept))


def _targets(example: Labelled, tokens: Tokens | None) -> dict[str, Any]:
    targets: dict[str, Any] = {}
    for name in ("sentiment", "emotion", "car", "restaurant", "intent", "need", "flags"):
        value = getattr(example, name)
        if value is not None:
            targets[name] = value
    if example.flags is not None:
        targets["red"] = example.flags[:1]
    if example.satisfaction is not None:
        targets["satisfaction"] = example.satisfaction / SATISFACTION_VOTES + 0.5
    if tokens is None:
        return targets
    if example.names is not None:
        spans = [((start, end), kind) for start, end, kind in example.names]
        targets["names"] = tags(tokens, spans, len(NAME_KINDS))
    if example.opinions is not None:
        opinions = example.opinions
        targets["aspects"] = tags(tokens, [(place, 0) for place in opinions.aspects], 1)
        targets["opinions"] = tags(tokens, opinions.opinions, len(OPINION_KINDS))
        targets["pairs"] = _pairs(example, tokens)
    return targets


def tags(tokens: Tokens, spans: Iterable[tuple[tuple[int, int], int]], kinds: int) -> Ints:
    """A BIO tag for each piece and the two marks; the marks are ignored.

    Kind `k` begins with tag `1 + 2k` and goes on with `2 + 2k`.
    """
    found = np.zeros(len(tokens) + 2, dtype=np.int64)
    found[0] = found[-1] = IGNORED
    for (start, end), kind in spans:
        if not 0 <= kind < kinds:
            raise ValueError(f"kind {kind} of {kinds}")
        inside = covered(tokens, start, end)
        for place, number in enumerate(inside):
            found[number + 1] = 1 + 2 * kind + (place > 0)
    return found


def covered(tokens: Tokens, start: int, end: int) -> list[int]:
    """Numbers of the pieces that share a character with a place."""
    return [
        number
        for number, (first, last) in enumerate(zip(tokens.starts, tokens.ends, strict=True))
        if first < end and start < last
    ]


def _pairs(example: Labelled, tokens: Tokens) -> Ints:
    """Every opinion with every aspect, and with piece 0 for an aspect that is not named."""
    assert example.opinions is not None  # noqa: S101 for the type checker; the caller has looked
    first = {
        place: covered(tokens, *place)[:1]
        for place in (*example.opinions.aspects, *(p for p, _ in example.opinions.opinions))
    }
    rows = []
    together = set(example.opinions.pairs)
    for opinion, _ in example.opinions.opinions:
        if not first[opinion]:
            continue
        candidates: list[tuple[Any, int]] = [(None, 0)]
        candidates += [(one, first[one][0] + 1) for one in example.opinions.aspects if first[one]]
        rows += [
            (first[opinion][0] + 1, piece, int((aspect, opinion) in together))
            for aspect, piece in candidates
        ]
    return np.array(rows, dtype=np.int64).reshape(-1, 3)

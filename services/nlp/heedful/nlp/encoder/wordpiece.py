"""Word pieces of a normal form, each with its place in it.

The vocabulary is that of bert-base-chinese (Google, Apache-2.0): one piece for each Chinese
character, greedy longest pieces for Latin words and numbers (Wu et al., "Google's Neural Machine
Translation System", 2016). Other than BERT's own splitter this one sets symbols such as emoji
apart from the words beside them.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from heedful.nlp.text import fold

PAD: Final = "[PAD]"
UNKNOWN: Final = "[UNK]"
START: Final = "[CLS]"
END: Final = "[SEP]"
MASK: Final = "[MASK]"
SPECIAL: Final = (PAD, UNKNOWN, START, END, MASK)

_CONTINUED: Final = "##"
_HAN: Final = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_HAN_CHAR: Final = re.compile(rf"[{_HAN}]")
_UNIT: Final = re.compile(rf"[{_HAN}]|[^\W_{_HAN}]+|[^\s\w]|_")
# Longer words are addresses and noise; greedy search over them costs and finds nothing.
_MAX_WORD: Final = 64


@dataclass(frozen=True, slots=True)
class Tokens:
    """Piece `ids[i]` is `normal[starts[i]:ends[i]]`; without start and end marks."""

    ids: list[int]
    starts: list[int]
    ends: list[int]

    def __len__(self) -> int:
        return len(self.ids)


class WordPieces:
    """A vocabulary and its splitter."""

    def __init__(self, vocabulary: Sequence[str]) -> None:
        """
        Raises:
            ValueError: a special piece is missing.
        """
        self.vocabulary = tuple(vocabulary)
        self._ids: Mapping[str, int] = {piece: number for number, piece in enumerate(vocabulary)}
        if missing := [piece for piece in SPECIAL if piece not in self._ids]:
            raise ValueError(f"vocabulary without {', '.join(missing)}")
        self.start, self.end = self._ids[START], self._ids[END]
        self.pad, self.unknown = self._ids[PAD], self._ids[UNKNOWN]

    def marked(self, ids: Sequence[int]) -> list[int]:
        """Pieces between the marks of start and end, as the encoder reads them."""
        return [self.start, *ids, self.end]

    def split(self, normal: str) -> Tokens:
        """The pieces of a normal form (`heedful.nlp.text.normalise`)."""
        ids: list[int] = []
        starts: list[int] = []
        ends: list[int] = []
        whole = self._ids
        for unit in _UNIT.finditer(normal):
            start, end = unit.span()
            number = whole.get(unit[0])
            if number is not None:
                ids.append(number)
                starts.append(start)
                ends.append(end)
                continue
            for number, begin, stop in self._pieces(unit[0]):
                ids.append(number)
                starts.append(start + begin)
                ends.append(start + stop)
        return Tokens(ids, starts, ends)

    def _pieces(self, word: str) -> list[tuple[int, int, int]]:
        """Number, start and end of the pieces of a word; one unknown piece where it has none."""
        unknown = [(self.unknown, 0, len(word))]
        if len(word) > _MAX_WORD:
            return unknown
        pieces: list[tuple[int, int, int]] = []
        start = 0
        while start < len(word):
            prefix = _CONTINUED if start else ""
            for end in range(len(word), start, -1):
                number = self._ids.get(prefix + word[start:end])
                if number is not None:
                    pieces.append((number, start, end))
                    start = end
                    break
            else:
                return unknown
        return pieces


def reachable(vocabulary: Iterable[str]) -> list[str]:
    """The pieces that a normal form can ever hold, in their order: nothing is lost without the
    others.

    Gone are placeholders, Chinese characters as the rest of a word (each stands alone), and
    traditional or wide characters (a normal form has none).
    """
    return [piece for piece in vocabulary if piece in SPECIAL or _occurs(piece)]


def _occurs(piece: str) -> bool:
    if piece.startswith("[") and piece.endswith("]") and len(piece) > 1:
        return False
    continued = piece.startswith(_CONTINUED) and len(piece) > len(_CONTINUED)
    body = piece[len(_CONTINUED) :] if continued else piece
    if fold(body) != body:
        return False
    return not (continued and _HAN_CHAR.search(body))

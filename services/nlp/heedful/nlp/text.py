"""Normal form, clauses and language of a text, with the way back to the customer's own words.

Rules and model read a normal form (half-width, lower case, simplified characters); evidence must
point into the text as it was said. Almost every step replaces one code point by one, so the
offsets stay; the few characters that are taken out (zero-width ones, blanks between single
characters as speech recognition writes them, the tokens of placeholders) cost a map.

Sources: Unicode Standard Annex 15 (compatibility forms, here only those of one code point);
traditional to simplified characters after OpenCC's TSCharacters table (Apache-2.0).
"""

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from pydantic import Field

from heedful.common.contracts import Span
from heedful.common.datafiles import DataModel
from heedful.nlp.resources import read

_HAN = "\u3400-\u4dbf\u4e00-\u9fff"
_SPACED = rf"(?<!\w)[{_HAN}](?:[ \t][{_HAN}]){{2,}}(?!\w)"
# Of a placeholder only the type is read: <phone_2> and <phone:9f3a2c1b77d0> are <phone>.
_NUMBERING = r"(?:_[0-9]{1,4}|:[0-9a-f]{12})(?=>)"
_REMOVED = re.compile(rf"[\u00ad\u200b-\u200d\u2060\ufe00-\ufe0f\ufeff]|{_SPACED}|{_NUMBERING}")
_BLANK = re.compile(r"[ \t]")

# A full stop or comma inside a number or an address ends nothing.
_BREAK = re.compile(
    r"(?P<end>[。!?\n\r]+|\.(?![0-9a-z])|…+|\.{2,})"
    rf"|(?P<mark>[,;、~:](?![0-9])|(?<![0-9])[,;:](?=[0-9])|(?<=[{_HAN}])[ \t]+(?=[{_HAN}]))"
    r"|(?P<contrast>(?<!不)但是?(?![凡愿])|不过(?!如此|分|关|期|瘾|是)|可是|然而|只不过(?!是)"
    r"|\b(?:but(?! also)|however|although|whereas)\b)"
)
_WORD = re.compile(r"[a-z][a-z']+")
_PLACEHOLDER = re.compile(r"<[a-z_]{1,20}>")
_HAN_CHAR = re.compile(rf"[{_HAN}]")
_FOREIGN = re.compile(r"[\u0370-\u1fff\u3040-\u30ff\u3130-\u318f\uac00-\ud7af]")


class _Variants(DataModel):
    """Traditional characters and, at the same place, their simplified forms."""

    version: str
    source: str
    traditional: str = Field(min_length=1)
    simplified: str = Field(min_length=1)


@cache
def _table() -> dict[int, int]:
    variants = read("traditional.yaml", _Variants)
    table = dict(zip(map(ord, variants.traditional), map(ord, variants.simplified), strict=True))
    for code in (*range(ord("A"), ord("Z") + 1), *range(0xC0, 0xD7), *range(0xD8, 0xDF)):
        table[code] = code + 0x20
    for code in range(0xFF01, 0xFF5F):
        table[code] = ord(chr(code - 0xFEE0).lower())
    table.update(dict.fromkeys((0x3000, 0xA0, *range(0x2000, 0x200B), 0x202F), ord(" ")))
    table.update({0x2018: 0x27, 0x2019: 0x27, 0x201C: 0x22, 0x201D: 0x22, 0xFF61: 0x3002})
    return table


@dataclass(frozen=True, slots=True)
class Clause:
    """A stretch of the normal form in which one thing is said; half-open."""

    start: int
    end: int
    sentence: int
    contrast: bool


@dataclass(frozen=True, slots=True)
class Text:
    """A text in normal form. `offsets` is None where both forms have the same indices."""

    original: str
    normal: str
    offsets: tuple[int, ...] | None
    clauses: tuple[Clause, ...]
    language: str

    def span(self, start: int, end: int) -> Span:
        """The customer's own words behind `normal[start:end]`."""
        if self.offsets is not None:
            start, end = self.offsets[start], self.offsets[end - 1] + 1
        return Span(start=start, end=end, text=self.original[start:end])

    def clause_at(self, index: int) -> int:
        """The number of the clause that holds this index, or the one before it."""
        return max(0, bisect_right(self.clauses, index, key=_start) - 1)


def _start(clause: Clause) -> int:
    return clause.start


def prepare(original: str) -> Text:
    """The normal form of a text, its clauses and its language."""
    normal, offsets = normalise(original)
    return Text(
        original=original,
        normal=normal,
        offsets=offsets,
        clauses=tuple(split(normal)),
        language=language_of(normal),
    )


def fold(original: str) -> str:
    """Half-width, lower case, simplified, code point by code point."""
    return original.translate(_table())


def normalise(original: str) -> tuple[str, tuple[int, ...] | None]:
    """Half-width, lower case, simplified; and for each index the one it came from."""
    folded = fold(original)
    if _REMOVED.search(folded) is None:
        return folded, None
    kept: list[int] = []
    last = 0
    for found in _REMOVED.finditer(folded):
        kept.extend(range(last, found.start()))
        # Of a run of spaced-out characters the blanks go; of the rest everything does.
        if _HAN_CHAR.match(found[0]):
            kept.extend(i for i in range(*found.span()) if not _BLANK.match(folded[i]))
        last = found.end()
    kept.extend(range(last, len(folded)))
    return "".join(folded[i] for i in kept), tuple(kept)


def split(normal: str) -> Iterator[Clause]:
    """The clauses of a normal form, without those that hold no letter or digit."""
    start = sentence = 0
    contrast = False
    for found in _BREAK.finditer(normal):
        if _speaks(normal, start, found.start()):
            yield Clause(start, found.start(), sentence, contrast)
        if found["contrast"]:
            start, contrast = found.start(), True
            continue
        start, contrast = found.end(), False
        if found["end"]:
            sentence += 1
    if _speaks(normal, start, len(normal)):
        yield Clause(start, len(normal), sentence, contrast)


def _speaks(normal: str, start: int, end: int) -> bool:
    return end > start and any(map(str.isalnum, normal[start:end]))


def language_of(normal: str) -> str:
    """`zh`, `en`, `mixed` or `other`, by the share of scripts.

    A Latin word weighs as much as two Chinese characters. One brand name does not make a Chinese
    text mixed: at least two words are asked for. Placeholders (`<phone>`) are nobody's words.
    """
    said = _PLACEHOLDER.sub("", normal)
    han = len(_HAN_CHAR.findall(said))
    words = len(_WORD.findall(said))
    foreign = len(_FOREIGN.findall(said))
    total = han + 2 * words
    if foreign > total or total == 0:
        return "other"
    if han == 0:
        return "en"
    share = han / total
    if words < 2 or share > 0.75:
        return "zh"
    return "mixed" if share >= 0.15 else "en"

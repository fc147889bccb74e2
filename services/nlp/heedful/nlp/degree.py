"""How strongly something is said: from 1 (faint) to 5 (overwhelming), by the words around it."""

import re
from typing import Final

from pydantic import Field

from heedful.common.datafiles import DataModel
from heedful.nlp.text import Text, fold

FILE: Final = "degrees.yaml"
PLAIN: Final = 3
_LEAST: Final = 1
_MOST: Final = 5
# How far from a word its degree may stand, in characters of the same clause.
_BEFORE: Final = 8
_AFTER: Final = 6
_CRIED: Final = re.compile(r"!{2,}")


class Grade(DataModel):
    """Words of one degree. `before`: they lead up to what they grade; `after`: they follow it."""

    intensity: int = Field(ge=_LEAST, le=_MOST)
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()


class DegreeFile(DataModel):
    version: str
    grades: tuple[Grade, ...] = Field(min_length=1)


class Degrees:
    """The words of degree, ready to be looked for."""

    def __init__(self, file: DegreeFile) -> None:
        self._before = _graded(
            [(word, one.intensity) for one in file.grades for word in one.before]
        )
        self._after = _graded([(word, one.intensity) for one in file.grades for word in one.after])
        self._intensity = {
            fold(word): one.intensity for one in file.grades for word in (*one.before, *one.after)
        }

    def around(self, text: Text, start: int, end: int) -> int:
        """The degree of `normal[start:end]`: of its own words and those beside it in the clause."""
        clause = text.clauses[text.clause_at(start)]
        before = text.normal[max(clause.start, start - _BEFORE) : end]
        after = text.normal[start : min(max(clause.end, end), end + _AFTER)]
        found = [self._intensity[one[0]] for one in self._before.finditer(before)]
        found += [self._intensity[one[0]] for one in self._after.finditer(after)]
        if _CRIED.match(text.normal, max(clause.end, end)):
            found.append(_MOST)
        if not found:
            return PLAIN
        # A faint word makes faint, unless something strong stands beside it.
        return max(found) if max(found) > PLAIN else min(found)


def _graded(words: list[tuple[str, int]]) -> re.Pattern[str]:
    # The longest first: alternation takes the first that fits.
    ordered = sorted((fold(word) for word, _ in words), key=len, reverse=True)
    return re.compile("|".join(map(re.escape, ordered)))

"""Opinion words in context: what is praised or blamed, after negation, wishes, fears and irony.

The order of work follows Taboada et al., "Lexicon-Based Methods for Sentiment Analysis" (2011):
words with weights, shifted by negators and intensifiers inside the clause.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from heedful.common.datafiles import DataError
from heedful.nlp.matching import Hit, Literals, longest
from heedful.nlp.opinion_words import PLAIN, OpinionFile, Role, Word, words
from heedful.nlp.text import Clause, Text

NEGATED: Final = 0.8
"""What is left of the weight of a word that is denied, the other way round."""
_INTENSIFIED: Final = 1.4
_DIMINISHED: Final = 0.6
# How far back a negator reaches, in characters of the normal form: "没" alone denies what is next.
_REACH_SHORT: Final = 2
_REACH_HAN: Final = 6
_REACH_LATIN: Final = 28
# Two negators cancel each other only where they touch: "不是不好", but not "不催不烦".
_TOUCHING: Final = 1
_HINTS: Final = 2
_MAX_SPAN: Final = 80
# With fewer characters beside its formulas a text says nothing else.
_SAYS_MORE: Final = 4

_DENYING_BLAME: Final = (Role.NEGATOR, Role.DENIAL)
_DENYING_PRAISE: Final = (*_DENYING_BLAME, Role.PROHIBITION)
_WEIGHTLESS: Final = (Role.COURTESY, Role.LUKEWARM)
_QUOTED: Final = re.compile(r'["「『\'](?P<word>[\u4e00-\u9fff]{1,6})["」』\']')


@dataclass(frozen=True, slots=True)
class Opinion:
    """An opinion word with what stands around it.

    `weight` is signed; 0 for a lukewarm word, and for a courtesy, which praises only where nothing
    is asked for. `trouble`: it tells what the customer came with and what may have been mended.
    `reserved`: it takes something off praise that went before.
    """

    start: int
    end: int
    clause: int
    weight: float
    ironic: bool = False
    courtesy: bool = False
    trouble: bool = False
    reserved: bool = False


class Opinions:
    """The opinion words of all languages."""

    def __init__(self, files: Sequence[OpinionFile]) -> None:
        """
        Raises:
            DataError: no word at all.
        """
        listed: dict[str, Word] = {}
        for file in files:
            listed.update(words(file))
        if not listed:
            raise DataError("lexicon: no word in any file")
        self._words: Literals[Word] = Literals(listed.items())
        self._questions = tuple(word for file in files for word in file.questions)
        self._acknowledgements = {word for file in files for word in file.acknowledgements}

    def find(self, text: Text) -> list[Opinion]:
        """The opinions of a text in its order."""
        found: list[list[Hit[Word]]] = [[] for _ in text.clauses]
        for hit in longest(self._words.find(text.normal)):
            if found:
                found[text.clause_at(hit.start)].append(hit)
        opinions: list[Opinion] = []
        conceded = False
        for number, (clause, hits) in enumerate(zip(text.clauses, found, strict=True)):
            if not hits or (number == 0 and self._only_acknowledges(clause, text)):
                continue
            asked = self._asks(clause, text.normal)
            said = list(_in_clause(clause, number, hits, text.normal, asked=asked))
            if conceded and _reserves(clause, hits, text.normal):
                said = _reserved(clause, number, said)
            opinions.extend(said)
            conceded = conceded or _concedes(hits, said)
        if any(one.courtesy for one in opinions) and _is_formula(text, found):
            opinions = [one for one in opinions if not one.courtesy]
        return _turn_ironic(text, found, opinions)

    def _only_acknowledges(self, clause: Clause, text: Text) -> bool:
        """Whether a first clause is "good, ..." as one says before going on."""
        said = text.normal[clause.start : clause.end].strip()
        return len(text.clauses) > 1 and said in self._acknowledgements

    def _asks(self, clause: Clause, normal: str) -> bool:
        """Whether a clause is a question, so that what it praises is only looked for."""
        if normal[clause.end : clause.end + 1] == "?":
            return True
        return normal[clause.start : clause.end].rstrip().endswith(self._questions)


def _is_formula(text: Text, found: Sequence[Sequence[Hit[Word]]]) -> bool:
    """Whether a text holds next to nothing but politeness: "understood, thank you"."""
    formal = (Role.COURTESY, Role.NEUTRAL, Role.LUKEWARM)
    rest = sum(map(str.isalnum, text.normal)) - sum(
        hit.end - hit.start for hits in found for hit in hits if hit.payload.role in formal
    )
    return rest < _SAYS_MORE


def _in_clause(
    clause: Clause, number: int, hits: Sequence[Hit[Word]], normal: str, *, asked: bool
) -> Iterator[Opinion]:
    before: list[Hit[Word]] = []
    wished, feared = asked, False
    for index, hit in enumerate(hits):
        role = hit.payload.role
        wished = wished or role is Role.HYPOTHETICAL
        feared = feared or role is Role.FEAR
        if role in _WEIGHTLESS:
            yield Opinion(hit.start, hit.end, number, 0.0, courtesy=role is Role.COURTESY)
            continue
        if role is not Role.OPINION:
            before.append(hit)
            continue
        weight = _shifted(hit, before, normal)
        if _denied(hit, hits[index + 1 : index + 2], clause.end):
            weight *= -NEGATED
        before = []
        # "Hope it gets better" praises nothing, and what was only feared did not happen.
        unreal = wished if weight > 0 else feared
        if not unreal:
            trouble = hit.payload.trouble and weight < 0
            yield Opinion(hit.start, hit.end, number, weight, trouble=trouble)


def _shifted(hit: Hit[Word], before: Sequence[Hit[Word]], normal: str) -> float:
    """The weight of an opinion word after the words between the previous one and it."""
    weight = hit.payload.weight
    latin = normal[hit.start].isascii()
    # "You must not cheat people like that" goes on blaming.
    denying = _DENYING_PRAISE if weight > 0 else _DENYING_BLAME
    reach = _REACH_LATIN if latin else _REACH_HAN
    negations = 0
    nearest = hit.start
    for word in reversed(before):
        gap = hit.start - word.end
        if gap > reach:
            break
        role = word.payload.role
        if role in denying:
            short = not latin and word.end - word.start == 1
            if nearest - word.end <= _TOUCHING or (
                not negations and (not short or gap <= _REACH_SHORT)
            ):
                negations += 1
                nearest = word.start
        elif role is Role.INTENSIFIER:
            weight *= _INTENSIFIED
        elif role is Role.DIMINISHER:
            weight *= _DIMINISHED
    if negations % 2:
        return -weight * NEGATED
    return weight * NEGATED if negations else weight


def _denied(hit: Hit[Word], following: Sequence[Hit[Word]], end: int) -> bool:
    """Whether the next word takes this one back and ends the clause: "不耐烦都没有"."""
    return any(
        one.payload.role is Role.DENIAL
        and one.start <= hit.end + _TOUCHING
        and one.end >= end - _TOUCHING
        for one in following
    )


def _concedes(hits: Sequence[Hit[Word]], said: Sequence[Opinion]) -> bool:
    return any(one.weight > 0 for one in said) or any(
        hit.payload.role is Role.LUKEWARM for hit in hits
    )


def _reserves(clause: Clause, hits: Sequence[Hit[Word]], normal: str) -> bool:
    first = hits[0]
    return first.payload.role is Role.RESERVATION and not normal[clause.start : first.start].strip()


def _reserved(clause: Clause, number: int, said: Sequence[Opinion]) -> list[Opinion]:
    """ "Fine, only that ...": after praise such a clause blames, whatever its words."""
    if any(one.weight > 0 for one in said):
        return list(said)
    if any(one.weight < 0 for one in said):
        return [replace(one, reserved=one.weight < 0) for one in said]
    end = min(clause.end, clause.start + _MAX_SPAN)
    return [*said, Opinion(clause.start, end, number, -PLAIN, reserved=True)]


def _turn_ironic(
    text: Text, found: Sequence[Sequence[Hit[Word]]], opinions: list[Opinion]
) -> list[Opinion]:
    """Praise in a sentence that mocks is blame, and so is the mockery."""
    signs: dict[int, int] = {}
    mockery: list[Opinion] = []
    for number, (clause, hits) in enumerate(zip(text.clauses, found, strict=True)):
        for hit in hits:
            role = hit.payload.role
            if role is Role.IRONY:
                mockery.append(Opinion(hit.start, hit.end, number, -PLAIN))
            weight = _HINTS if role is Role.IRONY else int(role is Role.HINT)
            signs[clause.sentence] = signs.get(clause.sentence, 0) + weight
    if not any(signs.values()):
        return opinions
    quoted = [match.span("word") for match in _QUOTED.finditer(text.normal)]
    turned = []
    for opinion in opinions:
        sign = signs.get(text.clauses[opinion.clause].sentence, 0)
        sign += any(start <= opinion.start < end for start, end in quoted) and sign > 0
        if opinion.weight > 0 and sign >= _HINTS:
            opinion = replace(opinion, weight=-_INTENSIFIED * opinion.weight, ironic=True)
        turned.append(opinion)
    return sorted(turned + mockery, key=lambda one: one.start)

"""Rules over text: patterns, what looks like them and is not, and where they may not count."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from pydantic import Field

from heedful.common.datafiles import DataError, DataModel
from heedful.nlp.patterns import Match, PatternError, Patterns, expand, widest
from heedful.nlp.text import Text, fold

NO_WORDS: Final[Mapping[str, str]] = {}


class Rule(DataModel):
    """A label with the patterns that give it."""

    code: str = Field(pattern=r"^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)?$")
    zh: str = Field(min_length=1)
    en: str = Field(min_length=1)
    patterns: tuple[str, ...] = Field(min_length=1)
    exclude: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()


class Rules:
    """Rules of one data file, ready to be matched."""

    def __init__(
        self,
        name: str,
        rules: Sequence[Rule],
        exclude: Sequence[str] = (),
        words: Mapping[str, str] = NO_WORDS,
    ) -> None:
        """
        Args:
            name: the data file, for errors.
            rules: their order is their number in a match.
            exclude: what no rule may touch.
            words: the alternatives that a pattern means by `<name>`.

        Raises:
            DataError: a code is used twice or a pattern cannot be read.
        """
        codes = [rule.code for rule in rules]
        twice = sorted({code for code in codes if codes.count(code) > 1})
        if twice:
            raise DataError(f"{name}: rules: {', '.join(twice)} defined twice; merge them")
        self._patterns = _compile(name, "patterns", [rule.patterns for rule in rules], words)
        # The last number stands for all rules.
        self._for_all = len(rules)
        excluded = [*(rule.exclude for rule in rules), exclude]
        self._exclude = _compile(name, "exclude", excluded, words)
        self._unless = _compile(name, "unless", [rule.unless for rule in rules], words)

    def find(self, text: Text) -> list[Match]:
        """The matches that count, by rule and place, without those inside another."""
        return widest(self.every(text))

    def every(self, text: Text) -> list[Match]:
        """The matches that count, those inside another too, in no order."""
        found = self._patterns.find(text.normal)
        if not found:
            return found
        excluded = _by_rule(self._exclude.find(text.normal))
        unless = _by_rule(self._unless.find(text.normal))
        return [
            match
            for match in found
            if not any(_touch(match, other) for other in excluded.get(match.rule, ()))
            and not any(_touch(match, other) for other in excluded.get(self._for_all, ()))
            and not any(_same_sentence(text, match, other) for other in unless.get(match.rule, ()))
        ]


def _compile(
    name: str, key: str, patterns: Sequence[Iterable[str]], words: Mapping[str, str]
) -> Patterns:
    try:
        return Patterns([[fold(expand(one, words)) for one in ones] for ones in patterns])
    except PatternError as error:
        raise DataError(f"{name}: {key}: {error}") from error


def _by_rule(matches: Sequence[Match]) -> dict[int, list[Match]]:
    grouped: defaultdict[int, list[Match]] = defaultdict(list)
    for match in matches:
        grouped[match.rule].append(match)
    return grouped


def _touch(one: Match, other: Match) -> bool:
    """Whether an expression that excludes shares a character with the words of a match."""
    return any(start < other.end and other.start < end for start, end in one.parts)


def _same_sentence(text: Text, one: Match, other: Match) -> bool:
    clauses = text.clauses
    first, second = text.clause_at(one.start), text.clause_at(other.start)
    return bool(clauses) and clauses[first].sentence == clauses[second].sentence

"""The small language in which rules say what to look for, readable without knowing programming.

    刹车|制动 ~6 失灵|变软     one of the first, at most 6 characters, then one of the second
    第%次 ~4 打电话            % is a number in digits or characters
    brake* ~12 fail*           * is the rest of a Latin word
    <child> ~8 走丢             <child> is any of the words that the file lists under this name

Parts keep their order and stay inside one sentence. The first part must begin with plain
characters: they are found by one automaton for all rules, and only then is a pattern tried, so a
text pays for the rules that could apply to it and not for all there are.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from heedful.nlp.matching import Literals, is_latin

_GAP = re.compile(r"\s+~(\d{1,2})\s+")
_WILD = re.compile(r"[%*]")
_NAMED = re.compile(r"<([^<>]*)>")
_NUMBER = "[0-9零一二两三四五六七八九十百千万几多数半好]{1,6}"
_SHOWN = 60
_ANY = r"[^。!?\n\r]"


class PatternError(ValueError):
    """A pattern that cannot be read; the message says why."""


@dataclass(frozen=True, slots=True)
class Match:
    """Rule number `rule` matches `normal[start:end]`; `parts` are its words without the gaps."""

    rule: int
    start: int
    end: int
    parts: tuple[tuple[int, int], ...]


@dataclass(frozen=True, eq=False)
class _Pattern:
    """Of rule number `rule`: a literal, or what has an expression as well."""

    rule: int
    expression: str | None = None

    @cached_property
    def tail(self) -> re.Pattern[str]:
        """Made when its key is first seen: a thousand at once would be a second of every start."""
        return re.compile(self.expression or "")


class Patterns:
    """The patterns of numbered rules."""

    def __init__(self, rules: Sequence[Iterable[str]]) -> None:
        """
        Raises:
            PatternError: a pattern cannot be read.
        """
        keyed: defaultdict[str, list[_Pattern]] = defaultdict(list)
        for number, patterns in enumerate(rules):
            for pattern in patterns:
                for key, compiled in _compile(number, pattern):
                    keyed[key].append(compiled)
        # What stands after the key of an expression is the expression's to judge.
        begun = frozenset(
            key for key, found in keyed.items() if any(one.expression is not None for one in found)
        )
        self._keys: Literals[list[_Pattern]] = Literals(keyed.items(), begun)

    def find(self, normal: str) -> list[Match]:
        """Every match, in no order."""
        found: set[Match] = set()
        for hit in self._keys.find(normal):
            for pattern in hit.payload:
                if pattern.expression is None:
                    if _stands_alone(normal, hit.end):
                        whole = (hit.start, hit.end)
                        found.add(Match(pattern.rule, *whole, (whole,)))
                elif matched := pattern.tail.match(normal, hit.start):
                    parts = tuple(matched.span(n) for n in range(1, matched.re.groups + 1))
                    found.add(Match(pattern.rule, *matched.span(), parts))
        return list(found)


def expand(pattern: str, words: Mapping[str, str]) -> str:
    """A pattern with its `<name>` replaced by the words of that name.

    Raises:
        PatternError: there are no words of that name.
    """

    def listed(found: re.Match[str]) -> str:
        if found[1] not in words:
            raise PatternError(f"{_short(pattern)}: no words are called {found[1]!r}")
        return words[found[1]]

    return _NAMED.sub(listed, pattern)


def _stands_alone(normal: str, end: int) -> bool:
    """Whether no Latin word goes on here; a literal may also be the key of an expression."""
    return not (end < len(normal) and is_latin(normal[end - 1]) and is_latin(normal[end]))


def _compile(rule: int, pattern: str) -> list[tuple[str, _Pattern]]:
    parts = _GAP.split(pattern.strip())
    slots = [_alternatives(part, pattern) for part in parts[::2]]
    gaps = parts[1::2]
    if len(slots) == 1 and not _WILD.search(pattern):
        return [(literal, _Pattern(rule)) for literal in slots[0]]
    expression = _slot(slots[0])
    for gap, slot in zip(gaps, slots[1:], strict=True):
        expression += f"{_ANY}{{0,{gap}}}?{_slot(slot)}"
    tail = _Pattern(rule, expression)
    return [(key, tail) for key in {_key(literal, pattern) for literal in slots[0]}]


def _alternatives(part: str, pattern: str) -> list[str]:
    found = [one.strip() for one in part.split("|")]
    if "~" in part:
        raise PatternError(f"{_short(pattern)}: a gap stands between two parts, as in A ~6 B")
    if not all(found):
        raise PatternError(f"{_short(pattern)}: an alternative is empty; write A|B ~6 C|D")
    return found


def _key(literal: str, pattern: str) -> str:
    key = _WILD.split(literal)[0]
    if not key:
        raise PatternError(
            f"{_short(pattern)}: {literal!r} in the first part must begin with plain characters"
        )
    return key


def _short(pattern: str) -> str:
    return repr(pattern if len(pattern) <= _SHOWN else f"{pattern[:_SHOWN]}…")


def _slot(alternatives: Iterable[str]) -> str:
    # The longest first: alternation takes the first that fits.
    ordered = sorted(alternatives, key=len, reverse=True)
    return "(" + "|".join(map(_literal, ordered)) + ")"


def _literal(literal: str) -> str:
    expression = re.escape(literal).replace("%", _NUMBER)
    expression = expression.replace(r"\*", "[a-z]*")
    before = "(?<![a-z0-9])" if is_latin(literal[0]) else ""
    after = "(?![a-z0-9])" if is_latin(literal[-1]) or literal.endswith("*") else ""
    return before + expression + after


def widest(found: Iterable[Match]) -> list[Match]:
    """By rule and place, without those that lie inside another of the same rule."""
    kept: list[Match] = []
    for match in sorted(found, key=lambda one: (one.rule, one.start, -one.end)):
        last = kept[-1] if kept else None
        if last is None or last.rule != match.rule or match.end > last.end:
            kept.append(match)
    return kept

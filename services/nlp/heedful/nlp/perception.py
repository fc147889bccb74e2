"""How it went for the customer: beyond or below what was expected, without trouble or with much."""

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Final, Literal

from pydantic import Field

from heedful.common.contracts import Perception, PerceptionLabel, Polarity, Span
from heedful.common.datafiles import DataModel
from heedful.nlp.degree import PLAIN, Degrees
from heedful.nlp.encoder.hearing import Hearing
from heedful.nlp.evidence import words_at
from heedful.nlp.patterns import Match
from heedful.nlp.rules import Rule, Rules
from heedful.nlp.text import Text, fold
from heedful.nlp.thresholds import Thresholds

FILE: Final = "perception.yaml"
_SAID: Final = 0.9
_TURNED: Final = 0.75
_INFERRED: Final = 0.6
_MAX_EVIDENCE: Final = 4

Code = Literal["delight", "disappointment", "ease", "hassle"]

_MET: Final[dict[Polarity, Code]] = {
    Polarity.POSITIVE: "delight",
    Polarity.NEGATIVE: "disappointment",
}


class PerceptionRule(Rule):
    """`negated`: what a denial makes of it; nothing where it is left out ("谈不上惊喜")."""

    code: Code
    negated: Code | None = None


class Expectation(DataModel):
    """What tells of an expectation; whether it was met is for the mood of the text to say."""

    patterns: tuple[str, ...] = Field(min_length=1)
    exclude: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()


class PerceptionFile(DataModel):
    """`denials` stand directly before what they deny, with nothing between but `fillers`."""

    version: str
    denials: tuple[str, ...] = Field(min_length=1)
    fillers: tuple[str, ...] = ()
    words: dict[str, str] = Field(default_factory=dict)
    rules: tuple[PerceptionRule, ...] = Field(min_length=1)
    expectation: Expectation


class PerceptionRules:
    """The perception rules, ready to be matched."""

    def __init__(self, file: PerceptionFile, degrees: Degrees, thresholds: Thresholds) -> None:
        self._file = file
        self._thresholds = thresholds
        self._rules = Rules(FILE, file.rules, words=file.words)
        self._degrees = degrees
        expected = Rule(code="expectation", zh="-", en="-", **file.expectation.model_dump())
        self._expected = Rules(FILE, [expected], words=file.words)
        denials, fillers = (
            "|".join(re.escape(fold(word)) for word in sorted(words, key=len, reverse=True))
            for words in (file.denials, file.fillers)
        )
        self._denied = re.compile(rf"(?:{denials})(?:\s|{fillers})*$")

    def find(
        self, text: Text, polarity: Polarity | None, hearing: Hearing | None = None
    ) -> tuple[Perception, ...]:
        """The perceptions of a text, each once, in the order of the rules.

        Args:
            text: the text.
            polarity: of the whole text; an expectation alone does not say whether it was met.
            hearing: what the encoder heard; None leaves it to the rules.
        """
        ruled = {one.label: one for one in self._by_rules(text, polarity)}
        if hearing is None:
            return tuple(ruled.values())
        return tuple(
            self._heard(rule.code, ruled.get(PerceptionLabel(rule.code)), hearing, text)
            for rule in self._file.rules
            if self._thresholds.says(rule.code, hearing, ruled=PerceptionLabel(rule.code) in ruled)
        )

    def _heard(
        self, code: Code, ruled: Perception | None, hearing: Hearing, text: Text
    ) -> Perception:
        heard = hearing.flag(code)
        sure = round(heard.share, 4)
        if ruled is not None:
            return ruled.model_copy(update={"confidence": sure})
        degree = self._degrees.around(text, *heard.focus) if text.clauses else PLAIN
        return Perception(
            label=PerceptionLabel(code),
            intensity=degree,
            confidence=sure,
            evidence=(words_at(text, heard.focus),),
        )

    def _by_rules(self, text: Text, polarity: Polarity | None) -> tuple[Perception, ...]:
        found: dict[Code, list[tuple[int, Span, float]]] = {}
        for match in self._rules.find(text):
            for code, sure in self._meant(match, text):
                degree = self._degrees.around(text, match.start, match.end)
                span = text.span(match.start, match.end)
                found.setdefault(code, []).append((degree, span, sure))
        met = _MET.get(polarity) if polarity else None
        if met and not found.keys() & {"delight", "disappointment"}:
            for match in self._expected.find(text):
                span = text.span(match.start, match.end)
                found.setdefault(met, []).append((PLAIN, span, _INFERRED))
        return tuple(
            Perception(
                label=PerceptionLabel(rule.code),
                intensity=max(degree for degree, _, _ in told),
                confidence=max(sure for _, _, sure in told),
                evidence=tuple(dict.fromkeys(span for _, span, _ in told))[:_MAX_EVIDENCE],
            )
            for rule in self._file.rules
            if (told := found.get(rule.code))
        )

    def _meant(self, match: Match, text: Text) -> Iterator[tuple[Code, float]]:
        rule = self._file.rules[match.rule]
        clause = text.clauses[text.clause_at(match.start)] if text.clauses else None
        gaps = (text.normal[one[1] : other[0]] for one, other in pairwise(match.parts))
        led = (text.normal[clause.start : match.start],) if clause else ()
        if any(self._denied.search(words) for words in (*led, *gaps)):
            if rule.negated:
                yield rule.negated, _TURNED
        else:
            yield rule.code, _SAID

"""What cannot wait: facts such as injury, fire or a legal threat, found however calmly told."""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Literal

from pydantic import Field

from heedful.common.contracts import Span, Urgency, UrgencyLevel
from heedful.nlp.matching import is_latin
from heedful.nlp.patterns import Match
from heedful.nlp.resources import DataModel
from heedful.nlp.rules import Rule, Rules
from heedful.nlp.text import Text

FILE: Final = "urgency.yaml"
_CERTAIN: Final = 0.95
_DOUBTED: Final = 0.6
_MAX_EVIDENCE: Final = 8
_LOOK_BACK: Final = 24


class Doubted(StrEnum):
    """What becomes of a level that is negated or only supposed."""

    KEEP = "keep"
    HIGH = "high"
    DROP = "drop"


class UrgencyRule(Rule):
    level: Literal["critical", "high"]
    negated: Doubted
    supposed: Doubted


class Negation(DataModel):
    words: tuple[str, ...] = Field(min_length=1)
    fillers: tuple[str, ...] = ()


class Supposition(DataModel):
    words: tuple[str, ...] = Field(min_length=1)
    reach: int = Field(gt=0, le=40)


class UrgencyFile(DataModel):
    version: str
    negation: Negation
    supposition: Supposition
    exclude: tuple[str, ...] = ()
    rules: tuple[UrgencyRule, ...] = Field(min_length=1)


@dataclass(frozen=True, slots=True)
class Alarm:
    """One thing that cannot wait, with its place in the normal form."""

    code: str
    level: UrgencyLevel
    start: int
    end: int
    doubted: bool


class UrgencyRules:
    """The urgency rules, ready to be matched."""

    def __init__(self, file: UrgencyFile) -> None:
        self._file = file
        self._rules = Rules(FILE, file.rules, file.exclude)
        fillers = "|".join(map(_word, file.negation.fillers))
        self._negated = re.compile(
            f"(?:{'|'.join(map(_word, file.negation.words))})(?:\\s|{fillers})*$"
        )
        self._supposed = re.compile("|".join(map(_word, file.supposition.words)))

    def find(self, text: Text) -> list[Alarm]:
        """The alarms of a text, by rule and place."""
        alarms = (self._alarm(match, text) for match in self._rules.find(text))
        return [alarm for alarm in alarms if alarm is not None]

    def _alarm(self, match: Match, text: Text) -> Alarm | None:
        rule = self._file.rules[match.rule]
        fate = self._fate(rule, match, text)
        if fate is Doubted.DROP:
            return None
        doubted = fate is Doubted.HIGH
        level = UrgencyLevel.HIGH if doubted else UrgencyLevel(rule.level)
        return Alarm(rule.code, level, match.start, match.end, doubted)

    def _fate(self, rule: UrgencyRule, match: Match, text: Text) -> Doubted:
        clause = text.clauses[text.clause_at(match.start)] if text.clauses else None
        start = max(clause.start if clause else 0, match.start - _LOOK_BACK)
        before = text.normal[start : match.start]
        if self._negated.search(before):
            return rule.negated
        reach = self._file.supposition.reach
        # In Latin script a word takes several characters.
        tail = before if before.isascii() else before[-reach:]
        return rule.supposed if self._supposed.search(tail) else Doubted.KEEP


def _word(word: str) -> str:
    edges = (r"\b" if is_latin(word[0]) else "", r"\b" if is_latin(word[-1]) else "")
    return edges[0] + re.escape(word) + edges[1]


def summarise(alarms: list[Alarm], text: Text) -> Urgency | None:
    """One label of all alarms, the worst first; None without evidence."""
    if not alarms:
        return None
    ordered = sorted(alarms, key=lambda one: (one.level is not UrgencyLevel.CRITICAL, one.doubted))
    worst = ordered[0]
    return Urgency(
        level=worst.level,
        categories=tuple(dict.fromkeys(alarm.code for alarm in ordered)),
        confidence=_DOUBTED if worst.doubted else _CERTAIN,
        evidence=spans(ordered, text),
    )


def spans(alarms: list[Alarm], text: Text) -> tuple[Span, ...]:
    """The customer's own words behind the alarms, each once."""
    places = dict.fromkeys((alarm.start, alarm.end) for alarm in alarms)
    return tuple(text.span(*place) for place in list(places)[:_MAX_EVIDENCE])

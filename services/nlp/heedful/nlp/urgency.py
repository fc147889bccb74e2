"""What cannot wait: facts such as injury, fire or a legal threat, found however calmly told."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import Final, Literal

from pydantic import Field

from heedful.common.contracts import UrgencyLevel
from heedful.common.datafiles import DataModel
from heedful.nlp.matching import is_latin
from heedful.nlp.patterns import Match
from heedful.nlp.rules import Rule, Rules
from heedful.nlp.text import Text

FILE: Final = "urgency.yaml"
_LOOK_BACK: Final = 24
_PAIR: Final = 2
# The order of the frames in their rules.
_SETTLED: Final = 0
_ASKED: Final = 1
_GENERAL: Final = 2
_PROPOSED: Final = 3


class Doubted(StrEnum):
    """What becomes of a level that the words around it weaken."""

    KEEP = "keep"
    HIGH = "high"
    DROP = "drop"


_WEAKEST_LAST: Final = (Doubted.KEEP, Doubted.HIGH, Doubted.DROP)


class UrgencyRule(Rule):
    level: Literal["critical", "high"]
    negated: Doubted
    supposed: Doubted
    past: Doubted
    settled: Doubted
    asked: Doubted
    general: Doubted
    proposed: Doubted
    unheard: Doubted


class Negation(DataModel):
    words: tuple[str, ...] = Field(min_length=1)
    fillers: tuple[str, ...] = ()


class Before(DataModel):
    """Words that weaken what follows them within `reach` characters of the same clause."""

    words: tuple[str, ...] = Field(min_length=1)
    reach: int = Field(gt=0, le=40)


class Frame(DataModel):
    """What shows that a whole sentence speaks of something that is over or never happened.

    `unless`: anything in the same sentence that takes that back.
    """

    patterns: tuple[str, ...] = Field(min_length=1)
    exclude: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()


class UrgencyFile(DataModel):
    version: str
    words: dict[str, str] = Field(default_factory=dict)
    negation: Negation
    supposition: Before
    past: Before
    settled: Frame
    asked: Frame
    general: Frame
    proposed: Frame
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
        self._by_code = {rule.code: rule for rule in file.rules}
        self._rules = Rules(FILE, file.rules, file.exclude, file.words)
        frames = (file.settled, file.asked, file.general, file.proposed)
        self._frames = Rules(FILE, [_rule(*one) for one in enumerate(frames)], words=file.words)
        fillers = "|".join(map(_word, file.negation.fillers))
        words = "|".join(map(_negation, file.negation.words))
        self._negated = re.compile(f"(?:{words})(?:\\s|{fillers})*$")
        self._supposed = _any(file.supposition)
        self._past = _any(file.past)

    def level(self, code: str) -> UrgencyLevel:
        """Of what cannot wait for this reason.

        Raises:
            KeyError: no rule has the code.
        """
        return UrgencyLevel(self._by_code[code].level)

    def unheard(self, code: str) -> Doubted:
        """What becomes of an alarm that the encoder does not hear."""
        return self._by_code[code].unheard

    def find(self, text: Text) -> list[Alarm]:
        """The alarms of a text, by rule and place."""
        matches = self._rules.every(text)
        if not matches:
            return []
        cues = [
            cue
            for cue in self._frames.find(text)
            if cue.rule != _SETTLED or not self._negated_inside(cue, text)
        ]
        alarms = (self._alarm(match, cues, text) for match in matches)
        return _widest(alarm for alarm in alarms if alarm is not None)

    def _alarm(self, match: Match, cues: Sequence[Match], text: Text) -> Alarm | None:
        rule = self._file.rules[match.rule]
        fate = max(self._fates(rule, match, cues, text), key=_WEAKEST_LAST.index)
        if fate is Doubted.DROP:
            return None
        doubted = fate is Doubted.HIGH
        level = UrgencyLevel.HIGH if doubted else UrgencyLevel(rule.level)
        return Alarm(rule.code, level, match.start, match.end, doubted)

    def _fates(
        self, rule: UrgencyRule, match: Match, cues: Sequence[Match], text: Text
    ) -> Iterator[Doubted]:
        clause = text.clauses[text.clause_at(match.start)] if text.clauses else None
        start = max(clause.start if clause else 0, match.start - _LOOK_BACK)
        before = text.normal[start : match.start]
        yield Doubted.KEEP
        if self._negated.search(before) or self._negated_inside(match, text):
            yield rule.negated
        if self._supposed.search(_tail(before, self._file.supposition)):
            yield rule.supposed
        if self._past.search(_tail(before, self._file.past)):
            yield rule.past
        for cue in cues:
            if cue.rule == _SETTLED and _settles(cue, match, text):
                yield rule.settled
            elif cue.rule == _ASKED and _one_sentence(cue, match, text):
                yield rule.asked
            elif cue.rule == _GENERAL and _one_sentence(cue, match, text):
                yield rule.general
            elif (
                cue.rule == _PROPOSED and cue.start <= match.end and _one_sentence(cue, match, text)
            ):
                yield rule.proposed

    def _negated_inside(self, match: Match, text: Text) -> bool:
        """Whether a part is negated by what leads up to it: "the pump does not leak"."""
        gaps = pairwise(match.parts)
        return any(self._negated.search(text.normal[a[1] : b[0]]) for a, b in gaps)


def _widest(alarms: Iterable[Alarm]) -> list[Alarm]:
    """By code and place, the sure ones first, without those that lie inside another of the code.

    Only now: a wide match that is denied must not hide a narrow one that is not.
    """
    kept: list[Alarm] = []
    for alarm in sorted(alarms, key=lambda one: (one.code, one.doubted, one.start, -one.end)):
        inside = any(
            one.code == alarm.code and one.start <= alarm.start and alarm.end <= one.end
            for one in kept
        )
        if not inside:
            kept.append(alarm)
    return kept


def _any(before: Before) -> re.Pattern[str]:
    return re.compile("|".join(map(_word, before.words)))


def _tail(text: str, before: Before) -> str:
    # In Latin script a word takes several characters.
    return text if text.isascii() else text[-before.reach :]


def _settles(cue: Match, match: Match, text: Text) -> bool:
    """Whether both stand in one sentence, and no "but" leads from the cue to the match."""
    if not _one_sentence(cue, match, text):
        return False
    first, last = text.clause_at(cue.start), text.clause_at(match.end - 1)
    return not any(clause.contrast for clause in text.clauses[first + 1 : last + 1])


def _one_sentence(cue: Match, match: Match, text: Text) -> bool:
    if not text.clauses:
        return False
    first, last = text.clause_at(cue.start), text.clause_at(match.end - 1)
    return text.clauses[first].sentence == text.clauses[last].sentence


def _rule(number: int, frame: Frame) -> Rule:
    # A frame is matched as a rule is; it is no label and so has no name of its own.
    return Rule(code=f"frame_{number}", zh="-", en="-", **frame.model_dump())


def _negation(word: str) -> str:
    # "是不是" and "有没有" ask; only "不是" and "没有" deny.
    asked = f"(?<!{word[1]})" if len(word) == _PAIR and word[0] in "不没" else ""
    return asked + _word(word)


def _word(word: str) -> str:
    edges = (r"\b" if is_latin(word[0]) else "", r"\b" if is_latin(word[-1]) else "")
    return edges[0] + re.escape(word) + edges[1]

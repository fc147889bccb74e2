"""What the customer wants: to complain, to ask, to have something done, to propose, to praise."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from pydantic import Field

from heedful.common.contracts import (
    Found,
    Intent,
    IntentLabel,
    Perception,
    PerceptionLabel,
    Polarity,
    Sentiment,
    Span,
)
from heedful.common.datafiles import DataError, DataModel
from heedful.nlp.chat import Chat, Meaningless, WholeTexts
from heedful.nlp.encoder.hearing import Hearing
from heedful.nlp.encoder.tasks import INTENTS
from heedful.nlp.evidence import clause_span, words_at
from heedful.nlp.patterns import Match
from heedful.nlp.rules import Rule, Rules
from heedful.nlp.text import Text

FILE: Final = "intent.yaml"
_SAID: Final = 0.9
_TURNED: Final = 0.75
_INFERRED_SHARE: Final = 0.8
_GUESSED: Final = 0.5
_MAX_EVIDENCE: Final = 4
_WANTING: Final = ("request", "suggestion", "inquiry")
_INFERRED: Final = {
    Polarity.NEGATIVE: IntentLabel.COMPLAINT,
    Polarity.MIXED: IntentLabel.COMPLAINT,
    Polarity.POSITIVE: IntentLabel.PRAISE,
}

_PRAISING: Final = (PerceptionLabel.DELIGHT, PerceptionLabel.EASE)
# Behind this rank rules read moods, and what the customer felt or did says more than they do.
_LAST_WISH: Final = 5
_RANKS: Final = 100
_WISHES: Final = range(1, _LAST_WISH + 1)
_MOODS: Final = range(_LAST_WISH + 1, _RANKS)
_SHORTEST: Final = 5
_SURELY: Final = 0.7
_BRIEF: Final = 24
# A text of no more characters that holds small talk is small talk.
_SHORT: Final = 14

IntentCode = Literal["complaint", "request", "inquiry", "praise", "suggestion"]


class IntentRule(Rule):
    """`code`: the intent, or the intent and after a dot what sets the rule apart."""

    rank: int = Field(ge=1, lt=_RANKS)
    if_negative: IntentCode | None = None
    not_if: tuple[Polarity, ...] = ()

    @property
    def intent(self) -> str:
        """The intent that the rule gives."""
        return self.code.partition(".")[0]


class IntentFile(DataModel):
    version: str
    meaningless: Meaningless
    chat: Chat
    rules: tuple[IntentRule, ...] = Field(min_length=1)


@dataclass(frozen=True, slots=True)
class Told:
    """What else is known of a text.

    `alarm`: the evidence of what cannot wait; who tells of it and asks nothing complains.
    `praises`: which way the encoder leans; None where it has not read the text.
    `judged`: a word praises or blames, or a topic is named; `topics`: one is named.
    """

    alarm: Sequence[Span] = ()
    churn: Found | None = None
    perceptions: Sequence[Perception] = ()
    praises: bool | None = None
    judged: bool = True
    topics: bool = False


class IntentRules:
    """The intent rules, ready to be matched."""

    def __init__(self, file: IntentFile) -> None:
        """
        Raises:
            DataError: two rules have one rank, so that their order would be chance, or a rule is
                of no intent that there is.
        """
        ranks = [rule.rank for rule in file.rules]
        if len(set(ranks)) < len(ranks):
            raise DataError(f"{FILE}: rules: two have the same rank; give each its own")
        known = IntentCode.__args__  # type: ignore[attr-defined]
        if strangers := sorted({rule.intent for rule in file.rules} - set(known)):
            raise DataError(f"{FILE}: rules: no intent is called {', '.join(strangers)}")
        self._ordered = sorted(file.rules, key=lambda rule: rule.rank)
        self._rules = Rules(FILE, self._ordered)
        self._wholes = WholeTexts(FILE, file.meaningless, file.chat)

    def match(self, text: Text) -> list[Match]:
        """What speaks for an intent, whatever the mood."""
        return self._rules.find(text)

    def asks(self, matches: Sequence[Match]) -> bool:
        """Whether something is wanted, which by itself is neither praise nor blame."""
        return any(self._ordered[match.rule].intent in _WANTING for match in matches)

    def idle(self, text: Text) -> bool:
        """Whether a text is greetings and thanks alone, which are no praise."""
        return bool(self._wholes.formula(text))

    def choose(
        self,
        matches: Sequence[Match],
        text: Text,
        sentiment: Sentiment | None,
        told: Told,
        hearing: Hearing | None = None,
    ) -> Intent | None:
        """The intent of a text; None without evidence.

        A text that is a formula as a whole is told by the rules, any other by what the encoder
        heard; the rules do that where it has read nothing.
        """
        whole = None if told.alarm else self._as_a_whole(text)
        if hearing is None:
            return whole or self._ruled(matches, text, sentiment, told)
        if whole and whole.confidence >= _SAID:
            return whole
        ruled = self._ruled(matches, text, sentiment, told)
        label = IntentLabel(INTENTS[int(hearing.intent.argmax())])
        words = ruled.evidence if ruled and ruled.label is label else ()
        return _intent(
            label,
            round(float(hearing.intent.max()), 4),
            words or (words_at(text, hearing.intent_focus),),
        )

    def _ruled(
        self,
        matches: Sequence[Match],
        text: Text,
        sentiment: Sentiment | None,
        told: Told,
    ) -> Intent | None:
        polarity = sentiment.polarity if sentiment else None
        return (
            self._by_rules(matches, text, polarity, _WISHES)
            or (None if told.topics else self._talked(text))
            or _suffered(told, polarity)
            or _felt(told.perceptions, polarity)
            or self._by_rules(matches, text, polarity, _MOODS)
            or self._talked(text)
            or _idle(text, sentiment, told)
            or _inferred(sentiment)
            or _guessed(text, told.praises)
        )

    def _as_a_whole(self, text: Text) -> Intent | None:
        if said := self._wholes.meaningless(text):
            return _intent(IntentLabel.NOT_MEANINGFUL, _SAID, said)
        if said := self._wholes.formula(text):
            return _intent(IntentLabel.CHAT, _SAID, said)
        return self._talked(text) if len(text.normal) <= _SHORT else None

    def _talked(self, text: Text) -> Intent | None:
        said = self._wholes.talk(text)
        return _intent(IntentLabel.CHAT, _TURNED, said) if said else None

    def _by_rules(
        self, matches: Sequence[Match], text: Text, polarity: Polarity | None, ranks: range
    ) -> Intent | None:
        for number, rule in enumerate(self._ordered):
            own = [match for match in matches if match.rule == number]
            if not own or rule.rank not in ranks or polarity in rule.not_if:
                continue
            # A bare question asks, whatever its words; beside other clauses it may reproach.
            turned = (
                rule.if_negative is not None
                and polarity is Polarity.NEGATIVE
                and len(text.clauses) > 1
            )
            label = rule.if_negative if turned and rule.if_negative else rule.intent
            evidence = tuple(text.span(one.start, one.end) for one in own)
            return _intent(IntentLabel(label), _TURNED if turned else _SAID, evidence)
        return None


def _felt(perceptions: Sequence[Perception], polarity: Polarity | None) -> Intent | None:
    """Who was delighted or spared trouble praises; the opposite complains; both say neither.

    Trouble in a text of praise is trouble that was taken away.
    """
    if not perceptions:
        return None
    praising = {one.label in _PRAISING for one in perceptions}
    if len(praising) > 1:
        return None
    label = IntentLabel.PRAISE if praising.pop() else IntentLabel.COMPLAINT
    if label is IntentLabel.COMPLAINT and polarity is Polarity.POSITIVE:
        return None
    return _intent(label, _TURNED, [span for one in perceptions for span in one.evidence])


def _suffered(told: Told, polarity: Polarity | None) -> Intent | None:
    """Who tells of what cannot wait, or leaves, and neither asks nor praises, complains."""
    evidence = told.alarm or (told.churn.evidence if told.churn else ())
    if not evidence or polarity is Polarity.POSITIVE:
        return None
    return _intent(IntentLabel.COMPLAINT, _TURNED, evidence)


def _idle(text: Text, sentiment: Sentiment | None, told: Told) -> Intent | None:
    """A short text without a word of judgement or a topic is talk, more often than not."""
    sure = sentiment.confidence if sentiment else 0.0
    if told.judged or sure >= _SURELY or not text.clauses or len(text.normal) > _BRIEF:
        return None
    return _intent(IntentLabel.CHAT, _GUESSED, [text.span(0, len(text.normal))])


def _inferred(sentiment: Sentiment | None) -> Intent | None:
    """Who blames without asking for anything complains; who praises, praises."""
    if sentiment is None or sentiment.polarity not in _INFERRED:
        return None
    sure = round(sentiment.confidence * _INFERRED_SHARE, 4)
    return _intent(_INFERRED[sentiment.polarity], sure, sentiment.evidence)


def _guessed(text: Text, praises: bool | None) -> Intent | None:
    """What the encoder leans to, where nothing else speaks; of a whole sentence only."""
    if praises is None or not text.clauses or len(text.normal) < _SHORTEST:
        return None
    label = IntentLabel.PRAISE if praises else IntentLabel.COMPLAINT
    longest = max(text.clauses, key=lambda one: one.end - one.start)
    return _intent(label, _GUESSED, [clause_span(text, longest)])


def _intent(label: IntentLabel, confidence: float, evidence: Sequence[Span]) -> Intent:
    return Intent(
        label=label,
        confidence=confidence,
        evidence=tuple(dict.fromkeys(evidence))[:_MAX_EVIDENCE],
    )

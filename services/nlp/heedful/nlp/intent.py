"""What the customer wants: to complain, to ask, to have something done, to praise, to leave."""

from collections.abc import Sequence
from typing import Final, Literal

from pydantic import Field

from heedful.common.contracts import Intent, IntentLabel, Polarity, Sentiment
from heedful.nlp.patterns import Match
from heedful.nlp.resources import DataError, DataModel
from heedful.nlp.rules import Rule, Rules
from heedful.nlp.text import Text

FILE: Final = "intent.yaml"
_SAID: Final = 0.9
_TURNED: Final = 0.75
_INFERRED_SHARE: Final = 0.8
# A guess about the mood is no ground for a second guess.
_INFERRED_FROM: Final = 0.75
_MAX_EVIDENCE: Final = 4
_WANTING: Final = ("churn", "request", "suggestion", "inquiry")
_INFERRED: Final = {
    Polarity.NEGATIVE: IntentLabel.COMPLAINT,
    Polarity.POSITIVE: IntentLabel.PRAISE,
}

IntentCode = Literal["complaint", "request", "inquiry", "praise", "suggestion", "churn"]


class IntentRule(Rule):
    code: IntentCode
    rank: int = Field(ge=1)
    if_negative: IntentCode | None = None
    not_if: tuple[Polarity, ...] = ()


class IntentFile(DataModel):
    version: str
    rules: tuple[IntentRule, ...] = Field(min_length=1)


class IntentRules:
    """The intent rules, ready to be matched."""

    def __init__(self, file: IntentFile) -> None:
        """
        Raises:
            DataError: two rules have one rank, so that their order would be chance.
        """
        ranks = [rule.rank for rule in file.rules]
        if len(set(ranks)) < len(ranks):
            raise DataError(f"{FILE}: rules: two have the same rank; give each its own")
        self._ordered = sorted(file.rules, key=lambda rule: rule.rank)
        self._rules = Rules(FILE, self._ordered)

    def match(self, text: Text) -> list[Match]:
        """What speaks for an intent, whatever the mood."""
        return self._rules.find(text)

    def asks(self, matches: Sequence[Match]) -> bool:
        """Whether something is wanted, which by itself is neither praise nor blame."""
        return any(self._ordered[match.rule].code in _WANTING for match in matches)

    def choose(
        self, matches: Sequence[Match], text: Text, sentiment: Sentiment | None
    ) -> Intent | None:
        """The intent of a text; None without evidence."""
        polarity = sentiment.polarity if sentiment else None
        for number, rule in enumerate(self._ordered):
            own = [match for match in matches if match.rule == number]
            if not own or polarity in rule.not_if:
                continue
            turned = rule.if_negative is not None and polarity is Polarity.NEGATIVE
            label = rule.if_negative if turned and rule.if_negative else rule.code
            return Intent(
                label=IntentLabel(label),
                confidence=_TURNED if turned else _SAID,
                evidence=tuple(text.span(one.start, one.end) for one in own[:_MAX_EVIDENCE]),
            )
        return _inferred(sentiment)


def _inferred(sentiment: Sentiment | None) -> Intent | None:
    """Who blames without asking for anything complains; who praises, praises."""
    if sentiment is None or sentiment.confidence < _INFERRED_FROM:
        return None
    label = _INFERRED.get(sentiment.polarity)
    if label is None:
        return None
    return Intent(
        label=label,
        confidence=round(sentiment.confidence * _INFERRED_SHARE, 4),
        evidence=sentiment.evidence,
    )

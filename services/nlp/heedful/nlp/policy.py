"""The light: a policy over labels, apart from how they were found, so that it can be replayed."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from pydantic import Field

from heedful.common.contracts import (
    Aspect,
    Colour,
    Intent,
    IntentLabel,
    Light,
    Polarity,
    Reason,
    Score,
    ScoreKind,
    Sentiment,
    Span,
    Urgency,
    UrgencyLevel,
)
from heedful.nlp.resources import DataError, DataModel, digest, read

FILE: Final = "policy.yaml"
_WORST_FIRST: Final = (Colour.RED, Colour.AMBER, Colour.GREEN, Colour.GREY)

Felt = Literal["positive", "negative", "neutral", "mixed", "none"]


class When(DataModel):
    """The conditions of a rule; all must hold, and those not given do."""

    urgency: tuple[UrgencyLevel, ...] = ()
    category: tuple[str, ...] = ()
    sentiment: tuple[Felt, ...] = ()
    confidence: float = Field(default=0, ge=0, le=1)
    intent: tuple[IntentLabel, ...] = ()
    topic: tuple[str, ...] = ()
    score_below: float | None = Field(default=None, ge=0, le=1)
    score_above: float | None = Field(default=None, ge=0, le=1)
    unless_score_above: float | None = Field(default=None, ge=0, le=1)
    score_kind: tuple[ScoreKind, ...] = ()


class PolicyRule(DataModel):
    code: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    colour: Colour
    zh: str = Field(min_length=1)
    en: str = Field(min_length=1)
    when: When


class PolicyFile(DataModel):
    version: str
    rules: tuple[PolicyRule, ...] = Field(min_length=1)


@dataclass(frozen=True, slots=True)
class Labels:
    """All that a policy may look at."""

    sentiment: Sentiment | None = None
    aspects: Sequence[Aspect] = ()
    urgency: Urgency | None = None
    intent: Intent | None = None
    score: Score | None = None


class LightPolicy:
    """Rules that turn labels into a light."""

    def __init__(self, file: PolicyFile) -> None:
        """
        Raises:
            DataError: a code is used twice, or no rule holds for every feedback.
        """
        codes = [rule.code for rule in file.rules]
        twice = sorted({code for code in codes if codes.count(code) > 1})
        if twice:
            raise DataError(f"{FILE}: rules: {', '.join(twice)} defined twice; rename one")
        if not any(rule.when == When() for rule in file.rules):
            raise DataError(f"{FILE}: rules: none holds for all; end with a rule `when: {{}}`")
        self.rules = file.rules
        self.version = f"{file.version}+{digest(file)}"

    @classmethod
    def load(cls) -> "LightPolicy":
        """The policy that the package ships.

        Raises:
            heedful.nlp.resources.DataError: the file is missing or wrong.
        """
        return cls(read(FILE, PolicyFile))

    def light(self, labels: Labels) -> Light:
        """The worst colour that a rule gives, with every rule that gives it."""
        holding = [
            (rule, evidence)
            for rule in self.rules
            if (evidence := _evidence(rule.when, labels)) is not None
        ]
        colour = min((rule.colour for rule, _ in holding), key=_WORST_FIRST.index)
        return Light(
            colour=colour,
            reasons=tuple(
                Reason(code=rule.code, label_zh=rule.zh, label_en=rule.en, evidence=evidence)
                for rule, evidence in holding
                if rule.colour is colour
            ),
        )


def scaled(score: Score | None) -> float | None:
    """A score on the scale from 0 to 1; None where its scale makes no sense."""
    if score is None or not score.minimum < score.maximum:
        return None
    share = (score.value - score.minimum) / (score.maximum - score.minimum)
    return share if 0 <= share <= 1 else None


def _evidence(when: When, labels: Labels) -> tuple[Span, ...] | None:
    """The evidence for the conditions, each span once; None if one does not hold."""
    parts: list[tuple[Span, ...]] = []
    for check in (_urgency, _intent, _topic, _sentiment):
        found = check(when, labels)
        if found is None:
            return None
        parts.append(found)
    if not _score(when, labels.score):
        return None
    # What is urgent explains a light by itself; the mood beside it does not.
    spans = parts[0] or parts[1] or parts[2] or parts[3]
    return tuple(dict.fromkeys(spans))


def _urgency(when: When, labels: Labels) -> tuple[Span, ...] | None:
    if not when.urgency and not when.category:
        return ()
    urgency = labels.urgency
    if urgency is None or (when.urgency and urgency.level not in when.urgency):
        return None
    if when.category and not set(when.category) & set(urgency.categories):
        return None
    return urgency.evidence


def _intent(when: When, labels: Labels) -> tuple[Span, ...] | None:
    if not when.intent:
        return ()
    intent = labels.intent
    return intent.evidence if intent is not None and intent.label in when.intent else None


def _topic(when: When, labels: Labels) -> tuple[Span, ...] | None:
    if not when.topic:
        return ()
    blamed = [
        aspect
        for aspect in labels.aspects
        if aspect.topic in when.topic and aspect.polarity in {Polarity.NEGATIVE, Polarity.MIXED}
    ]
    return tuple(span for aspect in blamed for span in aspect.evidence) if blamed else None


def _sentiment(when: When, labels: Labels) -> tuple[Span, ...] | None:
    sentiment = labels.sentiment
    if when.sentiment and (sentiment.polarity if sentiment else "none") not in when.sentiment:
        return None
    if when.confidence and (sentiment is None or sentiment.confidence < when.confidence):
        return None
    return sentiment.evidence if when.sentiment and sentiment else ()


def _score(when: When, score: Score | None) -> bool:
    share = scaled(score)
    counts = score is not None and (not when.score_kind or score.kind in when.score_kind)
    if share is None or not counts:
        return when.score_below is None and when.score_above is None
    below = when.score_below is None or share < when.score_below
    above = when.score_above is None or share > when.score_above
    content = when.unless_score_above is not None and share > when.unless_score_above
    return below and above and not content

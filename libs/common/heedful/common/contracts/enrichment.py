"""What nlp understood of one feedback: the payload of `heedful.feedback.enriched.v1`.

A label without evidence is null, not zero. Evidence offsets count Unicode code points of
`feedback.text` as published here (the final, masked text).
"""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from heedful.common.contracts.base import Contract, Name, OpenEnum, UtcTime, Words
from heedful.common.contracts.feedback import MAX_LANGUAGE_CHARS, MAX_TEXT_CHARS, Feedback

Probability = Annotated[float, Field(ge=0, le=1)]


class Span(Contract):
    """`feedback.text[start:end] == text`, half-open."""

    start: int = Field(ge=0)
    end: int = Field(gt=0)
    text: Words = Field(max_length=MAX_TEXT_CHARS)


class Polarity(OpenEnum):
    POSITIVE = "positive"
    NEGATIVE = "negative"
    NEUTRAL = "neutral"
    MIXED = "mixed"
    OTHER = "other"


class Sentiment(Contract):
    polarity: Polarity
    confidence: Probability
    evidence: tuple[Span, ...] = ()


class Aspect(Contract):
    """One topic of the taxonomy with what was felt about it."""

    topic: Name
    polarity: Polarity
    confidence: Probability
    evidence: tuple[Span, ...] = ()


class UrgencyLevel(OpenEnum):
    CRITICAL = "critical"
    HIGH = "high"
    NORMAL = "normal"
    OTHER = "other"


class Urgency(Contract):
    """`categories` are codes of the urgency rules: injury, fire, legal, minor, media, …"""

    level: UrgencyLevel
    categories: tuple[Name, ...] = ()
    confidence: Probability
    evidence: tuple[Span, ...] = ()


class IntentLabel(OpenEnum):
    COMPLAINT = "complaint"
    REQUEST = "request"
    INQUIRY = "inquiry"
    PRAISE = "praise"
    SUGGESTION = "suggestion"
    CHURN = "churn"
    OTHER = "other"


class Intent(Contract):
    label: IntentLabel
    confidence: Probability
    evidence: tuple[Span, ...] = ()


class Colour(StrEnum):
    RED = "red"
    AMBER = "amber"
    GREEN = "green"
    GREY = "grey"


class Reason(Contract):
    """Why the light has its colour: a rule of the policy, in two languages, with evidence."""

    code: Name
    label_zh: Words = Field(max_length=500)
    label_en: Words = Field(max_length=500)
    evidence: tuple[Span, ...] = ()


class Light(Contract):
    colour: Colour
    reasons: tuple[Reason, ...] = ()


class Versions(Contract):
    """What made the labels; enough to make them again."""

    model: Name
    lexicon: Name
    taxonomy: Name
    policy: Name


class Enrichment(Contract):
    """`id` is uuid5 of (tenant, source, feedback id, stage, versions), so a replay repeats it."""

    tenant: Name
    id: Name
    feedback: Feedback
    enriched_at: UtcTime
    language: Words = Field(max_length=MAX_LANGUAGE_CHARS)
    sentiment: Sentiment | None = None
    aspects: tuple[Aspect, ...] = ()
    urgency: Urgency | None = None
    intent: Intent | None = None
    light: Light
    versions: Versions

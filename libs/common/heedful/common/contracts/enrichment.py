"""What nlp understood of one feedback: the payload of `heedful.feedback.enriched.v1`.

A label without evidence is null, not zero. Evidence offsets count Unicode code points of
`feedback.text` as published here (the final, masked text).
"""

from base64 import b64decode, b64encode
from enum import StrEnum
from typing import Annotated, Final, Self

from pydantic import Field, StringConstraints, model_validator

from heedful.common.contracts.base import Contract, Name, OpenEnum, UtcTime, Words
from heedful.common.contracts.feedback import MAX_LANGUAGE_CHARS, MAX_TEXT_CHARS, Feedback
from heedful.common.contracts.interaction import Actor

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
    """`score` is from -1 (all blame) to 1 (all praise); a mixed text lies between."""

    polarity: Polarity
    score: float | None = Field(default=None, ge=-1, le=1)
    confidence: Probability
    evidence: tuple[Span, ...] = ()


Intensity = Annotated[int, Field(ge=1, le=5)]
"""From 1 (faint) to 5 (overwhelming); a label that is absent has none."""


class EmotionLabel(OpenEnum):
    ANGRY = "angry"
    SAD = "sad"
    FEAR = "fear"
    HAPPY = "happy"
    SURPRISE = "surprise"
    OTHER = "other"


class Emotion(Contract):
    label: EmotionLabel
    intensity: Intensity
    confidence: Probability
    evidence: tuple[Span, ...] = ()


class Opinion(Contract):
    """One thing said about one thing: the words that judge, the words judged where there are any,
    and the topic of the taxonomy that they belong to."""

    opinion: Span
    aspect: Span | None = None
    polarity: Polarity
    topic: Name | None = None
    confidence: Probability


class PerceptionLabel(OpenEnum):
    """How the customer felt it went: 惊喜, 失望, 便捷, 繁琐."""

    DELIGHT = "delight"
    DISAPPOINTMENT = "disappointment"
    EASE = "ease"
    HASSLE = "hassle"
    OTHER = "other"


class Perception(Contract):
    label: PerceptionLabel
    intensity: Intensity
    confidence: Probability
    evidence: tuple[Span, ...] = Field(min_length=1)


class Effort(Contract):
    """What it cost the customer: from -5 (a long struggle) to 5 (no trouble at all), never 0."""

    score: int = Field(ge=-5, le=5)
    evidence: tuple[Span, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _leans(self) -> Self:
        if self.score == 0:
            raise ValueError("an effort without a side is no effort: leave it out")
        return self


class NeedType(OpenEnum):
    """Explicit: asked for. Latent: shown by a trouble or a way round, not asked for. Delight:
    something that nobody expects and that would please."""

    EXPLICIT = "explicit"
    LATENT = "latent"
    DELIGHT = "delight"
    OTHER = "other"


class Need(Contract):
    type: NeedType
    confidence: Probability
    evidence: tuple[Span, ...] = Field(min_length=1)


class Found(Contract):
    """Something that a text either says or does not."""

    confidence: Probability
    evidence: tuple[Span, ...] = Field(min_length=1)


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
    CHAT = "chat"
    NOT_MEANINGFUL = "not_meaningful"
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
    """What made the labels; enough to make them again. `rules` is of urgency, intent, perception,
    need and whatever else no data teaches."""

    model: Name
    lexicon: Name
    rules: Name | None = None
    taxonomy: Name
    policy: Name


class Correction(Contract):
    """A label that somebody has set: `label` as in `POST /v1/corrections`, `light` for one.

    `was` and `value` are null where the label is absent. `id` is the same in every enrichment
    that holds to this correction.
    """

    id: Name
    label: Name
    was: Name | None = None
    value: Name | None = None
    actor: Actor
    at: UtcTime


class Satisfaction(Contract):
    """How satisfied the customer leaves the dialogue, -1 to 1, by all that both have said."""

    score: float = Field(ge=-1, le=1)
    turns: int = Field(ge=1, description="that were read")


EMBEDDING_WIDTH: Final = 512


class Embedding(Contract):
    """Where a text lies among texts: those that mean about the same lie in the same direction.

    `data` is base64 (RFC 4648 §4) of 512 signed bytes, whose length says nothing: cosines between
    vectors of one `version`, that of the model, say how near two texts are.
    """

    version: Name
    data: Annotated[str, StringConstraints(max_length=684, pattern=r"^[A-Za-z0-9+/]{683}=$")]

    @classmethod
    def of(cls, version: str, vector: bytes) -> Self:
        """The embedding of these signed bytes.

        Raises:
            ValueError: there are not 512 of them.
        """
        if len(vector) != EMBEDDING_WIDTH:
            raise ValueError(f"an embedding has {EMBEDDING_WIDTH} bytes, not {len(vector)}")
        return cls(version=version, data=b64encode(vector).decode())

    @property
    def vector(self) -> bytes:
        """Its signed bytes."""
        return b64decode(self.data)


class Enrichment(Contract):
    """`id` is uuid5 of (tenant, source, feedback id, stage, versions), so a replay repeats it.

    `reprocessed`: a newer version of what was published before, of a feedback that is history by
    now (its `backfill` is true): it never opens cases or notifies.
    `needs_response`: whether somebody waits for an answer; None where the text does not tell.
    `churn`: they say that they leave or may. `solicited`: praise or a score was asked or paid for.
    `satisfaction`: of a feedback with a dialogue, which itself is not passed on: what others said
    in it, names and all, stays where `feedback.received` may be read.
    `embedding`: of the text as it is published, where the model reads its language.
    `corrections`: the labels here that are not those of the versions, one of each label.
    """

    tenant: Name
    id: Name
    feedback: Feedback
    enriched_at: UtcTime
    language: Words = Field(max_length=MAX_LANGUAGE_CHARS)
    sentiment: Sentiment | None = None
    emotions: tuple[Emotion, ...] = ()
    opinions: tuple[Opinion, ...] = ()
    aspects: tuple[Aspect, ...] = ()
    perceptions: tuple[Perception, ...] = ()
    effort: Effort | None = None
    need: Need | None = None
    urgency: Urgency | None = None
    intent: Intent | None = None
    needs_response: bool | None = None
    churn: Found | None = None
    solicited: Found | None = None
    light: Light
    versions: Versions
    reprocessed: bool = False
    corrections: tuple[Correction, ...] = ()
    satisfaction: Satisfaction | None = None
    embedding: Embedding | None = None

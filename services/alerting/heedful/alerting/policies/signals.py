"""What a policy makes of the signals of journey: which open a case, which join one, in what light.

Stands on reference/sla.md §4.9b: one matter is one case, however it is heard of.
"""

from enum import StrEnum
from typing import Annotated, Final, Literal, Self

from pydantic import Field, model_validator

from heedful.alerting.policies.fields import Colours, Document, Signals
from heedful.alerting.recipients import Recipient
from heedful.common.contracts import Colour, Name, SignalKind
from heedful.common.contracts.enrichment import Probability

MAX_SIGNAL_RULES: Final = 50


class Effect(StrEnum):
    """`open`: joins the case of its matter, or opens one; `join`: joins an open case of the same
    customer, else nothing comes of it."""

    OPEN = "open"
    JOIN = "join"
    IGNORE = "ignore"


class SignalRule(Document):
    """What becomes of the signals that it fits; every field of the first three that is given must
    fit, and of its values one is enough."""

    name: Name
    kinds: Annotated[Signals, Field(min_length=1)] | None = None
    colours: Colours | None = Field(default=None, description="Lights that journey gave them.")
    confidence: Probability | None = Field(
        default=None, description="At least so sure; a signal that does not say is sure enough."
    )
    effect: Effect
    colour: Literal[Colour.RED, Colour.AMBER] | None = Field(
        default=None, description="The light of the case; null: that of the signal."
    )
    rule: Name | None = Field(
        default=None,
        description="Name of the rule by whose clocks, ladder and urgency it is measured; null:"
        " the first of `rules` that fits a feedback of its light, topics, touchpoint and channel"
        " that needs a response.",
    )
    department: Name | None = Field(
        default=None, description="Whose case it is; null: as of the feedback that it shows by."
    )
    notify: tuple[Recipient, ...] | None = Field(
        default=None,
        description="Who is told when it joins a case; null: the owner. Of a case that it opens,"
        " raises or reopens the rule says who is told.",
    )

    @model_validator(mode="after")
    def _meant(self) -> Self:
        given = [
            name
            for name in ("colour", "rule", "department", "notify")
            if getattr(self, name) is not None
        ]
        if self.effect is Effect.IGNORE and given:
            raise ValueError(
                f"signals: {self.name} is ignored; leave out {' and '.join(given)}, or give another"
                " effect"
            )
        return self

    @property
    def fits_all(self) -> bool:
        return self.kinds is None and self.colours is None and self.confidence is None

    @property
    def told_on_joining(self) -> tuple[Recipient, ...]:
        return (Recipient.OWNER,) if self.notify is None else self.notify

    def fits(self, kind: SignalKind, colour: Colour, confidence: float | None) -> bool:
        """Whether a signal of this kind and light, so sure, is meant."""
        return (
            (self.kinds is None or kind in self.kinds)
            and (self.colours is None or colour in self.colours)
            and (self.confidence is None or confidence is None or confidence >= self.confidence)
        )


USUAL: Final = (
    SignalRule(
        name="third-contact",
        kinds=frozenset({SignalKind.REPEATED_CONTACT}),
        effect=Effect.OPEN,
        notify=(Recipient.OWNER, Recipient.LEAD),
    ),
    SignalRule(
        name="leaving-or-stuck",
        kinds=frozenset({SignalKind.SATISFIED_BUT_LEAVING, SignalKind.JOURNEY_STUCK}),
        effect=Effect.OPEN,
    ),
    # What may follow is no complaint yet; who works for the customer is told.
    SignalRule(
        name="on-the-way", kinds=frozenset({SignalKind.PATTERN_UNDER_WAY}), effect=Effect.JOIN
    ),
    # Silence asks nobody for an answer; who works for the customer anyway should know of it.
    SignalRule(
        name="silent", kinds=frozenset({SignalKind.CHURN_RISK}), effect=Effect.JOIN, notify=()
    ),
)
"""Of a policy that says nothing of signals."""

"""An event as a journey sees it. Pure."""

from dataclasses import dataclass
from datetime import datetime

from heedful.common.contracts import (
    ActorType,
    Channel,
    Direction,
    IntentLabel,
    InteractionKind,
)

Key = tuple[str, str, str]
"""Kind, source and id of an event within its tenant."""

_ASKING_CHANNELS = frozenset(
    {Channel.CALL, Channel.CHAT, Channel.EMAIL, Channel.TICKET, Channel.SOCIAL}
)
"""Where somebody who writes or speaks waits for an answer; of a survey or a review nobody does."""
_TROUBLED = frozenset({IntentLabel.COMPLAINT, IntentLabel.REQUEST, IntentLabel.CHURN})
_MACHINES = frozenset({ActorType.BOT, ActorType.SYSTEM})


@dataclass(frozen=True, slots=True)
class Happened:
    """One event of one customer.

    Attributes:
        interaction: None of feedback.
        valence: -1 (all blame) to 1 (all praise); None where the text does not tell.
        score: 0 to 1 of its scale.
        live: neither imported as history nor judged again: it may give rise to a signal.
    """

    key: Key
    occurred_at: datetime
    received_at: datetime
    channel: str | None = None
    touchpoint: str | None = None
    interaction: str | None = None
    direction: str | None = None
    actor: str | None = None
    conversation_id: str | None = None
    colour: str | None = None
    valence: float | None = None
    topics: tuple[str, ...] = ()
    score: float | None = None
    score_kind: str | None = None
    intent: str | None = None
    leaving: bool = False
    needs_response: bool | None = None
    live: bool = True

    @property
    def said(self) -> bool:
        """The customer's words; what an employee reports of somebody is not."""
        return self.interaction is None and self.channel != Channel.EMPLOYEE

    @property
    def negative(self) -> bool:
        return self.said and self.valence is not None and self.valence < 0

    @property
    def positive(self) -> bool:
        return self.said and self.valence is not None and self.valence > 0

    @property
    def complaint(self) -> bool:
        """They complain: by intent, or so that the light is red."""
        return self.said and (self.intent == IntentLabel.COMPLAINT or self.colour == "red")

    @property
    def trouble(self) -> bool:
        """They come because something is the matter, and not to praise."""
        return self.said and (self.complaint or self.negative or self.intent in _TROUBLED)

    @property
    def asks(self) -> bool:
        """After it the customer waits for somebody."""
        if self.interaction is not None:
            return (
                self.interaction == InteractionKind.CONTACT and self.direction == Direction.INBOUND
            )
        if not self.said or self.needs_response is not None:
            return self.said and bool(self.needs_response)
        return self.channel in _ASKING_CHANNELS

    @property
    def answers(self) -> bool:
        """Somebody turns to the customer: an outbound contact by a human, as fulfils the respond
        clock, or a service that is done for them."""
        if self.interaction == InteractionKind.CONTACT:
            return self.direction == Direction.OUTBOUND and self.actor == ActorType.HUMAN
        return (
            self.interaction == InteractionKind.SERVICE
            and self.direction != Direction.INBOUND
            and self.actor not in _MACHINES
        )

"""What a stitched journey shows and a single item cannot: `heedful.journey.signal.v1`."""

from pydantic import Field

from heedful.common.contracts.base import Contract, Name, OpenEnum, UtcTime, Words
from heedful.common.contracts.enrichment import Colour, Probability
from heedful.common.contracts.feedback import Identifiers
from heedful.common.contracts.privacy import ItemKind


class SignalKind(OpenEnum):
    SATISFIED_BUT_LEAVING = "satisfied_but_leaving"
    CHURN_RISK = "churn_risk"
    REPEATED_CONTACT = "repeated_contact"
    JOURNEY_STUCK = "journey_stuck"
    OTHER = "other"


class SignalItem(Contract):
    """The key that identifies a feedback or an interaction for ever."""

    kind: ItemKind
    source: Name
    id: Name


class JourneySignal(Contract):
    """`trigger` is the item that it shows by, `evidence` what to look at, in the order of time.

    Topics, channel, touchpoint and conversation say which matter it is about; they are those of
    its trigger, but for the topics of `repeated_contact`, which are those that come again.
    """

    tenant: Name
    id: Name
    kind: SignalKind
    customer_id: Name
    identifiers: Identifiers = ()
    detected_at: UtcTime
    colour: Colour
    confidence: Probability | None = None
    summary_zh: Words = Field(max_length=500)
    summary_en: Words = Field(max_length=500)
    feedback_ids: tuple[Name, ...] = ()
    interaction_ids: tuple[Name, ...] = ()
    trigger: SignalItem | None = None
    evidence: tuple[SignalItem, ...] = ()
    topics: tuple[Name, ...] = ()
    channel: Name | None = None
    touchpoint: Name | None = None
    conversation_id: Name | None = None

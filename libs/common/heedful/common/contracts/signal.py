"""What a stitched journey shows and a single item cannot: `heedful.journey.signal.v1`."""

from pydantic import Field

from heedful.common.contracts.base import Contract, Name, OpenEnum, UtcTime, Words
from heedful.common.contracts.enrichment import Colour, Probability
from heedful.common.contracts.feedback import Identifiers


class SignalKind(OpenEnum):
    SATISFIED_BUT_LEAVING = "satisfied_but_leaving"
    CHURN_RISK = "churn_risk"
    REPEATED_CONTACT = "repeated_contact"
    JOURNEY_STUCK = "journey_stuck"
    OTHER = "other"


class JourneySignal(Contract):
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

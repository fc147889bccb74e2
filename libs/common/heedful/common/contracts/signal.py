"""What a stitched journey shows and a single item cannot: `heedful.journey.signal.v1`."""

from collections.abc import Mapping
from datetime import date
from typing import Final

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
    PATTERN_UNDER_WAY = "pattern_under_way"
    OTHER = "other"


SIGNAL_LABELS: Final[Mapping[SignalKind, tuple[str, str]]] = {
    SignalKind.SATISFIED_BUT_LEAVING: ("满意却要离开", "Satisfied but leaving"),
    SignalKind.CHURN_RISK: ("流失风险", "Risk of churn"),
    SignalKind.REPEATED_CONTACT: ("同一问题多次联系", "Repeated contact on one matter"),
    SignalKind.JOURNEY_STUCK: ("旅程停滞", "Journey stuck"),
    SignalKind.PATTERN_UNDER_WAY: ("链路进行中", "Pattern under way"),
    SignalKind.OTHER: ("其他信号", "Other signal"),
}
"""In Chinese and English."""


class SignalItem(Contract):
    """The key that identifies a feedback or an interaction for ever."""

    kind: ItemKind
    source: Name
    id: Name


class SignalPattern(Contract):
    """What is known of customers to whom `first` and then `then` happened: `outcome` followed for
    the `share` of `customers` within `follow_days`, `lift` times as often (95 % interval `low` to
    `high`) as for others who are alike. An association, measured until `measured`.
    """

    first: Name
    then: Name
    outcome: Name
    share: Probability
    lift: float = Field(gt=0)
    low: float = Field(gt=0)
    high: float = Field(gt=0)
    customers: int = Field(ge=1)
    follow_days: float = Field(gt=0)
    measured: date


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
    pattern: SignalPattern | None = Field(default=None, description="Of `pattern_under_way`.")

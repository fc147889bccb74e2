"""The topic registry: every topic once, with key, payload and retention.

Topic creation, the AsyncAPI document and the KafkaTopic manifests are made from here.
"""

from dataclasses import dataclass
from datetime import timedelta

from heedful.common.contracts import (
    CaseEvent,
    Contract,
    Enrichment,
    Erasure,
    ErasureReceipt,
    Feedback,
    Interaction,
)
from heedful.common.contracts import JourneySignal as Signal

DLQ_SUFFIX = ".dlq"
DLQ_RETENTION = timedelta(days=14)
SEGMENT = timedelta(days=1)
"""Kafka deletes whole segments: a record is gone so long after its retention at the latest."""
MAX_RECORD_BYTES = 1_000_000
"""Largest record that a topic takes; ingest refuses larger items before they get here."""


@dataclass(frozen=True, slots=True)
class Topic:
    """One topic with its dead letter queue.

    Attributes:
        name: Kafka name, `heedful.<what>.v<major>`.
        event_type: CloudEvents `type` of its records.
        payload: model of the record value.
        partitions: default count; order holds within one.
        retention: how long records are kept; topics are delete-only.
        key: what the record key is made of; always a keyed hash, never an identifier.
    """

    name: str
    event_type: str
    payload: type[Contract]
    key: str
    description: str
    partitions: int = 12
    retention: timedelta = timedelta(days=7)

    @property
    def dlq(self) -> str:
        return self.name + DLQ_SUFFIX

    @property
    def schema_uri(self) -> str:
        return f"https://heedful.dev/schemas/{self.event_type}"


_CUSTOMER_KEY = "hash(tenant, first identifier or conversation)"

FEEDBACK_RECEIVED = Topic(
    name="heedful.feedback.received.v1",
    event_type="voc.feedback.received.v1",
    payload=Feedback,
    key=_CUSTOMER_KEY,
    description="Feedback as ingest accepted it. Restricted: the text is redacted by rules only.",
)
FEEDBACK_ENRICHED = Topic(
    name="heedful.feedback.enriched.v1",
    event_type="voc.feedback.enriched.v1",
    payload=Enrichment,
    key=_CUSTOMER_KEY,
    description="Feedback with labels, evidence and light.",
)
INTERACTION_RECORDED = Topic(
    name="heedful.interaction.recorded.v1",
    event_type="voc.interaction.recorded.v1",
    payload=Interaction,
    key=_CUSTOMER_KEY,
    description="Orders, visits, contacts, service records, payments, departures.",
)
JOURNEY_SIGNAL = Topic(
    name="heedful.journey.signal.v1",
    event_type="voc.journey.signal.v1",
    payload=Signal,
    key="hash(tenant, customer)",
    description="What a stitched journey shows and a single item cannot.",
)
CASE_EVENT = Topic(
    name="heedful.case.event.v1",
    event_type="voc.case.event.v1",
    payload=CaseEvent,
    key="hash(tenant, case)",
    description="Every step of every case, in order per case.",
)
PRIVACY_ERASURE = Topic(
    name="heedful.privacy.erasure.v1",
    event_type="voc.privacy.erasure.v1",
    payload=Erasure,
    key="hash(tenant, erasure)",
    description="A customer is to be erased: every service obeys. Restricted: who may write it "
    "may erase.",
)
PRIVACY_RECEIPT = Topic(
    name="heedful.privacy.receipt.v1",
    event_type="voc.privacy.receipt.v1",
    payload=ErasureReceipt,
    key="hash(tenant, erasure)",
    description="What a service deleted for an erasure, and what goes by itself and when.",
)

TOPICS: tuple[Topic, ...] = (
    FEEDBACK_RECEIVED,
    FEEDBACK_ENRICHED,
    INTERACTION_RECORDED,
    JOURNEY_SIGNAL,
    CASE_EVENT,
    PRIVACY_ERASURE,
    PRIVACY_RECEIPT,
)

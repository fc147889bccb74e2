"""What the stores of corrections give and take: values, no behaviour."""

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from heedful.common.contracts import Correction, Enrichment, Feedback, Versions


class FeedbackKey(NamedTuple):
    """What identifies a feedback for ever."""

    tenant: str
    source: str
    id: str

    @classmethod
    def of(cls, feedback: Feedback) -> "FeedbackKey":
        return cls(feedback.tenant, feedback.source, feedback.id)


@dataclass(frozen=True, slots=True)
class Kept:
    """The machine's newest enrichment of a feedback, and the key of its record."""

    enrichment: Enrichment
    record_key: str

    @property
    def key(self) -> FeedbackKey:
        return FeedbackKey.of(self.enrichment.feedback)


class Basis(StrEnum):
    """Why somebody looked: they stumbled on it, or the random sample showed it to them."""

    CORRECTION = "correction"
    AUDIT = "audit"


@dataclass(frozen=True, slots=True)
class StoredCorrection:
    """A correction with all that is remembered of it. `text` is None once it is erased."""

    key: FeedbackKey
    enrichment_id: str
    correction: Correction
    note: str | None
    basis: Basis
    versions: Versions
    text: str | None


@dataclass(frozen=True, slots=True)
class Change:
    """A label before and after."""

    label: str
    was: str | None
    value: str | None

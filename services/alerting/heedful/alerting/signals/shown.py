"""A signal as people are told of it. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from heedful.alerting.policies.judging import Facts
from heedful.common.contracts import SignalKind

LABELS: Final[Mapping[SignalKind, tuple[str, str]]] = {
    SignalKind.SATISFIED_BUT_LEAVING: ("满意却要离开", "Satisfied but leaving"),
    SignalKind.CHURN_RISK: ("流失风险", "Risk of churn"),
    SignalKind.REPEATED_CONTACT: ("同一问题多次联系", "Repeated contact on one matter"),
    SignalKind.JOURNEY_STUCK: ("旅程停滞", "Journey stuck"),
    SignalKind.PATTERN_UNDER_WAY: ("链路进行中", "Pattern under way"),
    SignalKind.OTHER: ("其他信号", "Other signal"),
}
"""In Chinese and English."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A signal as it is told: no customer can be named by it.

    Attributes:
        summary_zh, summary_en: why it shows.
    """

    id: str
    facts: Facts
    summary_zh: str
    summary_en: str

    @property
    def reason(self) -> dict[str, str]:
        """As the reasons of a light are."""
        zh, en = LABELS[self.facts.kind]
        return {"code": self.facts.kind.value, "label_zh": zh, "label_en": en}

    def body(self) -> dict[str, object]:
        """As a notice has it."""
        zh, en = LABELS[self.facts.kind]
        return {
            "id": self.id,
            "kind": self.facts.kind,
            "label_zh": zh,
            "label_en": en,
            "summary_zh": self.summary_zh,
            "summary_en": self.summary_en,
            "confidence": self.facts.confidence,
        }

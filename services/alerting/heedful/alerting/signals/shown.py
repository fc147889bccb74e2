"""A signal as people are told of it. Pure."""

from dataclasses import dataclass

from heedful.alerting.policies.judging import Facts
from heedful.common.contracts import SIGNAL_LABELS


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
        zh, en = SIGNAL_LABELS[self.facts.kind]
        return {"code": self.facts.kind.value, "label_zh": zh, "label_en": en}

    def body(self) -> dict[str, object]:
        """As a notice has it."""
        zh, en = SIGNAL_LABELS[self.facts.kind]
        return {
            "id": self.id,
            "kind": self.facts.kind,
            "label_zh": zh,
            "label_en": en,
            "summary_zh": self.summary_zh,
            "summary_en": self.summary_en,
            "confidence": self.facts.confidence,
        }

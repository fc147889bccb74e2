"""What the shipped pipeline says of a text, in the labels of the voices.

`red` is the light of the policy for a message without a score, by a reason of urgency: who leaves
is red as well, and no emergency.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from heedful.common.contracts import Channel, Colour, Enrichment, Feedback
from heedful.nlp.pipeline import Pipeline
from heedful.nlp.policy import LightPolicy
from heedful.nlp.train.voices import Voice

NONE: Final = "none"
_TIME: Final = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Said:
    """The labels of a voice, as found; `intent` and `need` are `NONE` where there is none."""

    red: bool
    urgency: frozenset[str]
    intent: str
    churn: bool
    solicited: bool
    perceptions: frozenset[str]
    need: str
    needs_response: bool


class Listener:
    """The shipped pipeline and policy, asked for what a message says."""

    def __init__(self, pipeline: Pipeline, policy: LightPolicy) -> None:
        self._pipeline = pipeline
        self._urgent = {
            rule.code
            for rule in policy.rules
            if rule.colour is Colour.RED and (rule.when.urgency or rule.when.category)
        }

    @classmethod
    def load(cls) -> "Listener":
        """What the package ships."""
        return cls(Pipeline.load(), LightPolicy.load())

    def enrich(self, text: str) -> Enrichment:
        """The whole enrichment of a text."""
        feedback = Feedback(
            tenant="voice",
            source="voice",
            id="voice",
            channel=Channel.CHAT,
            text=text,
            occurred_at=_TIME,
            received_at=_TIME,
        )
        return self._pipeline.enrich(feedback, _TIME)

    def said(self, text: str) -> Said:
        """The labels of a text."""
        found = self.enrich(text)
        return Said(
            red=any(reason.code in self._urgent for reason in found.light.reasons),
            urgency=frozenset(found.urgency.categories if found.urgency else ()),
            intent=str(found.intent.label) if found.intent else NONE,
            churn=found.churn is not None,
            solicited=found.solicited is not None,
            perceptions=frozenset(str(one.label) for one in found.perceptions),
            need=str(found.need.type) if found.need else NONE,
            needs_response=bool(found.needs_response),
        )

    def all(self, items: Sequence[Voice]) -> list[Said]:
        """The labels of every item, in its order."""
        return [self.said(item.text) for item in items]

"""The labelled voices (`tests/data/voice`), and what the pipeline says of each.

`red` is the light of the policy for a message without a score, by a reason of urgency: who leaves
is red as well, and no emergency.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from pydantic import ValidationError

from heedful.common.contracts import Channel, Colour, Enrichment, Feedback
from heedful.nlp.pipeline import Pipeline
from heedful.nlp.policy import LightPolicy
from heedful.nlp.resources import DataError, DataModel

NONE: Final = "none"
_TIME: Final = datetime(2026, 1, 1, tzinfo=UTC)


class Voice(DataModel):
    """One labelled message; see `tests/data/voice/README.md`."""

    id: str
    text: str
    red: bool
    urgency: tuple[str, ...]
    intent: str
    churn: bool
    solicited: bool
    perceptions: tuple[str, ...]
    need: str | None
    needs_response: bool


@dataclass(frozen=True, slots=True)
class Said:
    """The same labels, as found; `intent` and `need` are `NONE` where there is none."""

    red: bool
    urgency: frozenset[str]
    intent: str
    churn: bool
    solicited: bool
    perceptions: frozenset[str]
    need: str
    needs_response: bool


def voices(file: Path) -> list[Voice]:
    """The items of a file.

    Raises:
        DataError: a line is no labelled voice; the message says which and why.
    """
    found = []
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1):
        if not line.strip():
            continue
        try:
            found.append(Voice.model_validate_json(line))
        except ValidationError as error:
            raise DataError(f"{file.name}: line {number}: {error.errors()[0]['msg']}") from error
    return found


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

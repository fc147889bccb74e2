"""What a correction of a label makes of an enrichment. Pure.

The machine's enrichment is kept as it was, and what holds is the fold of the corrections over it:
of each label the last one. So a correction outlives a newer model, and can be told from it.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final

from heedful.common.contracts import (
    Aspect,
    Colour,
    Correction,
    Enrichment,
    Found,
    Intent,
    IntentLabel,
    Light,
    Polarity,
    Reason,
    Sentiment,
    Span,
    Urgency,
    UrgencyLevel,
)
from heedful.common.events import deterministic_id

TOPIC_PREFIX: Final = "topic:"
_YES, _NO = "yes", "no"
_SURE: Final = 1.0
_AFTER: Final = timedelta(microseconds=1)


class WrongLabel(ValueError):
    """No such label, or no such value of it; the text says which there are."""


class Kind(StrEnum):
    """Every label that can be corrected; of topics there is one for each of the taxonomy."""

    LIGHT = "light"
    SENTIMENT = "sentiment"
    INTENT = "intent"
    URGENCY = "urgency"
    TOPIC = "topic"
    NEEDS_RESPONSE = "needs_response"
    CHURN = "churn"
    SOLICITED = "solicited"


def _known(values: type[StrEnum]) -> tuple[str, ...]:
    return tuple(str(value) for value in values if value != "other")


VALUES: Final[Mapping[Kind, tuple[str, ...]]] = {
    Kind.LIGHT: _known(Colour),
    Kind.SENTIMENT: _known(Polarity),
    Kind.INTENT: _known(IntentLabel),
    Kind.URGENCY: _known(UrgencyLevel),
    Kind.TOPIC: _known(Polarity),
    Kind.NEEDS_RESPONSE: (_YES, _NO),
    Kind.CHURN: (_YES,),
    Kind.SOLICITED: (_YES,),
}
"""The values of each kind; every kind but the light may also be absent, which is None."""


@dataclass(frozen=True, slots=True)
class Label:
    """A label by its name in the API: `light`, `intent`, `topic:service.attitude`."""

    kind: Kind
    topic: str | None = None

    @classmethod
    def read(cls, name: str, topics: Iterable[str]) -> "Label":
        """The label of this name.

        Raises:
            WrongLabel: there is none, or no such topic.
        """
        if name.startswith(TOPIC_PREFIX):
            topic = name.removeprefix(TOPIC_PREFIX)
            if topic not in topics:
                raise WrongLabel(f"there is no such topic: {topic}; GET /v1/labels lists them")
            return cls(Kind.TOPIC, topic)
        plain = [str(kind) for kind in Kind if kind is not Kind.TOPIC]
        if name not in plain:
            raise WrongLabel(f"label is one of {', '.join(plain)}, {TOPIC_PREFIX}<code>")
        return cls(Kind(name))

    @classmethod
    def of(cls, correction: Correction) -> "Label":
        """The label of a correction that was accepted."""
        kind, _, topic = correction.label.partition(":")
        return cls(Kind(kind), topic or None)

    @property
    def name(self) -> str:
        return str(self.kind) if self.topic is None else f"{TOPIC_PREFIX}{self.topic}"

    def check(self, value: str | None) -> None:
        """Raises `WrongLabel` unless the label can have this value."""
        allowed = VALUES[self.kind]
        if value is None and self.kind is not Kind.LIGHT:
            return
        if value not in allowed:
            absent = "" if self.kind is Kind.LIGHT else ", or null where the text does not say it"
            raise WrongLabel(f"{self.name} is {' or '.join(allowed)}{absent}")

    def value_in(self, enrichment: Enrichment) -> str | None:
        """What the enrichment says."""
        return _READ[self.kind](enrichment, self.topic)


def folded(machine: Enrichment, corrections: Iterable[Correction]) -> Enrichment:
    """The machine's enrichment with these corrections, oldest first; itself without any.

    Its id and time derive from both, so that the same fold is the same event, and one that is
    newer than what it corrects.
    """
    latest: dict[str, Correction] = {}
    for one in corrections:
        latest.pop(one.label, None)
        latest[one.label] = one
    if not latest:
        return machine
    found = machine
    for one in latest.values():
        label = Label.of(one)
        found = _WRITE[label.kind](found, one.value, label.topic)
    last = max(one.at for one in latest.values())
    return found.model_copy(
        update={
            "id": deterministic_id("corrected", machine.id, *(one.id for one in latest.values())),
            "enriched_at": max(last, machine.enriched_at + _AFTER),
            "corrections": tuple(latest.values()),
        }
    )


def _topic(enrichment: Enrichment, topic: str | None) -> str | None:
    found = (aspect.polarity for aspect in enrichment.aspects if aspect.topic == topic)
    return next(map(str, found), None)


def _yes(present: object) -> str | None:
    return None if present is None else _YES


def _answer(needed: bool | None) -> str | None:
    return None if needed is None else (_YES if needed else _NO)


_READ: Final[Mapping[Kind, Callable[[Enrichment, str | None], str | None]]] = {
    Kind.LIGHT: lambda found, _: str(found.light.colour),
    Kind.SENTIMENT: lambda found, _: str(found.sentiment.polarity) if found.sentiment else None,
    Kind.INTENT: lambda found, _: str(found.intent.label) if found.intent else None,
    Kind.URGENCY: lambda found, _: str(found.urgency.level) if found.urgency else None,
    Kind.TOPIC: _topic,
    Kind.NEEDS_RESPONSE: lambda found, _: _answer(found.needs_response),
    Kind.CHURN: lambda found, _: _yes(found.churn),
    Kind.SOLICITED: lambda found, _: _yes(found.solicited),
}


def _set_light(found: Enrichment, value: str | None, _: str | None) -> Enrichment:
    if value == found.light.colour:
        return found
    why = Reason(code="corrected", label_zh="人工改判", label_en="Corrected by hand")
    light = Light(colour=Colour(str(value)), reasons=(why,))
    return found.model_copy(update={"light": light})


def _set_sentiment(found: Enrichment, value: str | None, _: str | None) -> Enrichment:
    said = value and Sentiment(polarity=Polarity(value), confidence=_SURE)
    return found.model_copy(update={"sentiment": said})


def _set_intent(found: Enrichment, value: str | None, _: str | None) -> Enrichment:
    said = value and Intent(label=IntentLabel(value), confidence=_SURE)
    return found.model_copy(update={"intent": said})


def _set_urgency(found: Enrichment, value: str | None, _: str | None) -> Enrichment:
    if value is None:
        return found.model_copy(update={"urgency": None})
    categories = found.urgency.categories if found.urgency else ()
    evidence = found.urgency.evidence if found.urgency else ()
    said = Urgency(
        level=UrgencyLevel(value), categories=categories, confidence=_SURE, evidence=evidence
    )
    return found.model_copy(update={"urgency": said})


def _set_topic(found: Enrichment, value: str | None, topic: str | None) -> Enrichment:
    kept = tuple(aspect for aspect in found.aspects if aspect.topic != topic)
    if value is None or topic is None:
        return found.model_copy(update={"aspects": kept})
    said = Aspect(topic=topic, polarity=Polarity(value), confidence=_SURE)
    return found.model_copy(update={"aspects": (*kept, said)})


def _set_needs_response(found: Enrichment, value: str | None, _: str | None) -> Enrichment:
    return found.model_copy(update={"needs_response": None if value is None else value == _YES})


def _set_churn(found: Enrichment, value: str | None, _: str | None) -> Enrichment:
    return found.model_copy(update={"churn": value and (found.churn or _said(found))})


def _set_solicited(found: Enrichment, value: str | None, _: str | None) -> Enrichment:
    return found.model_copy(update={"solicited": value and (found.solicited or _said(found))})


def _said(found: Enrichment) -> Found:
    """Who corrects does not mark words, so the whole text is the evidence."""
    text = found.feedback.text
    return Found(confidence=_SURE, evidence=(Span(start=0, end=len(text), text=text),))


_WRITE: Final[Mapping[Kind, Callable[[Enrichment, str | None, str | None], Enrichment]]] = {
    Kind.LIGHT: _set_light,
    Kind.SENTIMENT: _set_sentiment,
    Kind.INTENT: _set_intent,
    Kind.URGENCY: _set_urgency,
    Kind.TOPIC: _set_topic,
    Kind.NEEDS_RESPONSE: _set_needs_response,
    Kind.CHURN: _set_churn,
    Kind.SOLICITED: _set_solicited,
}

"""The light: a policy over labels, apart from how they were found, so that it can be replayed."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from heedful.common.contracts import (
    Aspect,
    Channel,
    Colour,
    Enrichment,
    Found,
    Intent,
    Light,
    Perception,
    Polarity,
    Reason,
    Score,
    Sentiment,
    Span,
    Urgency,
)
from heedful.common.datafiles import DataError, digest
from heedful.nlp import taxonomy_file
from heedful.nlp.policy_file import FILE, PolicyFile, When, open_policy, shipped
from heedful.nlp.taxonomy_file import TaxonomyFile

TIER: Final = "customer_tier"
"""The attribute of a feedback that names the customer's tier."""

_WORST_FIRST: Final = (Colour.RED, Colour.AMBER, Colour.GREEN, Colour.GREY)


@dataclass(frozen=True, slots=True)
class Labels:
    """All that a policy may look at."""

    sentiment: Sentiment | None = None
    aspects: Sequence[Aspect] = ()
    urgency: Urgency | None = None
    intent: Intent | None = None
    churn: Found | None = None
    perceptions: Sequence[Perception] = ()
    score: Score | None = None
    channel: Channel = Channel.OTHER
    customer_tier: str | None = None

    @classmethod
    def of(cls, enrichment: Enrichment) -> "Labels":
        """Those of an enrichment, new or stored; its own light is not looked at."""
        said = enrichment.feedback
        return cls(
            sentiment=enrichment.sentiment,
            aspects=enrichment.aspects,
            urgency=enrichment.urgency,
            intent=enrichment.intent,
            churn=enrichment.churn,
            perceptions=enrichment.perceptions,
            score=said.score,
            channel=said.channel,
            customer_tier=said.attributes.get(TIER),
        )


class LightPolicy:
    """Rules that turn labels into a light."""

    def __init__(self, file: PolicyFile, name: str = FILE) -> None:
        """
        Args:
            file: the rules.
            name: of the file, for errors.

        Raises:
            DataError: a code is used twice, or no rule holds for every feedback.
        """
        codes = [rule.code for rule in file.rules]
        twice = sorted({code for code in codes if codes.count(code) > 1})
        if twice:
            raise DataError(f"{name}: rules: {', '.join(twice)} defined twice; rename one")
        if not any(rule.when == When() for rule in file.rules):
            raise DataError(f"{name}: rules: none holds for all; end with a rule `when: {{}}`")
        self.rules = file.rules
        self.version = f"{file.version}+{digest(file)}"

    @classmethod
    def load(cls, path: Path | None = None, taxonomy: TaxonomyFile | None = None) -> "LightPolicy":
        """The policy in this file; None: the one that the package ships.

        `taxonomy`: whose topics it may ask for; None: the one that the package ships.

        Raises:
            heedful.common.datafiles.DataError: the file is missing or wrong; it says what to mend.
        """
        if path is None:
            return cls(shipped())
        topics = [topic.code for topic in (taxonomy or taxonomy_file.shipped()).topics]
        return cls(open_policy(path, topics), str(path))

    def light(self, labels: Labels) -> Light:
        """The worst colour that a rule gives, with every rule that gives it."""
        holding = [
            (rule, evidence)
            for rule in self.rules
            if (evidence := _evidence(rule.when, labels)) is not None
        ]
        colour = min((rule.colour for rule, _ in holding), key=_WORST_FIRST.index)
        return Light(
            colour=colour,
            reasons=tuple(
                Reason(code=rule.code, label_zh=rule.zh, label_en=rule.en, evidence=evidence)
                for rule, evidence in holding
                if rule.colour is colour
            ),
        )


def light_of(enrichment: Enrichment, policy: LightPolicy) -> Light:
    """The light of an enrichment under a policy.

    Nothing but the two is looked at, so a stored enrichment has the same light for ever.
    """
    return policy.light(Labels.of(enrichment))


def scaled(score: Score | None) -> float | None:
    """A score on the scale from 0 to 1; None where its scale makes no sense."""
    if score is None or not score.minimum < score.maximum:
        return None
    share = (score.value - score.minimum) / (score.maximum - score.minimum)
    return share if 0 <= share <= 1 else None


def _evidence(when: When, labels: Labels) -> tuple[Span, ...] | None:
    """The evidence for the conditions, each span once; None if one does not hold."""
    if not (_said(when, labels) and _score(when, labels.score)):
        return None
    shown: tuple[Span, ...] = ()
    for check in _BY_WEIGHT:
        found = check(when, labels)
        if found is None:
            return None
        # What is urgent explains a light by itself; the mood beside it does not.
        shown = shown or found
    return tuple(dict.fromkeys(shown))


def _said(when: When, labels: Labels) -> bool:
    """Whether the right customer said it in the right place."""
    tier = (labels.customer_tier or "").casefold()
    return (not when.channel or labels.channel in when.channel) and (
        not when.customer_tier or tier in {one.casefold() for one in when.customer_tier}
    )


def _urgency(when: When, labels: Labels) -> tuple[Span, ...] | None:
    if not when.urgency and not when.category:
        return ()
    urgency = labels.urgency
    if urgency is None or (when.urgency and urgency.level not in when.urgency):
        return None
    if when.category and not set(when.category) & set(urgency.categories):
        return None
    return urgency.evidence


def _intent(when: When, labels: Labels) -> tuple[Span, ...] | None:
    if not when.intent:
        return ()
    intent = labels.intent
    if intent is None or intent.label not in when.intent:
        return None
    return intent.evidence if intent.confidence >= when.intent_confidence else None


def _churn(when: When, labels: Labels) -> tuple[Span, ...] | None:
    if when.churn is None:
        return ()
    if when.churn is not (labels.churn is not None):
        return None
    return labels.churn.evidence if labels.churn else ()


def _perception(when: When, labels: Labels) -> tuple[Span, ...] | None:
    if not when.perception:
        return ()
    felt = [one for one in labels.perceptions if one.label in when.perception]
    return tuple(span for one in felt for span in one.evidence) if felt else None


def _topic(when: When, labels: Labels) -> tuple[Span, ...] | None:
    if not when.topic:
        return ()
    blamed = [
        aspect
        for aspect in labels.aspects
        if aspect.topic in when.topic and aspect.polarity in {Polarity.NEGATIVE, Polarity.MIXED}
    ]
    return tuple(span for aspect in blamed for span in aspect.evidence) if blamed else None


def _sentiment(when: When, labels: Labels) -> tuple[Span, ...] | None:
    sentiment = labels.sentiment
    if when.sentiment and (sentiment.polarity if sentiment else "none") not in when.sentiment:
        return None
    if when.confidence and (sentiment is None or sentiment.confidence < when.confidence):
        return None
    return sentiment.evidence if when.sentiment and sentiment else ()


_BY_WEIGHT: Final = (_urgency, _churn, _intent, _topic, _perception, _sentiment)
"""The conditions with evidence; that of the first is shown."""


def _score(when: When, score: Score | None) -> bool:
    share = scaled(score)
    counts = score is not None and (not when.score_kind or score.kind in when.score_kind)
    if share is None or not counts:
        return when.score_below is None and when.score_above is None
    below = when.score_below is None or share < when.score_below
    above = when.score_above is None or share > when.score_above
    content = when.unless_score_above is not None and share > when.unless_score_above
    return below and above and not content

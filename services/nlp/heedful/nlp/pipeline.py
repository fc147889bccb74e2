"""From one feedback to its enrichment: the order of the steps, and nothing else."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from heedful.common.contracts import (
    Aspect,
    Colour,
    Effort,
    Embedding,
    Emotion,
    Enrichment,
    Feedback,
    Found,
    Intent,
    Light,
    Need,
    Opinion,
    Perception,
    Sentiment,
    Urgency,
    Versions,
)
from heedful.common.replacements import redacted_further
from heedful.nlp import backend as backends
from heedful.nlp.cache import TextCache
from heedful.nlp.effort import effort_of
from heedful.nlp.embedding import quantised
from heedful.nlp.emotion import emotions_of
from heedful.nlp.encoder.engine import Engine
from heedful.nlp.encoder.reading import Reading, read_all
from heedful.nlp.identity import enrichment_id
from heedful.nlp.intent import Told
from heedful.nlp.lexicon import Lexicon
from heedful.nlp.model_opinions import with_model_opinions
from heedful.nlp.names import Masked, mask
from heedful.nlp.pairing import opinions_of
from heedful.nlp.policy import LightPolicy, light_of
from heedful.nlp.ruleset import RuleSet
from heedful.nlp.satisfaction import satisfaction_of
from heedful.nlp.sentiment import judge, leaning_of
from heedful.nlp.taxonomy import Taxonomy
from heedful.nlp.text import Text, prepare
from heedful.nlp.topic_meaning import TopicMeanings

# The encoder was pretrained on Chinese and has seen no other labelled texts.
_READ: Final = ("zh", "mixed")
_UNLIT: Final = Light(colour=Colour.GREY)
_EVEN: Final = 0.5


@dataclass(frozen=True, slots=True)
class Analysis:
    """What a text says, before the policy looks at it."""

    language: str
    sentiment: Sentiment | None
    emotions: tuple[Emotion, ...]
    opinions: tuple[Opinion, ...]
    aspects: tuple[Aspect, ...]
    urgency: Urgency | None
    intent: Intent | None
    perceptions: tuple[Perception, ...]
    effort: Effort | None
    need: Need | None
    needs_response: bool | None
    churn: Found | None
    solicited: Found | None
    embedding: bytes | None = None


@dataclass(frozen=True, slots=True)
class _Understood:
    """A text as it may be published, None where that is as it came, and what it says then."""

    masked: Masked | None
    analysis: Analysis


class Pipeline:
    """Pure and deterministic; one instance serves any number of threads."""

    def __init__(
        self,
        engine: Engine,
        lexicon: Lexicon,
        rules: RuleSet,
        taxonomy: Taxonomy,
        policy: LightPolicy,
        cache_texts: int = 0,
        mask_names: bool = True,
        embeddings: bool = False,
    ) -> None:
        self._mask_names = mask_names
        self._embeddings = embeddings
        self._engine = engine
        self._lexicon = lexicon
        self._rules = rules
        self._taxonomy = taxonomy
        self._meanings = TopicMeanings(engine, taxonomy.file)
        self._policy = policy
        self._cache: TextCache[_Understood] = TextCache(cache_texts)
        self._versions = Versions(
            model=engine.version,
            lexicon=lexicon.version,
            rules=rules.version,
            taxonomy=taxonomy.version,
            policy=policy.version,
        )

    @classmethod
    def load(
        cls,
        backend: str = "onnx",
        cache_texts: int = 0,
        policy: Path | None = None,
        model: Path | None = None,
        *,
        taxonomy: Path | None = None,
        mask_names: bool = True,
        embeddings: bool = False,
    ) -> "Pipeline":
        """The pipeline that the package ships; the analyses of so many texts are kept.

        Args:
            backend: `onnx` or `torch`.
            cache_texts: how many; 0 keeps none.
            policy: file of the light's policy, if it is not the shipped one.
            model: file of the encoder, if it is not the shipped one.
            taxonomy: file of the topics, if it is not the shipped one.
            mask_names: names and addresses of people are taken out of what is published.
            embeddings: enrichments carry where the text lies among texts.

        Raises:
            ValueError: an unknown backend, or a data file that cannot be used.
            heedful.nlp.backend.BackendError: the backend's libraries are not installed.
        """
        topics = Taxonomy.load(taxonomy)
        return cls(
            backends.load(backend, model),
            Lexicon.load(),
            RuleSet.load(),
            topics,
            LightPolicy.load(policy, topics.file),
            cache_texts,
            mask_names,
            embeddings,
        )

    @property
    def policy(self) -> LightPolicy:
        """What turns labels into the light."""
        return self._policy

    @property
    def taxonomy(self) -> Taxonomy:
        """The topics."""
        return self._taxonomy

    @property
    def together(self) -> int:
        """How many texts the backend likes to be given at a time."""
        return self._engine.together

    @property
    def versions(self) -> Versions:
        """What makes the labels."""
        return self._versions

    def analyse(self, text: str) -> Analysis:
        """The labels of a text as it is, whoever said it."""
        return self._analyse(*self._read([text])[0])

    def _read(self, texts: Sequence[str]) -> list[tuple[Text, Reading | None]]:
        prepared = [prepare(text) for text in texts]
        readable = [one.normal for one in prepared if one.language in _READ]
        readings = iter(read_all(self._engine, readable))
        return [(one, next(readings) if one.language in _READ else None) for one in prepared]

    def _understand(self, texts: Sequence[str]) -> list[_Understood]:
        """Labels of the masked texts: evidence points into what is published, and whoever enriches
        that again finds the same."""
        found = self._read(texts)
        masked = [
            mask(*one) if self._mask_names else Masked(text)
            for text, one in zip(texts, found, strict=True)
        ]
        changed = [new.text for text, new in zip(texts, masked, strict=True) if new.text != text]
        again = iter(self._read(changed))
        return [
            _Understood(None, self._analyse(*one))
            if new.text == text
            else _Understood(new, self._analyse(*next(again)))
            for text, new, one in zip(texts, masked, found, strict=True)
        ]

    def _analyse(self, prepared: Text, reading: Reading | None) -> Analysis:
        opinions = self._lexicon.opinions.find(prepared)
        intents = self._rules.intents
        matches = intents.match(prepared)
        asks = intents.asks(matches)
        wants = asks or intents.idle(prepared)
        sentiment = judge(prepared, opinions, reading, asks=wants)
        mentions = self._taxonomy.mentions(prepared)
        hearing = reading.hearing if reading else None
        urgency = self._rules.triage.urgency(prepared, hearing)
        perceptions = self._rules.perceptions.find(
            prepared, sentiment.polarity if sentiment else None, hearing
        )
        aspects = self._taxonomy.aspects(
            prepared, with_model_opinions(opinions, reading, prepared), mentions
        )
        meant = self._meanings.aspect(prepared, reading, sentiment, {one.topic for one in aspects})
        aspects = (*aspects, meant) if meant else aspects
        churn = self._rules.churn.find(prepared, hearing)
        told = Told(
            alarm=urgency.evidence if urgency else (),
            churn=churn,
            perceptions=perceptions,
            praises=leaning_of(reading).positive > _EVEN if reading else None,
            judged=bool(opinions or aspects),
            topics=bool(aspects or urgency or churn),
        )
        intent = intents.choose(matches, prepared, sentiment, told, hearing)
        return Analysis(
            language=prepared.language,
            sentiment=sentiment,
            emotions=emotions_of(reading, prepared, self._lexicon.emotions, sentiment, asks=asks),
            opinions=opinions_of(prepared, opinions, reading, mentions),
            aspects=aspects,
            urgency=urgency,
            intent=intent,
            perceptions=perceptions,
            effort=effort_of(perceptions),
            need=self._rules.needs.find(prepared, intent, hearing),
            needs_response=self._rules.actionability.needs_response(
                prepared, intent, urgency, hearing
            ),
            churn=churn,
            solicited=self._rules.solicited.find(prepared, hearing),
            embedding=quantised(reading.embedding) if self._embeddings and reading else None,
        )

    def enrich(self, feedback: Feedback, enriched_at: datetime) -> Enrichment:
        """The enrichment of a feedback, as it is published: names and addresses are masked in its
        text. `backfill` does not change it."""
        return self.enrich_all([feedback], enriched_at)[0]

    def enrich_all(self, items: Sequence[Feedback], enriched_at: datetime) -> list[Enrichment]:
        """The enrichments of several, in their order; best of `together` at a time."""
        understood = self._cache.get([one.text for one in items], self._understand)
        return [
            self._enrichment(feedback, one, enriched_at)
            for feedback, one in zip(items, understood, strict=True)
        ]

    def embed_all(self, texts: Sequence[str]) -> list[Embedding | None]:
        """Where each text lies among texts; None of one that the encoder does not read."""
        return [
            self._embedding(quantised(reading.embedding) if reading else None)
            for _, reading in self._read(texts)
        ]

    def _embedding(self, vector: bytes | None) -> Embedding | None:
        return None if vector is None else Embedding.of(self._versions.model, vector)

    def _enrichment(
        self, feedback: Feedback, understood: _Understood, enriched_at: datetime
    ) -> Enrichment:
        analysis = understood.analysis
        satisfaction = satisfaction_of(self._engine, feedback.dialogue)
        if feedback.dialogue is not None:
            feedback = feedback.model_copy(update={"dialogue": None})
        if understood.masked is not None:
            feedback = _published(feedback, understood.masked)
        unlit = Enrichment(
            tenant=feedback.tenant,
            id=enrichment_id(feedback, self._versions),
            feedback=feedback,
            enriched_at=enriched_at,
            language=analysis.language,
            sentiment=analysis.sentiment,
            emotions=analysis.emotions,
            opinions=analysis.opinions,
            aspects=analysis.aspects,
            urgency=analysis.urgency,
            intent=analysis.intent,
            perceptions=analysis.perceptions,
            effort=analysis.effort,
            need=analysis.need,
            needs_response=analysis.needs_response,
            churn=analysis.churn,
            solicited=analysis.solicited,
            light=_UNLIT,
            versions=self._versions,
            satisfaction=satisfaction,
            embedding=self._embedding(analysis.embedding),
        )
        # From the enrichment alone, so that a stored one gives the same light.
        return unlit.model_copy(update={"light": light_of(unlit, self._policy)})


def _published(feedback: Feedback, masked: Masked) -> Feedback:
    """The feedback with its text masked, and what was taken out of it told."""
    redaction = feedback.redaction
    if redaction is not None:
        redaction = redacted_further(redaction, masked.replacements)
    return feedback.model_copy(update={"text": masked.text, "redaction": redaction})

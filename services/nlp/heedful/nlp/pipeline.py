"""From one feedback to its enrichment: the order of the steps, and nothing else."""

from dataclasses import dataclass
from datetime import datetime

from heedful.common.contracts import (
    Aspect,
    Enrichment,
    Feedback,
    Intent,
    Sentiment,
    Urgency,
    Versions,
)
from heedful.nlp import backend as backends
from heedful.nlp.cache import TextCache
from heedful.nlp.identity import enrichment_id
from heedful.nlp.lexicon import Lexicon
from heedful.nlp.policy import Labels, LightPolicy
from heedful.nlp.sentiment import Judge, SentimentClassifier
from heedful.nlp.taxonomy import Taxonomy
from heedful.nlp.text import prepare
from heedful.nlp.urgency import summarise


@dataclass(frozen=True, slots=True)
class Analysis:
    """What a text says, before the policy looks at it."""

    language: str
    sentiment: Sentiment | None
    aspects: tuple[Aspect, ...]
    urgency: Urgency | None
    intent: Intent | None


class Pipeline:
    """Pure and deterministic; one instance serves any number of threads."""

    def __init__(
        self,
        classifier: SentimentClassifier,
        lexicon: Lexicon,
        taxonomy: Taxonomy,
        policy: LightPolicy,
        cache_texts: int = 0,
    ) -> None:
        self._judge = Judge(classifier)
        self._lexicon = lexicon
        self._taxonomy = taxonomy
        self._policy = policy
        self._cache: TextCache[Analysis] = TextCache(cache_texts)
        self._versions = Versions(
            model=classifier.version,
            lexicon=lexicon.version,
            taxonomy=taxonomy.version,
            policy=policy.version,
        )

    @classmethod
    def load(cls, backend: str = "onnx", cache_texts: int = 0) -> "Pipeline":
        """The pipeline that the package ships; the analyses of so many texts are kept.

        Raises:
            ValueError: an unknown backend, or a data file that cannot be used.
            heedful.nlp.backend.BackendError: the backend's libraries are not installed.
        """
        return cls(
            backends.load(backend),
            Lexicon.load(),
            Taxonomy.load(),
            LightPolicy.load(),
            cache_texts,
        )

    @property
    def versions(self) -> Versions:
        """What makes the labels."""
        return self._versions

    def analyse(self, text: str) -> Analysis:
        """The labels of a text, whoever said it."""
        prepared = prepare(text)
        opinions = self._lexicon.opinions.find(prepared)
        intents = self._lexicon.intents
        matches = intents.match(prepared)
        sentiment = self._judge.sentiment(prepared, opinions, asks=intents.asks(matches))
        return Analysis(
            language=prepared.language,
            sentiment=sentiment,
            aspects=self._taxonomy.aspects(
                prepared, opinions, sentiment.polarity if sentiment else None, self._judge.leaning
            ),
            urgency=summarise(self._lexicon.urgency.find(prepared), prepared),
            intent=intents.choose(matches, prepared, sentiment),
        )

    def enrich(self, feedback: Feedback, enriched_at: datetime) -> Enrichment:
        """The enrichment of a feedback, as it is published. `backfill` does not change it."""
        analysis = self._cache.get(feedback.text, self.analyse)
        light = self._policy.light(
            Labels(
                sentiment=analysis.sentiment,
                aspects=analysis.aspects,
                urgency=analysis.urgency,
                intent=analysis.intent,
                score=feedback.score,
            )
        )
        return Enrichment(
            tenant=feedback.tenant,
            id=enrichment_id(feedback, self._versions),
            feedback=feedback,
            enriched_at=enriched_at,
            language=analysis.language,
            sentiment=analysis.sentiment,
            aspects=analysis.aspects,
            urgency=analysis.urgency,
            intent=analysis.intent,
            light=light,
            versions=self._versions,
        )

"""Topics known by examples: a text that means about the same speaks of them, in whatever words."""

from collections.abc import Collection, Sequence
from typing import Final

import numpy as np

from heedful.common.contracts import Aspect, Polarity, Sentiment
from heedful.nlp.encoder.engine import Engine
from heedful.nlp.encoder.reading import Reading, read_all
from heedful.nlp.encoder.spans import Floats
from heedful.nlp.evidence import words_at
from heedful.nlp.taxonomy_file import TaxonomyFile, Topic, shipped
from heedful.nlp.text import Text, normalise

_KEYWORDS: Final = 3


class TopicMeanings:
    """The meanings of the topics that have examples; without any nothing is ever found.

    Embeddings of all texts lie in one direction first, so it is taken out before they are compared
    (Mu and Viswanath, "All-but-the-Top", 2018): the mean of what the shipped taxonomy speaks of.
    """

    def __init__(self, engine: Engine, file: TaxonomyFile) -> None:
        known = [topic for topic in file.topics if topic.examples]
        self._codes = [topic.code for topic in known]
        self._least = file.likeness
        if known:
            common = _embeddings(engine, [_spoken(topic) for topic in shipped().topics])
            self._common = common.mean(axis=0)
            own = [self._apart(_embeddings(engine, topic.examples)) for topic in known]
            self._means = _unit(np.stack([vectors.mean(axis=0) for vectors in own]))

    def aspect(
        self,
        text: Text,
        reading: Reading | None,
        sentiment: Sentiment | None,
        known: Collection[str],
    ) -> Aspect | None:
        """The topic that a text speaks of by its meaning; None where none is near enough.

        Args:
            text: the text.
            reading: what the encoder says of it; None where it has not read it.
            sentiment: what is felt in the whole text, and so about the topic.
            known: topics that words have shown already.
        """
        if reading is None or not self._codes:
            return None
        cosines = self._means @ self._apart(reading.embedding)
        nearest = int(cosines.argmax())
        if cosines[nearest] < self._least or self._codes[nearest] in known:
            return None
        return Aspect(
            topic=self._codes[nearest],
            polarity=sentiment.polarity if sentiment else Polarity.NEUTRAL,
            confidence=round(min(float(cosines[nearest]), 1.0), 4),
            evidence=(words_at(text, reading.focus),),
        )

    def _apart(self, vectors: Floats) -> Floats:
        return _unit(vectors - self._common)


def _embeddings(engine: Engine, texts: Sequence[str]) -> Floats:
    found = read_all(engine, [normalise(text)[0] for text in texts])
    return np.stack([one.embedding for one in found if one is not None])


def _unit(vectors: Floats) -> Floats:
    made: Floats = vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)
    return made


def _spoken(topic: Topic) -> str:
    """The name of a topic and its first keywords."""
    words = [pattern.split("|")[0].split(" ~")[0] for pattern in topic.patterns[:_KEYWORDS]]
    return "，".join((topic.zh, *words))

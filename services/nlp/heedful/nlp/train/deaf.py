"""The shipped pipeline without what the encoder hears: the rules, as they work for a language that
the encoder does not read."""

from collections.abc import Sequence

from heedful.nlp.encoder.engine import Engine, Ints, Raw, Temperatures
from heedful.nlp.encoder.wordpiece import WordPieces
from heedful.nlp.lexicon import Lexicon
from heedful.nlp.pipeline import Pipeline
from heedful.nlp.policy import LightPolicy
from heedful.nlp.ruleset import RuleSet
from heedful.nlp.taxonomy import Taxonomy


class Deaf:
    """An engine whose voice head says nothing: what is left are the rules."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @property
    def version(self) -> str:
        return self._engine.version

    @property
    def pieces(self) -> WordPieces:
        return self._engine.pieces

    @property
    def temperatures(self) -> Temperatures:
        return self._engine.temperatures

    @property
    def untrained(self) -> frozenset[str]:
        return self._engine.untrained | {"voice"}

    @property
    def together(self) -> int:
        return self._engine.together

    def run(self, ids: Ints, segments: Ints) -> Raw:
        return self._engine.run(ids, segments)

    def run_all(self, texts: Sequence[Ints]) -> list[Raw]:
        return self._engine.run_all(texts)


def rules_alone(engine: Engine) -> Pipeline:
    """The pipeline with an encoder that feels and names things and hears nothing else."""
    return Pipeline(
        Deaf(engine), Lexicon.load(), RuleSet.load(), Taxonomy.load(), LightPolicy.load()
    )

"""The taxonomy as it is written: topics with names, descriptions, keywords and examples."""

from pathlib import Path
from typing import Annotated, Final, Self

from pydantic import Field, model_validator

from heedful.common.datafiles import DataModel, parse_file
from heedful.nlp.resources import read
from heedful.nlp.rules import Rule

FILE: Final = "taxonomy.yaml"
"""The taxonomy that the package ships."""

_MAX_TOPICS: Final = 500
_MAX_EXAMPLES: Final = 50
_MAX_EXAMPLE_CHARS: Final = 300

Example = Annotated[str, Field(min_length=1, max_length=_MAX_EXAMPLE_CHARS)]


class Topic(Rule):
    """A topic is mentioned by its patterns; `negative` and `positive` are mentions that judge.

    What means about the same as its `examples` speaks of it too, in whatever words.
    """

    description: str = Field(min_length=1)
    patterns: tuple[str, ...] = ()
    negative: tuple[str, ...] = ()
    positive: tuple[str, ...] = ()
    examples: tuple[Example, ...] = Field(default=(), max_length=_MAX_EXAMPLES)

    @model_validator(mode="after")
    def _can_be_found(self) -> Self:
        if not (self.patterns or self.examples):
            raise ValueError("nothing would ever be found: give patterns, examples or both")
        return self


class TaxonomyFile(DataModel):
    """`likeness`: the least cosine of a text and a topic's examples at which it speaks of it.

    Of reviews with eight examples for each category 55 % lie so near to one, 78 % of them to the
    right one (encoder-2.1, docs/model-card.md).
    """

    version: str = Field(min_length=1, max_length=100)
    likeness: float = Field(default=0.6, gt=0, le=1)
    topics: tuple[Topic, ...] = Field(min_length=1, max_length=_MAX_TOPICS)


def shipped() -> TaxonomyFile:
    """The taxonomy that the package ships.

    Raises:
        heedful.common.datafiles.DataError: the file is missing or wrong.
    """
    return read(FILE, TaxonomyFile)


def open_taxonomy(path: Path | None) -> TaxonomyFile:
    """A taxonomy of one's own; None: the one that the package ships.

    Raises:
        heedful.common.datafiles.DataError: it cannot be read, or a topic is wrong; the message
            names file, topic and field, and how to mend it.
    """
    return shipped() if path is None else parse_file(path, TaxonomyFile)

"""Opinions that the encoder finds where no word of the lexicon judges."""

from collections.abc import Sequence
from typing import Final

from heedful.nlp.encoder.reading import OpinionSpan, Reading
from heedful.nlp.encoder.tasks import OPINION_KINDS
from heedful.nlp.opinion_words import PLAIN
from heedful.nlp.opinions import Opinion
from heedful.nlp.text import Text

_SURE: Final = 0.75
_SIGNS: Final = {"positive": 1, "negative": -1}


def with_model_opinions(
    opinions: Sequence[Opinion], reading: Reading | None, text: Text
) -> list[Opinion]:
    """The opinions of the lexicon, and those of the encoder in clauses that have none.

    Where words judge, they say it more exactly, and negation, wishes and irony have been heeded.
    """
    if reading is None:
        return list(opinions)
    judged = {one.clause for one in opinions if one.weight}
    added = [
        found
        for span in reading.opinions
        if (found := _opinion(span, text)) is not None and found.clause not in judged
    ]
    return sorted([*opinions, *added], key=lambda one: (one.start, one.end))


def _opinion(span: OpinionSpan, text: Text) -> Opinion | None:
    sign = _SIGNS.get(OPINION_KINDS[span.kind], 0)
    if not sign or span.confidence < _SURE:
        return None
    start, end = span.place
    return Opinion(start, end, text.clause_at(start), sign * PLAIN)

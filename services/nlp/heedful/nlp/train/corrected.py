"""Corrections of people as examples: what `heedful nlp export-corrections` wrote."""

from collections.abc import Iterable
from pathlib import Path
from typing import Final

from heedful.nlp.correction import Kind
from heedful.nlp.encoder.tasks import SENTIMENTS
from heedful.nlp.exported import ExportedCorrection, read
from heedful.nlp.text import normalise
from heedful.nlp.train.corpora import Labelled

CORRECTED: Final = "corrected"
"""The name of this set."""


def corrected(path: Path) -> list[Labelled]:
    """The examples of a file; of one feedback the last correction of a label counts.

    The encoder learns sentiments from them. Light, intent and urgency are of rules, and mixed is no
    class of the encoder: these lines are for people who mend rules, and are left out.

    Raises:
        ValueError: a line is something else.
    """
    return list(_sentiments(read(path)))


def _sentiments(lines: Iterable[ExportedCorrection]) -> Iterable[Labelled]:
    last = {one.feedback: one for one in lines if one.label == Kind.SENTIMENT}
    for one in last.values():
        if one.value in SENTIMENTS:
            yield Labelled(
                CORRECTED,
                one.feedback.source,
                normalise(one.text)[0],
                sentiment=SENTIMENTS.index(one.value),
            )

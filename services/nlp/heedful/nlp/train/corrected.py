"""Corrections of people as examples: what `heedful nlp export-corrections` wrote."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from heedful.common.contracts import Colour, UrgencyLevel
from heedful.nlp.correction import Kind
from heedful.nlp.encoder.tasks import FLAGS, INTENTS, SENTIMENTS
from heedful.nlp.exported import ExportedCorrection, read
from heedful.nlp.text import normalise
from heedful.nlp.train.labelled import UNLABELLED, Labelled

CORRECTED: Final = "corrected"
"""The name of this set."""

_YES: Final = "yes"
_SAID: Final = (Kind.CHURN, Kind.SOLICITED, Kind.NEEDS_RESPONSE)

Values = Mapping[str, str | None]


def corrected(path: Path) -> list[Labelled]:
    """The examples of a file: one for each feedback, with the last correction of each label.

    The encoder learns sentiment, intent, whether a text cannot wait, leaving, asked-for praise and
    whether somebody should answer. Topics are of rules, and mixed is no class of the encoder: a
    feedback with nothing else is left out.

    Raises:
        ValueError: a line is something else.
    """
    return list(_examples(read(path)))


def _examples(lines: Iterable[ExportedCorrection]) -> Iterable[Labelled]:
    by_feedback: dict[tuple[str, str, str], list[ExportedCorrection]] = {}
    for one in lines:
        key = (one.feedback.tenant, one.feedback.source, one.feedback.id)
        by_feedback.setdefault(key, []).append(one)
    for own in by_feedback.values():
        values = {one.label: one.value for one in own}
        example = Labelled(
            CORRECTED,
            own[-1].feedback.source,
            normalise(own[-1].text)[0],
            sentiment=_class(values.get(Kind.SENTIMENT), SENTIMENTS),
            intent=_class(values.get(Kind.INTENT), INTENTS),
            flags=_flags(values),
        )
        if (example.sentiment, example.intent, example.flags) != (None, None, None):
            yield example


def _class(value: str | None, classes: tuple[str, ...]) -> int | None:
    return classes.index(value) if value in classes else None


def _flags(values: Values) -> tuple[int, ...] | None:
    """None where nothing is said of any."""
    said = {str(kind): int(values[kind] == _YES) for kind in _SAID if kind in values}
    if (red := _red(values)) is not None:
        said["red"] = int(red)
    return tuple(said.get(flag, UNLABELLED) for flag in FLAGS) if said else None


def _red(values: Values) -> bool | None:
    """Whether the text cannot wait; None where that is not said.

    Who leaves is red and no emergency. A level of high may be of something grave or of a doubt.
    """
    if Kind.LIGHT in values and values.get(Kind.CHURN) != _YES:
        return values[Kind.LIGHT] == Colour.RED
    if Kind.URGENCY in values and values[Kind.URGENCY] != UrgencyLevel.HIGH:
        return values[Kind.URGENCY] == UrgencyLevel.CRITICAL
    return None

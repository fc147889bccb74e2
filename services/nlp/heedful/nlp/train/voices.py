"""The labelled voices: texts written for this project, and labels of texts of ../shared/data."""

from pathlib import Path
from typing import Final, TypeVar

from pydantic import ValidationError

from heedful.common.datafiles import DataError, DataModel
from heedful.nlp.encoder import tasks

FOLDER: Final = Path(__file__).with_name("voices")
"""What the encoder learns from: a file for each author, and `ordinary.jsonl`."""

ORDINARY: Final = FOLDER / "ordinary.jsonl"

_Line = TypeVar("_Line", bound=DataModel)


class VoiceLabels(DataModel):
    """What one message says; see `tests/data/voice/README.md`."""

    urgency: tuple[str, ...]
    intent: str
    churn: bool
    solicited: bool
    perceptions: tuple[str, ...]
    need: str | None
    needs_response: bool

    @property
    def flags(self) -> tuple[int, ...]:
        """1 or 0 for each of `tasks.FLAGS`."""
        said = {*self.urgency, *self.perceptions}
        if self.urgency:
            said.add("red")
        said.update(
            name for name in ("churn", "solicited", "needs_response") if getattr(self, name)
        )
        return tuple(int(flag in said) for flag in tasks.FLAGS)


class Voice(VoiceLabels):
    """One labelled message."""

    id: str
    text: str
    red: bool


class Ordinary(VoiceLabels):
    """The labels of one text of ../shared/data, named by its set and line (from 0) in `train`."""

    set: str
    line: int


def voices(file: Path) -> list[Voice]:
    """The items of a file.

    Raises:
        DataError: a line is no labelled voice; the message says which and why.
    """
    return _lines(file, Voice)


def ordinary() -> list[Ordinary]:
    """The labels of ordinary texts."""
    return _lines(ORDINARY, Ordinary)


def _lines(file: Path, shape: type[_Line]) -> list[_Line]:
    found: list[_Line] = []
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1):
        if not line.strip():
            continue
        try:
            found.append(shape.model_validate_json(line))
        except ValidationError as error:
            raise DataError(f"{file.name}: line {number}: {error.errors()[0]['msg']}") from error
    return found

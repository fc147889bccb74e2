"""The lines of `heedful nlp export-corrections`: what people say of texts, for training.

One form, written by the command line and read by `heedful.nlp.train`; docs/corrections.md shows it.
"""

from collections.abc import Iterator
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from heedful.common.contracts import Actor, UtcTime, Versions
from heedful.common.wording import describe
from heedful.nlp.records import Basis, StoredCorrection


class ExportedFeedback(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)

    tenant: str
    source: str
    id: str


class ExportedCorrection(BaseModel):
    """One line. `text` is what the label is of; `versions` made what it was."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    feedback: ExportedFeedback
    text: str
    label: str
    was: str | None
    value: str | None
    basis: Basis
    actor: Actor
    at: UtcTime
    versions: Versions

    @classmethod
    def of(cls, stored: StoredCorrection) -> "ExportedCorrection":
        """The line of a correction whose words were not erased."""
        correction = stored.correction
        return cls(
            feedback=ExportedFeedback(
                tenant=stored.key.tenant, source=stored.key.source, id=stored.key.id
            ),
            text=stored.text or "",
            label=correction.label,
            was=correction.was,
            value=correction.value,
            basis=stored.basis,
            actor=correction.actor,
            at=correction.at,
            versions=stored.versions,
        )


def read(path: Path) -> Iterator[ExportedCorrection]:
    """The lines of a file.

    Raises:
        ValueError: a line is something else; names it and what is wrong.
    """
    with path.open("rb") as lines:
        for number, line in enumerate(lines, start=1):
            if not line.strip():
                continue
            try:
                yield ExportedCorrection.model_validate_json(line)
            except ValidationError as error:
                raise ValueError(f"{path}, line {number}: {describe(error)}") from error

"""The report of an import beside its file, and how far the import is."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pydantic import BaseModel, ConfigDict

from heedful.cli.resuming import CannotGoOn, flushed, load, opened_behind, save
from heedful.ingest.importing.plan import Plan
from heedful.ingest.importing.report import HEADER, Counts, Line, written

_READ_BYTES: Final = 1 << 20


class Reached(BaseModel):
    """How far an import is.

    Attributes:
        import_id: by which its rejected rows are found in quarantine.
        digest: SHA-256 of the file.
        url: where its rows went.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    import_id: str
    digest: str
    url: str
    plan: Plan
    counts: Counts
    report_bytes: int


@dataclass(frozen=True, slots=True)
class Places:
    """The files of an import, named after its report."""

    report: Path

    @property
    def progress(self) -> Path:
        return self.report.with_name(f"{self.report.name}.progress")


def digest_of(source: Path) -> str:
    digest = hashlib.sha256()
    with source.open("rb") as file:
        while block := file.read(_READ_BYTES):
            digest.update(block)
    return digest.hexdigest()


def earlier(source: Path, report: Path) -> Reached | None:
    """How far an import of this file was that did not end.

    Raises:
        CannotGoOn: the file has changed since.
    """
    places = Places(report)
    if not places.progress.exists():
        return None
    reached = load(places.progress, Reached)
    if reached.digest != digest_of(source):
        raise CannotGoOn(
            f"{source} is not what {places.progress} was begun from; --overwrite begins anew"
        )
    return reached


class Output:
    """The open report; `finish` it when all rows are done, and close it."""

    def __init__(self, report: Path, reached: Reached) -> None:
        self.reached = reached
        self._places = Places(report)
        self._report = opened_behind(report, reached.report_bytes)
        if reached.report_bytes == 0:
            self._report.write(HEADER)
        self._keep(reached.counts)

    def write(self, lines: Sequence[Line], counts: Counts) -> None:
        """Put down what became of the next rows; `counts` are those of all rows so far."""
        self._report.write(written(lines))
        self._keep(counts)

    def _keep(self, counts: Counts) -> None:
        flushed(self._report)
        size = self._report.tell()
        self.reached = self.reached.model_copy(update={"counts": counts, "report_bytes": size})
        save(self._places.progress, self.reached)

    def finish(self) -> None:
        """All rows are done: nothing is left to go on with."""
        self._places.progress.unlink(missing_ok=True)

    def discard(self) -> None:
        """Nothing was done: leave nothing behind."""
        self._places.progress.unlink(missing_ok=True)
        self._places.report.unlink(missing_ok=True)

    def close(self) -> None:
        self._report.close()

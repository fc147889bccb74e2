"""The labelled file, what could not be labelled, and how far a run is: kill -9 loses no line.

Labels and errors are on the disk before the progress file says so, and whatever stands behind that
is cut off before the run goes on. So every line is labelled once, in its place.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Final, Self

import orjson
from pydantic import BaseModel, ConfigDict

from heedful.cli.enrich_lines import Chunk
from heedful.cli.resuming import CannotGoOn, flushed, load, opened_behind, save

_READ_BYTES: Final = 1024 * 1024


class Reached(BaseModel):
    """How far a run is: lines and bytes of the source, bytes of both outputs, lines in error.

    `digest` is the SHA-256 of what was read; `versions` made the labels.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    lines: int = 0
    read_bytes: int = 0
    digest: str = hashlib.sha256().hexdigest()
    labelled_bytes: int = 0
    errors_bytes: int = 0
    bad: int = 0
    versions: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Places:
    """The files of a run, all named after the target."""

    target: Path

    @property
    def errors(self) -> Path:
        return self.target.with_name(f"{self.target.name}.errors")

    @property
    def progress(self) -> Path:
        return self.target.with_name(f"{self.target.name}.progress")


class Output:
    """Open files of one run; use it as a context, and `finish` it when all lines are read."""

    def __init__(
        self, source: Path, places: Places, reached: Reached, digest: "hashlib._Hash"
    ) -> None:
        self.reached = reached
        self._places = places
        self._digest = digest
        self._source = source.open("rb")
        self._source.seek(reached.read_bytes)
        self._labelled = opened_behind(places.target, reached.labelled_bytes)
        self._errors = opened_behind(places.errors, reached.errors_bytes)

    @classmethod
    def open(
        cls, source: Path, target: Path, versions: Mapping[str, str], *, overwrite: bool
    ) -> Self:
        """Begin a run, or go on with one that was cut off.

        Raises:
            CannotGoOn: there is a finished file, or the beginning of another run.
        """
        places = Places(target)
        begun = Reached(versions=versions)
        if overwrite or not (target.exists() or places.progress.exists()):
            places.progress.unlink(missing_ok=True)
            return cls(source, places, begun, hashlib.sha256())
        if not places.progress.exists():
            raise CannotGoOn(f"{target} is there already; --overwrite writes it anew")
        reached = load(places.progress, Reached)
        if reached.versions != versions:
            raise CannotGoOn(
                f"{target} was begun by {_spelled(reached.versions)}, this is"
                f" {_spelled(versions)}; --overwrite writes it anew"
            )
        digest = hashlib.sha256()
        with source.open("rb") as lines:
            _digested(digest, lines, reached.read_bytes)
        if digest.hexdigest() != reached.digest:
            raise CannotGoOn(
                f"{source} is not what {target} was begun from: one of its first"
                f" {reached.lines:,} lines has changed; --overwrite writes it anew"
            )
        return cls(source, places, reached, digest)

    def write(self, chunk: Chunk, read_bytes: int) -> None:
        """Put down what became of a chunk, up to which the source was read."""
        self._labelled.write(chunk.labelled)
        for one in chunk.bad:
            error = {"line": one.number, "error": one.reason, "input": _text(one.line)}
            self._errors.write(orjson.dumps(error, option=orjson.OPT_APPEND_NEWLINE))
        _digested(self._digest, self._source, read_bytes - self.reached.read_bytes)
        for file in (self._labelled, self._errors):
            flushed(file)
        self.reached = Reached(
            lines=self.reached.lines + chunk.lines,
            read_bytes=read_bytes,
            digest=self._digest.hexdigest(),
            labelled_bytes=self._labelled.tell(),
            errors_bytes=self._errors.tell(),
            bad=self.reached.bad + len(chunk.bad),
            versions=self.reached.versions,
        )
        save(self._places.progress, self.reached)

    def finish(self) -> None:
        """All lines were read: nothing is left to go on with."""
        self._places.progress.unlink(missing_ok=True)
        if not self.reached.bad:
            self._places.errors.unlink(missing_ok=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for file in (self._source, self._labelled, self._errors):
            file.close()


def _digested(digest: "hashlib._Hash", source: IO[bytes], size: int) -> None:
    """Take the next bytes of the source into the digest."""
    while size and (read := source.read(min(size, _READ_BYTES))):
        digest.update(read)
        size -= len(read)


def _text(line: bytes) -> str:
    return line.decode("utf-8", errors="backslashreplace").rstrip("\r\n")


def _spelled(versions: Mapping[str, str]) -> str:
    return ", ".join(f"{name} {version}" for name, version in versions.items())

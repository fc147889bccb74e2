"""Labelling line by line, in chunks: bytes in, bytes out, in the same order."""

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from typing import IO, Final

import orjson
from pydantic import BaseModel, ConfigDict, ValidationError

from heedful.common.contracts import Channel, Feedback, Name, Score, UtcTime
from heedful.common.contracts.feedback import Text
from heedful.common.wording import describe
from heedful.nlp.pipeline import Pipeline

MAX_LINE_BYTES: Final = 2 * 1024 * 1024
"""A text may have 100,000 characters, and JSON may spell each with twelve bytes."""

CHUNK_LINES: Final = 256
_CHUNK_BYTES: Final = 8 * 1024 * 1024
_TENANT: Final = "offline"


class Line(BaseModel):
    """One line of the input."""

    model_config = ConfigDict(extra="ignore")

    id: Name
    text: Text
    channel: Channel = Channel.OTHER
    score: Score | None = None
    occurred_at: UtcTime | None = None


@dataclass(frozen=True, slots=True)
class Bad:
    """A line, counted from 1, that cannot be labelled, and why."""

    number: int
    reason: str
    line: bytes


@dataclass(frozen=True, slots=True)
class Chunk:
    """What became of so many next lines; `labelled` is JSONL."""

    lines: int
    labelled: bytes
    bad: Sequence[Bad]


class Labeller:
    """The pipeline in one thread per core."""

    def __init__(self, pipeline: Pipeline, threads: int) -> None:
        self._pipeline = pipeline
        self._threads = threads

    @property
    def versions(self) -> Mapping[str, str]:
        """What makes the labels."""
        found: dict[str, str] = self._pipeline.versions.model_dump(exclude_none=True)
        return found

    def chunks(self, source: IO[bytes], before: int = 0) -> Iterator[Chunk]:
        """Label what is left of a file, of which so many lines were read before."""
        lines = _lines(source)
        with ThreadPoolExecutor(self._threads, thread_name_prefix="enrich") as pool:
            while read := _next(lines):
                found = list(pool.map(self._one, count(before + 1), read))
                before += len(read)
                yield Chunk(
                    len(read),
                    b"".join(one for one in found if isinstance(one, bytes)),
                    [one for one in found if isinstance(one, Bad)],
                )

    def _one(self, number: int, line: bytes) -> bytes | Bad:
        if not line.strip():
            return b""
        if len(line) > MAX_LINE_BYTES:
            return Bad(number, f"longer than {MAX_LINE_BYTES:,} bytes", b"")
        try:
            item = Line.model_validate_json(line)
        except ValidationError as error:
            return Bad(number, describe(error), line)
        now = datetime.now(UTC)
        enrichment = self._pipeline.enrich(_feedback(item, now), now)
        labels = enrichment.model_dump(
            mode="json", exclude_none=True, exclude={"tenant", "feedback", "enriched_at"}
        )
        return orjson.dumps({**labels, "id": item.id}, option=orjson.OPT_APPEND_NEWLINE)


def _lines(source: IO[bytes]) -> Iterator[bytes]:
    """Lines, of which one that is too long is cut just behind the limit.

    When a line is given, the file stands behind it.
    """
    while line := source.readline(MAX_LINE_BYTES + 1):
        rest = line
        while len(rest) > MAX_LINE_BYTES and not rest.endswith(b"\n"):
            rest = source.readline(MAX_LINE_BYTES + 1)
        yield line


def _next(lines: Iterator[bytes]) -> list[bytes]:
    """The lines of a chunk, bounded in number and bytes."""
    read: list[bytes] = []
    size = 0
    for line in lines:
        read.append(line)
        size += len(line)
        if len(read) == CHUNK_LINES or size >= _CHUNK_BYTES:
            break
    return read


def _feedback(item: Line, now: datetime) -> Feedback:
    return Feedback(
        tenant=_TENANT,
        source="file",
        id=item.id,
        channel=item.channel,
        text=item.text,
        score=item.score,
        occurred_at=item.occurred_at or now,
        received_at=now,
    )

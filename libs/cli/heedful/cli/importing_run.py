"""From the rows of a file to ingest, one batch under way while the next is made."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import BinaryIO, Final

import orjson

from heedful.cli.posting import BATCH_BYTES, BATCH_ITEMS, Posted, Sender
from heedful.ingest.importing.layout import Rows, read
from heedful.ingest.importing.plan import Plan
from heedful.ingest.importing.records import Limits, Unreadable
from heedful.ingest.importing.report import Line, Status
from heedful.ingest.importing.rows import Converter, Item, Rejected
from heedful.ingest.models import PostedFeedback

PARTS: Final = 1_000_000
"""A file is read in so many parts, for the progress bar."""

_STATUSES: Final = {"accepted": Status.IMPORTED, "duplicate": Status.DUPLICATE}


@dataclass
class Batch:
    """Rows in their order, and the bodies of those that can be sent."""

    rows: list[Item | Rejected] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    size: int = 0

    def add(self, row: Item | Rejected) -> None:
        self.rows.append(row)
        if isinstance(row, Item):
            given = row.posted.model_dump(mode="json", exclude_defaults=True)
            self.bodies.append(orjson.dumps(given))
            self.size += len(self.bodies[-1])

    @property
    def full(self) -> bool:
        return len(self.rows) >= BATCH_ITEMS or self.size >= BATCH_BYTES

    def lines(self, results: list[Posted]) -> list[Line]:
        """What became of the rows, given the results of those that were sent."""
        left = iter(results)
        return [
            Line(row.number, Status.REJECTED, detail=row.detail)
            if isinstance(row, Rejected)
            else _line(row, next(left))
            for row in self.rows
        ]


@dataclass
class Reading:
    """One reading of a file, from its first row."""

    file: BinaryIO
    plan: Plan
    limits: Limits

    def __post_init__(self) -> None:
        self.rows: Rows = read(self.file, self.plan.layout, self.limits)
        self.stopped: Unreadable | None = None

    def batches(self, behind: int = 0) -> Iterator[Batch]:
        """The rows behind a row, in batches. When the file cannot be read further, `stopped` says
        why."""
        converter = Converter(self.plan)
        batch = Batch()
        try:
            for record in self.rows:
                row = converter.convert(record)
                if row is None or row.number <= behind:
                    continue
                batch.add(row)
                if batch.full:
                    yield batch
                    batch = Batch()
        except Unreadable as error:
            self.stopped = error
        if batch.rows:
            yield batch

    def done(self) -> int:
        """Of the file, in `PARTS`."""
        return int(self.rows.fraction() * PARTS)


def send(
    reading: Reading, sender: Sender, behind: int, write: Callable[[list[Line]], None]
) -> None:
    """Send what is behind a row; `write` is told of the rows in their order.

    Raises:
        CutOff, Refused: of the sender; what was written is right.
    """
    with ThreadPoolExecutor(1, thread_name_prefix="import") as post:
        waiting: tuple[Batch, Future[list[Posted]]] | None = None
        for batch in reading.batches(behind):
            if waiting is not None:
                write(waiting[0].lines(waiting[1].result()))
            waiting = (batch, post.submit(sender.send, batch.bodies))
        if waiting is not None:
            write(waiting[0].lines(waiting[1].result()))


def check(reading: Reading, write: Callable[[list[Line]], None]) -> list[PostedFeedback]:
    """Read everything and send nothing; gives the first items."""
    first: list[PostedFeedback] = []
    for batch in reading.batches():
        first = first or [row.posted for row in batch.rows if isinstance(row, Item)]
        write(batch.lines([Posted(Status.VALID)] * len(batch.bodies)))
    return first


def _line(row: Item, result: Posted) -> Line:
    if result.status == Status.VALID:
        return Line(row.number, Status.VALID, row.posted.id or "")
    status = _STATUSES.get(result.status, Status.REJECTED)
    return Line(row.number, status, row.posted.id or "", result.detail)

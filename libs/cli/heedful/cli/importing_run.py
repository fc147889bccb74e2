"""From the rows of a file to ingest, one batch under way while the next is made."""

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Final

import orjson

from heedful.cli.posting import BATCH_ITEMS, Posted, Sender
from heedful.ingest.importing.reading import Outcome, Reading, sendable
from heedful.ingest.importing.report import Line, Status, lines_of
from heedful.ingest.models import PostedFeedback

PARTS: Final = 1_000_000
"""A file is read in so many parts, for the progress bar."""

Write = Callable[[list[Line]], None]
"""Told of the rows, in their order."""


def send(reading: Reading, sender: Sender, behind: int, write: Write) -> None:
    """Send what is behind a row.

    Raises:
        CutOff, Refused: of the sender; what was written is right.
    """
    waiting: tuple[list[Outcome], Future[list[Posted]]] | None = None
    with ThreadPoolExecutor(1, thread_name_prefix="import") as post:
        try:
            for batch in reading.batches(BATCH_ITEMS, behind):
                bodies = [_body(item.posted) for item in sendable(batch)]
                if waiting is not None:
                    write(_lines(*waiting))
                waiting = (batch, post.submit(sender.send, bodies))
            if waiting is not None:
                write(_lines(*waiting))
        except BaseException:
            # Nobody waits for minutes behind Ctrl-C.
            sender.give_up()
            raise


def check(reading: Reading, write: Write) -> list[PostedFeedback]:
    """Read everything and send nothing; gives the first items."""
    first: list[PostedFeedback] = []
    for batch in reading.batches(BATCH_ITEMS):
        items = sendable(batch)
        first = first or [item.posted for item in items]
        write(lines_of(batch, [(Status.VALID, "")] * len(items)))
    return first


def done(reading: Reading) -> int:
    """How much of the file was read, in `PARTS`."""
    return int(reading.fraction * PARTS)


def _lines(batch: Sequence[Outcome], results: Future[list[Posted]]) -> list[Line]:
    return lines_of(batch, [(one.status, one.detail) for one in results.result()])


def _body(posted: PostedFeedback) -> bytes:
    return orjson.dumps(posted.model_dump(mode="json", exclude_defaults=True))

"""From the rows of a file to ingest, one batch under way while the next is made."""

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Final

import orjson

from heedful.cli.importing_quarantine import Quarantine
from heedful.cli.posting import BATCH_ITEMS, Sender
from heedful.ingest.importing.reading import Outcome, Reading, sendable
from heedful.ingest.importing.rejects import rejects
from heedful.ingest.importing.report import Line, Status, lines_of
from heedful.ingest.models import PostedFeedback

PARTS: Final = 1_000_000
"""A file is read in so many parts, for the progress bar."""

Write = Callable[[list[Line]], None]
"""Told of the rows, in their order."""


def send(
    reading: Reading, sender: Sender, quarantine: Quarantine, behind: int, write: Write
) -> None:
    """Send what is behind a row; what is not taken of it goes to quarantine.

    Raises:
        CutOff, Refused: of the sender; what was written is right.
    """
    waiting: Future[list[Line]] | None = None

    def sent(batch: Sequence[Outcome], bodies: Sequence[bytes]) -> list[Line]:
        results = [(one.status, one.detail) for one in sender.send(bodies)]
        lines = lines_of(batch, results)
        quarantine.keep(rejects(batch, lines, results))
        return lines

    with ThreadPoolExecutor(1, thread_name_prefix="import") as post:
        try:
            for batch in reading.batches(BATCH_ITEMS, behind):
                bodies = [_body(item.posted) for item in sendable(batch)]
                if waiting is not None:
                    write(waiting.result())
                waiting = post.submit(sent, batch, bodies)
            if waiting is not None:
                write(waiting.result())
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


def _body(posted: PostedFeedback) -> bytes:
    return orjson.dumps(posted.model_dump(mode="json", exclude_defaults=True))

"""A dry run: what a file would become, without anything being taken. It may take a second."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import BinaryIO, Final

from heedful.ingest.importing.layout import Hints
from heedful.ingest.importing.plan import Options
from heedful.ingest.importing.proposal import Proposal, propose
from heedful.ingest.importing.reading import Outcome, Reading, sendable
from heedful.ingest.importing.records import Limits
from heedful.ingest.importing.report import Counts, Status, lines_of

CHECKED_ROWS: Final = 10_000
"""Rows of which a dry run over HTTP tells; `heedful import --dry-run` reads them all."""

_FIRST: Final = 5
_BATCH: Final = 1000


@dataclass(frozen=True, slots=True)
class Check:
    """What a dry run has found.

    Attributes:
        complete: whether the file ends within the rows that were read.
        failure: why it could not be read further.
    """

    proposal: Proposal
    counts: Counts
    first: Sequence[Outcome]
    complete: bool
    failure: str | None


def check(file: BinaryIO, hints: Hints, options: Options, limits: Limits) -> Check:
    """Read the beginning of a file.

    Raises:
        Unreadable: the file, or an option, cannot be read.
    """
    proposal = propose(file, hints, options, limits)
    if proposal.plan is None:
        return Check(proposal, Counts(), (), complete=False, failure=None)
    reading, counts = Reading(file, proposal.plan, limits), Counts()
    first: list[Outcome] = []
    complete = True
    for batch in reading.batches(_BATCH):
        if counts.rows >= CHECKED_ROWS:
            complete = False
            break
        first += batch[: _FIRST - len(first)]
        counts = counts.plus(lines_of(batch, [(Status.VALID, "")] * len(sendable(batch))))
    failure = None if reading.stopped is None else str(reading.stopped)
    return Check(proposal, counts, first, complete and failure is None, failure)

"""Rows by what became of them, and why."""

from collections.abc import Sequence
from typing import Final

from heedful.ingest.importing.report import Counts, Line, Status

_KEPT_REASONS: Final = 10


class Tally:
    """The counts; and of each reason for a rejection how often it was, and the first row."""

    def __init__(self, begun: Counts | None = None) -> None:
        self.counts = begun or Counts()
        self.reasons: dict[str, tuple[int, int]] = {}
        self.other_reasons = 0

    def take(self, lines: Sequence[Line]) -> None:
        """The next rows."""
        self.counts = self.counts.plus(lines)
        for line in lines:
            if line.status is not Status.REJECTED:
                continue
            first, count = self.reasons.get(line.detail, (line.row, 0))
            if count or len(self.reasons) < _KEPT_REASONS:
                self.reasons[line.detail] = (first, count + 1)
            else:
                self.other_reasons += 1

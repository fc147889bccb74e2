"""One reading of a file from its first row to its last, in batches."""

from collections.abc import Iterator, Sequence
from typing import BinaryIO, Final

from heedful.ingest.importing.layout import read
from heedful.ingest.importing.plan import Plan
from heedful.ingest.importing.records import Limits, Unreadable
from heedful.ingest.importing.rows import Converter, Item, Rejected

Outcome = Item | Rejected

_BATCH_CHARS: Final = 500_000
"""Words in one batch that has more than a row."""


class Reading:
    """Reads a file once.

    Attributes:
        stopped: why the file could not be read to its end; what came before was right.

    Raises:
        Unreadable: it cannot be read at all.
    """

    def __init__(self, file: BinaryIO, plan: Plan, limits: Limits) -> None:
        self._plan = plan
        self._rows = read(file, plan.layout, limits)
        self.stopped: Unreadable | None = None

    @property
    def fraction(self) -> float:
        """How much of the file was read."""
        return self._rows.fraction()

    @property
    def merged(self) -> int:
        """Ranges of merged cells in the sheet, once it was read to its end."""
        return self._rows.merged()

    def batches(self, most: int, behind: int = 0) -> Iterator[list[Outcome]]:
        """The rows behind a row that hold something, in their order.

        Args:
            most: rows of one batch.
        """
        converter = Converter(self._plan)
        batch: list[Outcome] = []
        chars = 0
        try:
            for record in self._rows:
                row = converter.convert(record)
                if row is None or row.number <= behind:
                    continue
                batch.append(row)
                chars += _chars(row)
                if len(batch) >= most or chars >= _BATCH_CHARS:
                    yield batch
                    batch, chars = [], 0
        except Unreadable as error:
            self.stopped = error
        if batch:
            yield batch


def _chars(row: Outcome) -> int:
    if isinstance(row, Item):
        return len(row.posted.text)
    return sum(len(value) for value in (row.fields or {}).values() if isinstance(value, str))


def sendable(batch: Sequence[Outcome]) -> list[Item]:
    """The rows of a batch that are items."""
    return [row for row in batch if isinstance(row, Item)]

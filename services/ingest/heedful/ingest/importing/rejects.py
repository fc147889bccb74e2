"""Rows that were not taken, as far as they could be read: to be mended field by field."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from heedful.ingest.importing.report import Line, Status
from heedful.ingest.importing.rows import Item, Rejected

MALFORMED: Final = "malformed"
INVALID: Final = "invalid"
MAX_DETAIL_CHARS: Final = 2000


@dataclass(frozen=True, slots=True)
class Reject:
    """One row that was not taken.

    Attributes:
        number: of the row in its file, the header included.
        fields: of an item; what could not be read stands in them as it stood in its cells.
        reason: `malformed` for a row that could not be taken apart, `invalid` for one that makes no
            item, else ingest's word (`unfit`, `conflict`).
        detail: what is wrong, as the report has it.
    """

    number: int
    fields: Mapping[str, Any]
    reason: str
    detail: str


def rejects(
    batch: Sequence[Item | Rejected],
    lines: Sequence[Line],
    results: Sequence[tuple[str, str]],
) -> list[Reject]:
    """The rows of a batch that were not taken.

    Args:
        lines: of the report, one for each row.
        results: as `lines_of` takes them.
    """
    words = iter(results)
    found = []
    for row, line in zip(batch, lines, strict=True):
        word = "" if isinstance(row, Rejected) else next(words)[0]
        if line.status is not Status.REJECTED:
            continue
        if isinstance(row, Rejected):
            reason = MALFORMED if row.fields is None else INVALID
            found.append(Reject(row.number, row.fields or {}, reason, row.detail))
        else:
            found.append(Reject(row.number, _sent(row), word, line.detail))
    return found


def _sent(item: Item) -> dict[str, Any]:
    found: dict[str, Any] = item.posted.model_dump(mode="json", exclude_defaults=True)
    return found

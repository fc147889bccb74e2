"""A customer's events in the order in which they happened, page by page."""

from dataclasses import dataclass
from datetime import UTC, datetime

from heedful.common.http import Cursor, Problem

SNIPPET_CHARS = 200

_PARTS = 5


@dataclass(frozen=True, slots=True)
class Position:
    """Where an event stands: by when it happened, then when it came, then its id."""

    occurred_at: datetime
    received_at: datetime
    id: str
    kind: str
    source: str

    def cursor(self) -> str:
        return Cursor.encode(
            self.occurred_at.isoformat(),
            self.received_at.isoformat(),
            self.id,
            self.kind,
            self.source,
        )

    @staticmethod
    def read(cursor: str) -> "Position":
        """Raises Problem 400 when the cursor is not one of a timeline."""
        occurred, received, *rest = Cursor.decode(cursor, _PARTS)
        try:
            return Position(_utc(occurred), _utc(received), *rest)
        except (ValueError, OverflowError):
            raise Problem(
                400, "bad-cursor", "pass next_cursor of the previous page unchanged, or none"
            ) from None


def check_range(since: datetime | None, until: datetime | None) -> None:
    """Raises Problem 400 when the half-open range [from, to) holds nothing."""
    if since is not None and until is not None and since >= until:
        raise Problem(400, "bad-range", "`from` must be earlier than `to`; `to` is not included")


def snippet(text: str | None) -> str | None:
    """The beginning of a text, with an ellipsis where it was cut."""
    if text is None or len(text) <= SNIPPET_CHARS:
        return text
    return text[: SNIPPET_CHARS - 1].rstrip() + "…"


def _utc(value: str) -> datetime:
    return datetime.fromisoformat(value).astimezone(UTC)

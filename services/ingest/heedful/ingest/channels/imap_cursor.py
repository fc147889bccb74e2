"""Where the reading of a mailbox stands. Pure.

A mail's UID grows within one UIDVALIDITY of its folder (RFC 9051, section 2.3.1.1); when that
changes, UIDs mean nothing any more, and reading goes on by the day of arrival. What is then read
twice has the same Message-ID, which makes it one item.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Self

import orjson

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where to go on.

    Attributes:
        validity: UIDVALIDITY of the folder that the UID is of.
        uid: the highest that was read.
        since: only mails that arrived on this day or later; None once all that were there when
            reading began are read.
        seen: the latest day on which a mail that was read arrived, in the server's time zone.
    """

    validity: int
    uid: int
    since: date | None
    seen: date

    @classmethod
    def read(cls, written: str | None) -> Self | None:
        """What `write` wrote; None at the beginning."""
        if written is None:
            return None
        found = orjson.loads(written)
        return cls(
            validity=found["validity"],
            uid=found["uid"],
            since=None if found["since"] is None else date.fromisoformat(found["since"]),
            seen=date.fromisoformat(found["seen"]),
        )

    def write(self) -> str:
        return orjson.dumps(self).decode()

    def past(self, uid: int, arrived: date | None) -> Self:
        """After this mail."""
        seen = self.seen if arrived is None else max(self.seen, arrived)
        return replace(self, uid=max(self.uid, uid), seen=seen)

    def at_end(self, next_uid: int | None) -> Self:
        """Nothing waits below the folder's next UID."""
        uid = self.uid if next_uid is None else max(self.uid, next_uid - 1)
        return replace(self, uid=uid, since=None)


def begun(cursor: Cursor | None, validity: int, now: datetime, days_back: int) -> Cursor:
    """Where reading goes on in a folder that has this UIDVALIDITY now."""
    if cursor is None:
        first = now.date() - days_back * _DAY
        return Cursor(validity, 0, since=first, seen=first)
    if cursor.validity == validity:
        return cursor
    # One day more: the server's day may be another than the one in its earlier answers. And what
    # an unfinished pass was to read is to be read still, in whatever order it comes now.
    since = min(cursor.seen - _DAY, cursor.since or date.max)
    return Cursor(validity, 0, since=since, seen=cursor.seen)

"""A calendar month in a zone. Pure."""

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo

_WRITTEN = re.compile(r"(\d{4})-(0[1-9]|1[0-2])")


@dataclass(frozen=True, slots=True, order=True)
class Month:
    year: int
    month: int

    @classmethod
    def of(cls, text: str) -> "Month":
        """
        Raises:
            ValueError: not written like 2026-10.
        """
        found = _WRITTEN.fullmatch(text)
        if found is None or int(found[1]) == 0:
            raise ValueError("write a month like 2026-10")
        return cls(int(found[1]), int(found[2]))

    @classmethod
    def before(cls, at: datetime, zone: tzinfo) -> "Month":
        """The last whole month."""
        last = at.astimezone(zone).date().replace(day=1) - timedelta(days=1)
        return cls(last.year, last.month)

    @property
    def first(self) -> date:
        return date(self.year, self.month, 1)

    @property
    def following(self) -> date:
        """The first day of the next month."""
        return (self.first + timedelta(days=31)).replace(day=1)

    def start(self, zone: tzinfo) -> datetime:
        return datetime.combine(self.first, time(), zone)

    def end(self, zone: tzinfo) -> datetime:
        """Its first moment that is not in it."""
        return datetime.combine(self.following, time(), zone)

    def __str__(self) -> str:
        return f"{self.year:04}-{self.month:02}"

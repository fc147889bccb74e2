"""The time that a page is about."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Annotated, Final
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, field_validator

PRESETS: Final = (7, 30, 90, 365)
"""Days that can be chosen with one click."""
_MOST_DAYS: Final = 3650


@dataclass(frozen=True, slots=True)
class Period:
    """Half-open; None: without end on that side."""

    since: datetime | None
    until: datetime | None

    @property
    def query(self) -> dict[str, str | None]:
        """As the services take it."""
        return {
            "from": None if self.since is None else self.since.isoformat(),
            "to": None if self.until is None else self.until.isoformat(),
        }


class PeriodAsked(BaseModel):
    """What an address says of the time: a number of days before now, or dates, which win."""

    model_config = ConfigDict(extra="ignore", frozen=True, populate_by_name=True)

    days: Annotated[int | None, Field(ge=1, le=_MOST_DAYS)] = None
    first: Annotated[date | None, Field(alias="from")] = None
    last: Annotated[date | None, Field(alias="to")] = None

    @field_validator("*", mode="before")
    @classmethod
    def _nothing(cls, value: object) -> object:
        """A field of a form that was left empty."""
        return None if value == "" else value

    @property
    def has_dates(self) -> bool:
        return self.first is not None or self.last is not None

    def days_or(self, usual: int | None) -> int | None:
        """The days that hold; None: dates do, or nothing does."""
        return None if self.has_dates else self.days or usual

    def period(self, now: datetime, zone: ZoneInfo, usual: int | None) -> Period:
        """Dates are whole days in `zone`, both included.

        Args:
            usual: days, where the address says nothing; None: all that there is.
        """
        days = self.days_or(usual)
        if days is not None:
            return Period(now - timedelta(days=days), None)
        return Period(
            None if self.first is None else _midnight(self.first, zone),
            None if self.last is None else _midnight(self.last + timedelta(days=1), zone),
        )


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone)

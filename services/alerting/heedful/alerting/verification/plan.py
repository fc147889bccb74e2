"""Which fix is looked at, by what, and when. Pure."""

from dataclasses import dataclass
from datetime import date, datetime, time, tzinfo
from typing import Final

from heedful.alerting.verification.series import Measure, Windows

DEFAULT_DAYS: Final = 28
FEWEST_DAYS: Final = 14
MOST_DAYS: Final = 90


@dataclass(frozen=True, slots=True)
class Plan:
    """What a fix should move, as said when it landed.

    Attributes:
        touchpoint: where; None: everywhere.
        after_days: how many days after the fix are looked at.
    """

    topic: str
    measure: Measure
    touchpoint: str | None = None
    after_days: int = DEFAULT_DAYS


@dataclass(frozen=True, slots=True)
class Fix:
    """A landed action with its plan, in days of the tenant's zone."""

    tenant: str
    case_id: str
    sequence: int
    plan: Plan
    received_on: date
    landed_on: date

    @classmethod
    def of(
        cls,
        tenant: str,
        case_id: str,
        sequence: int,
        plan: Plan,
        received_at: datetime,
        landed_at: datetime,
        zone: tzinfo,
    ) -> "Fix":
        """
        Args:
            sequence: of the event by which the case landed.
        """
        return cls(
            tenant,
            case_id,
            sequence,
            plan,
            received_at.astimezone(zone).date(),
            landed_at.astimezone(zone).date(),
        )

    @property
    def windows(self) -> Windows:
        return Windows.of(self.received_on, self.landed_on, self.plan.after_days)

    def due_at(self, zone: tzinfo) -> datetime:
        """When the one look is taken: as a day begins there."""
        return datetime.combine(self.windows.due, time(), zone)

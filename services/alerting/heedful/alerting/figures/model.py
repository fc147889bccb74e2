"""Figures as the board and the report show them. Pure.

Each share is told with what it is of and with what was left out, for a share without its n says
nothing, and one whose exclusions are not told says what its maker wanted.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Final

from heedful.alerting.survival import Median


class Excluded(StrEnum):
    """Why a case is in no share.

    dismissed, merged: it was nothing to work on, or is worked on elsewhere. late_source: we heard
    of it more than 24 hours after it was said. not_enforced: it came before the tenant's clocks
    counted.
    """

    DISMISSED = "dismissed"
    MERGED = "merged"
    LATE_SOURCE = "late_source"
    NOT_ENFORCED = "not_enforced"


class Why(StrEnum):
    """What was missing when a clock ran out: the first of these that holds.

    not_seen: nobody had acknowledged the case. waiting: it waited for the customer or somebody
    else at that moment. no_owner: it had been seen and belonged to nobody. paused: it had an owner,
    and had waited before. late_contact, late_plan, late_landing: it had an owner who was late.
    """

    NOT_SEEN = "not_seen"
    WAITING = "waiting"
    NO_OWNER = "no_owner"
    PAUSED = "paused"
    LATE_CONTACT = "late_contact"
    LATE_PLAN = "late_plan"
    LATE_LANDING = "late_landing"


RESPOND: Final = timedelta(hours=24)
PLAN: Final = timedelta(hours=48)
LAND: Final = timedelta(hours=72)
"""The promises that boards show, in raw hours; a policy may promise more or less."""

AGES: Final = (
    timedelta(hours=24),
    timedelta(hours=72),
    timedelta(days=7),
    timedelta(days=30),
)
"""Where the ages of open cases are cut."""


@dataclass(frozen=True, slots=True)
class Share:
    """`part` of `n`."""

    part: int = 0
    n: int = 0

    @property
    def share(self) -> float | None:
        return self.part / self.n if self.n else None


@dataclass(frozen=True, slots=True)
class Landing:
    """How long it took until improvements landed, in raw hours since receipt, of one cohort of
    received_at.

    Attributes:
        above: landed later than 72 hours, or open and older than that.
        young: open and younger, so not in `above` yet.
        mean: over what has landed.
        median: with the open ones, by Kaplan and Meier; to six minutes.
    """

    above: Share
    young: int
    landed: int
    mean: float | None
    median: Median
    excluded: Mapping[Excluded, int] = field(default_factory=dict)

"""What the report says. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from heedful.alerting.figures.model import Landing, Share
from heedful.alerting.reports.month import Month
from heedful.alerting.verification.verdict import Outcome


@dataclass(frozen=True, slots=True)
class Cohort:
    """Cases received in the month.

    Attributes:
        responded: of red cases, those that a person answered within 24 hours.
        planned: of all, those with a plan within 48 hours.
        above: of all, those that took longer than 72 hours to land, or are open and older.
        answered: of red cases, those that were answered at all until the report was made.
    """

    received: int
    red: int
    responded: Share
    planned: Share
    above: Share
    answered: Share


@dataclass(frozen=True, slots=True)
class Named:
    """A cohort by topic, touchpoint or team; None: those of which none is known."""

    name: str | None
    cohort: Cohort


@dataclass(frozen=True, slots=True)
class Work:
    """What was done in the month, whenever the cases were received."""

    landed: int = 0
    verified: int = 0
    reopened: int = 0


@dataclass(frozen=True, slots=True)
class Team:
    """One department: None: cases that belong to none."""

    name: str | None
    cohort: Cohort
    work: Work
    open: int


@dataclass(frozen=True, slots=True)
class Report:
    """The figures of one tenant and month.

    Attributes:
        at: until when things were known: the end of the month, or now within it.
        topics, touchpoints: those with the most red cases.
        ages: cases open at `at`, as `figures.model.AGES` cuts them.
        verdicts: fixes looked at in the month (docs/numbers.md), by what was found.
        coverage: of feedback received, that with labels.
    """

    tenant: str
    month: Month
    zone: str
    at: datetime
    whole: Cohort
    landing: Landing
    topics: Sequence[Named]
    touchpoints: Sequence[Named]
    teams: Sequence[Team]
    ages: Sequence[int]
    work: Work
    verdicts: Mapping[Outcome, int]
    coverage: Share

    @property
    def effective(self) -> Share:
        """Of fixes of which something could be told, those that helped."""
        told = sum(n for outcome, n in self.verdicts.items() if outcome is not Outcome.INCONCLUSIVE)
        return Share(self.verdicts.get(Outcome.VERIFIED, 0), told)

    @property
    def reopened(self) -> Share:
        """Reopened cases, for each that landed in the month."""
        return Share(self.work.reopened, self.work.landed)

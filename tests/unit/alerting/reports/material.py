"""A report with figures in every place."""

from datetime import UTC, datetime
from typing import Any

from heedful.alerting.figures.model import Excluded, Landing, Share
from heedful.alerting.reports.model import Cohort, Named, Report, Team, Work
from heedful.alerting.reports.month import Month
from heedful.alerting.survival import Median
from heedful.alerting.verification.verdict import Outcome

COHORT = Cohort(120, 40, Share(30, 38), Share(90, 110), Share(22, 88), Share(35, 40))


def report(**changes: Any) -> Report:
    landing = Landing(
        above=Share(22, 88),
        young=12,
        landed=66,
        mean=41.25,
        median=Median(52.5, 44.0, None, 120, 66),
        excluded={Excluded.DISMISSED: 3, Excluded.MERGED: 0, Excluded.LATE_SOURCE: 2},
    )
    values: dict[str, Any] = {
        "tenant": "acme",
        "month": Month(2026, 10),
        "zone": "Asia/Shanghai",
        "at": datetime(2026, 10, 31, 16, tzinfo=UTC),
        "whole": COHORT,
        "landing": landing,
        "topics": [Named("delivery", COHORT), Named(None, COHORT)],
        "touchpoints": [Named("app.checkout", COHORT)],
        "teams": [Team("华东", COHORT, Work(5, 3, 1), 9), Team(None, COHORT, Work(), 0)],
        "ages": [1, 2, 3, 4, 5],
        "work": Work(20, 8, 3),
        "verdicts": {Outcome.VERIFIED: 6, Outcome.NO_EFFECT: 2, Outcome.INCONCLUSIVE: 9},
        "coverage": Share(980, 1000),
    }
    return Report(**{**values, **changes})


def many(count: int) -> Report:
    """With so many places and departments, all of long names."""
    names = [f"{number} " + "很长的名字" * 30 for number in range(count)]
    return report(
        topics=[Named(name, COHORT) for name in names],
        touchpoints=[Named(name, COHORT) for name in names],
        teams=[Team(name, COHORT, Work(1, 1, 1), 1) for name in names],
    )

"""Whether a topic's part of all feedback differs between two stretches of weeks."""

from dataclasses import dataclass

import numpy as np

from heedful.journey.insights.facts import Flags, Floats
from heedful.journey.insights.report import Estimate
from heedful.journey.insights.statistics.clustered import EXPECTED
from heedful.journey.insights.statistics.distributions import student_above
from heedful.journey.touchpoints import wilson


@dataclass(frozen=True, slots=True, eq=False)
class Rates:
    """By topic.

    Attributes:
        recent, before: part of all feedback.
        dispersion: variance of weekly counts over that of Poisson counts, at least 1.
        p: two-sided, NaN where no test was possible.
    """

    recent: Floats
    before: Floats
    counts: Floats
    counts_before: Floats
    exposure: float
    dispersion: Floats
    p: Floats

    def ratio(self, topic: int) -> Estimate | None:
        """Recent against before; None of a topic that nobody spoke of before: it has no ratio."""
        return ratio(
            float(self.counts[topic]),
            float(self.counts_before[topic]),
            self.exposure,
            float(self.dispersion[topic]),
        )


def rates(counts: Floats, totals: Floats, recent: Flags) -> Rates:
    """Quasi-Poisson regression of weekly counts on `recent` with the total as exposure (McCullagh
    and Nelder, Generalized Linear Models, 2nd ed. 1989, section 6.2), solved in closed form; the
    test is that of the score, held against Student's t.

    Args:
        counts: topics x weeks.
        totals: by week.
    """
    weeks = int((totals > 0).sum())
    counts_now, counts_before = counts[:, recent].sum(axis=1), counts[:, ~recent].sum(axis=1)
    now, before = float(totals[recent].sum()), float(totals[~recent].sum())
    both = counts_now + counts_before
    with np.errstate(divide="ignore", invalid="ignore"):
        rate_now, rate_before = counts_now / now, counts_before / before
        expected = np.where(recent, rate_now[:, None], rate_before[:, None]) * totals
        pearson = np.where(expected > 0, (counts - expected) ** 2 / expected, 0.0)
        freedom = max(weeks - 2, 1)
        dispersion = np.fmax(pearson.sum(axis=1) / freedom, 1.0)
        part = now / (now + before)
        variance = dispersion * both * part * (1 - part)
        z = (counts_now - both * part) / np.sqrt(variance)
        tested = (both * min(part, 1 - part) >= EXPECTED) & (weeks > 2)
        p = np.where(tested, 2 * student_above(np.abs(z), freedom), np.nan)
    return Rates(
        recent=rate_now,
        before=rate_before,
        counts=counts_now,
        counts_before=counts_before,
        exposure=now / before if before else float("nan"),
        dispersion=dispersion,
        p=p,
    )


def ratio(now: float, before: float, exposure: float, dispersion: float) -> Estimate | None:
    """The ratio of two rates from their counts, with Wilson's interval of the part of all that is
    recent (Graham, Mietchen and Morant, Stat. Med. 22, 2003, discuss such intervals).

    Args:
        exposure: recent exposure over that before.
        dispersion: counts are worth their number divided by it.
    """
    both = now + before
    part = wilson(now / dispersion, both / dispersion) if both > 0 else None
    if part is None or before == 0 or part.high >= 1 or not exposure > 0:
        return None
    low, high = (one / (1 - one) / exposure for one in (part.low, part.high))
    value = now / before / exposure
    return Estimate(value=value, low=min(low, value), high=max(high, value))

"""What operations measure at each touchpoint: how long it takes, and whether it was resolved."""

from dataclasses import dataclass

import numpy as np

from heedful.common.contracts import Colour
from heedful.journey.insights.facts import NONE, Coded, Facts, Flags, Floats
from heedful.journey.insights.report import Estimate
from heedful.journey.insights.speakers import speakers
from heedful.journey.insights.statistics.clustered import Shares, of_groups, shares
from heedful.journey.insights.statistics.distributions import fair_coin_quantile
from heedful.journey.touchpoints import ENOUGH

RESOLVED = "resolved"
"""The attribute that says whether a matter was settled."""
_YES = frozenset({"true", "yes", "y", "1", "resolved", "是", "已解决"})
_NO = frozenset({"false", "no", "n", "0", "unresolved", "否", "未解决"})


@dataclass(frozen=True, slots=True)
class Measured:
    """
    Attributes:
        handle_s: the median duration, seconds, of so many in `handled`.
        resolved: of so many that say so in `settled`.
    """

    handle_s: Estimate | None
    handled: int
    resolved: Estimate | None
    settled: int

    def colour(self, handle_target_s: float, resolved_target: float) -> Colour:
        """Green when every measure surely reaches its target, red when one surely does not.

        Grey when nothing was measured often enough.
        """
        found: list[Colour] = []
        if self.handle_s is not None and self.handled >= ENOUGH:
            found.append(_against(self.handle_s, handle_target_s, lower_is_better=True))
        if self.resolved is not None and self.settled >= ENOUGH:
            found.append(_against(self.resolved, resolved_target, lower_is_better=False))
        if not found:
            return Colour.GREY
        if Colour.RED in found:
            return Colour.RED
        return Colour.GREEN if set(found) == {Colour.GREEN} else Colour.AMBER


def measured(facts: Facts, of: Flags) -> list[Measured]:
    """By touchpoint, from the events `of`, feedback and interactions alike."""
    at = of & (facts.touchpoint.codes != NONE)
    durations = _by_touchpoint(facts, at & ~np.isnan(facts.duration_s))
    resolved = _resolved(facts, at)
    found = []
    for touchpoint, seconds in enumerate(durations):
        settled = int(resolved.n[touchpoint])
        found.append(
            Measured(median(seconds), len(seconds), resolved.estimate(touchpoint), settled)
        )
    return found


def median(values: Floats) -> Estimate | None:
    """The median between two order statistics that hold it with at least 95 % (Conover, Practical
    Nonparametric Statistics, 3rd ed. 1999, section 3.2); None below six values, where none do."""
    n = len(values)
    if n < 6:
        return None
    ordered = np.sort(values)
    # P(at most `below` of n values lie under the median) must not pass 2.5 %.
    below = fair_coin_quantile(0.025, n) - 1
    low, high = ordered[max(below, 0)], ordered[n - 1 - max(below, 0)]
    return Estimate(value=float(np.median(ordered)), low=float(low), high=float(high))


def _by_touchpoint(facts: Facts, of: Flags) -> list[Floats]:
    events = np.flatnonzero(of)
    codes = facts.touchpoint.codes[events]
    order = np.argsort(codes, kind="stable")
    counts = np.bincount(codes, minlength=len(facts.touchpoint.names))
    return np.split(facts.duration_s[events][order], np.cumsum(counts)[:-1]) if len(counts) else []


def _resolved(facts: Facts, of: Flags) -> Shares:
    told = facts.attribute(RESOLVED)
    yes, no = _says(told, _YES), _says(told, _NO)
    who, count = speakers(facts)
    said = of & (yes | no)
    return shares(
        of_groups(
            facts.touchpoint.codes[said], who[said], yes[said], len(facts.touchpoint.names), count
        )
    )


def _says(told: Coded, words: frozenset[str]) -> Flags:
    names = [name.strip().lower() in words for name in told.names]
    # `NONE` is -1 and finds the last.
    return np.array([*names, False], dtype=bool)[told.codes]


def _against(measure: Estimate, target: float, *, lower_is_better: bool) -> Colour:
    if measure.low > target:
        return Colour.RED if lower_is_better else Colour.GREEN
    if measure.high < target:
        return Colour.GREEN if lower_is_better else Colour.RED
    return Colour.AMBER

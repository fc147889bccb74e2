"""Signs by which scores of one unit (an outlet, an interviewer) look asked for. Pure.

Each sign is tested one-sided against how the units scatter by themselves: of too many highest
scores, too little variance, and too many high scores whose words blame.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from heedful.journey.insights.facts import NONE, Facts, Flags, Floats, Ints
from heedful.journey.insights.statistics.outliers import Scatter, scatter

HIGH: Final = 0.75
"""From this share of its scale on a score is high: 4 of 1 to 5 stars."""
BLAME: Final = -0.2
"""Below this valence the words blame."""
_LEAST_UNITS: Final = 4
"""Fewer do not tell how units scatter."""


@dataclass(frozen=True, slots=True, eq=False)
class Scores:
    """Scores that were given, one a customer and unit.

    Attributes:
        event: their places in the facts.
        unit: of each, from 0 on.
    """

    event: Ints
    unit: Ints
    names: tuple[str, ...]
    score: Floats
    valence: Floats
    solicited: Flags

    @property
    def counts(self) -> Ints:
        return np.bincount(self.unit, minlength=len(self.names)).astype(np.int32)


@dataclass(frozen=True, slots=True, eq=False)
class Sign:
    """One kind of anomaly, by unit.

    Attributes:
        value: what was found.
        n: on how many it rests.
        p: one-sided; NaN where there were too few.
    """

    value: Floats
    n: Ints
    p: Floats
    scatter: Scatter | None


def scores(facts: Facts, key: str, kind: str | None) -> Scores:
    """The newest score of each customer at each unit; those of nobody each for themselves.

    Args:
        key: the attribute that names the unit.
        kind: only scores of this kind.
    """
    units = facts.attribute(key)
    given = facts.voiced & ~np.isnan(facts.score) & (units.codes != NONE)
    if kind is not None:
        given &= facts.score_kind.having(kind)
    places = np.flatnonzero(given)
    pair = facts.customer[places].astype(np.int64) * len(units.names) + units.codes[places]
    # By time within a customer: the last one stays.
    _, last = np.unique(pair[::-1], return_index=True)
    kept = np.zeros(len(places), dtype=np.bool_)
    kept[len(places) - 1 - last] = True
    kept |= facts.customer[places] == NONE
    places = places[kept]
    return Scores(
        event=places.astype(np.int32),
        unit=units.codes[places],
        names=units.names,
        score=facts.score[places],
        valence=facts.valence[places],
        solicited=facts.solicited[places],
    )


def signs(found: Scores, at_least: int) -> Mapping[str, Sign]:
    """By its name each sign: `ceiling`, `variance`, `mismatch`."""
    highest = found.score >= 1
    told = (found.score >= HIGH) & ~np.isnan(found.valence)
    return {
        "ceiling": _too_often(found, highest, np.ones(len(highest), dtype=np.bool_), at_least),
        "variance": _too_even(found, at_least),
        "mismatch": _too_often(found, found.valence < BLAME, told, at_least),
    }


def _too_often(found: Scores, hit: Flags, of: Flags, at_least: int) -> Sign:
    """A share that is too large, on the scale on which its error does not depend on it (Freeman and
    Tukey, Ann. Math. Stat. 21, 1950)."""
    units = len(found.names)
    n = np.bincount(found.unit[of], minlength=units).astype(np.float64)
    k = np.bincount(found.unit[of & hit], minlength=units).astype(np.float64)
    angle = np.arcsin(np.sqrt(k / (n + 1))) + np.arcsin(np.sqrt((k + 1) / (n + 1)))
    error = 1 / np.sqrt(n + 0.5)
    with np.errstate(invalid="ignore"):
        value = k / n
    return _sign(value, n, angle, error, at_least, larger=True)


def _too_even(found: Scores, at_least: int) -> Sign:
    """A variance that is too small, as its cube root, which is nearly normal (Wilson and Hilferty,
    PNAS 17, 1931); how many degrees of freedom it is worth follows from the kurtosis of all."""
    units = len(found.names)
    n = np.bincount(found.unit, minlength=units).astype(np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = np.bincount(found.unit, weights=found.score, minlength=units) / n
        centred = found.score - mean[found.unit]
        variance = np.bincount(found.unit, weights=centred**2, minlength=units) / (n - 1)
    freedom_of_all = max(len(centred) - int(np.count_nonzero(n)), 1)
    pooled = float((centred**2).sum()) / freedom_of_all
    kurtosis = float((centred**4).mean()) / pooled**2 if pooled > 0 else 3.0
    freedom = 2 * np.maximum(n - 1, 1.0) / max(kurtosis - 1, 0.1)
    root = np.cbrt(variance / pooled) if pooled > 0 else np.zeros(units)
    shown, error = root - (1 - 2 / (9 * freedom)), np.sqrt(2 / (9 * freedom))
    return _sign(variance, n, shown, error, at_least if pooled > 0 else np.inf, larger=False)


def _sign(
    value: Floats, n: Floats, shown: Floats, error: Floats, at_least: float, *, larger: bool
) -> Sign:
    enough = n >= at_least
    p = np.full(len(n), np.nan)
    around = None
    if np.count_nonzero(enough) >= _LEAST_UNITS:
        around = scatter(shown[enough], error[enough])
        p[enough] = around.above if larger else around.below
    return Sign(value, n.astype(np.int32), p, around)

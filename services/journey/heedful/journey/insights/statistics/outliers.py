"""Which of many units stand out from how units differ anyway.

Outlets differ for good reasons, too. To test each against the mean of all as if they had to be
equal would call half of them strange; what is strange is one that lies outside of how the others
scatter. Spiegelhalter, "Funnel plots for comparing institutional performance" (Stat. Med. 24, 2005)
and "Handling over-dispersion of performance indicators" (Qual. Saf. Health Care 14, 2005).
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from heedful.journey.insights.facts import Floats
from heedful.journey.insights.statistics.distributions import (
    normal_density,
    normal_quantile,
    student_above,
)

_WINSORISED: Final = 0.1
_DRAWN_IN: Final = float(
    1
    - 2 * _WINSORISED
    + 2 * normal_quantile(_WINSORISED) * normal_density(normal_quantile(_WINSORISED))
    + 2 * _WINSORISED * normal_quantile(_WINSORISED) ** 2
)
"""What is left of a normal variance of 1 when its outer tenths are drawn in."""


@dataclass(frozen=True, slots=True, eq=False)
class Scatter:
    """
    Attributes:
        centre: what a unit is expected to have.
        between: standard deviation of what units have by themselves, beyond chance.
        z: by unit how far it lies outside, in standard deviations of both together.
        shrunk, half: by unit the empirical-Bayes estimate of what it has by itself, and half the
            length of its 95 % interval.
    """

    centre: float
    between: float
    z: Floats
    shrunk: Floats
    half: Floats

    @property
    def above(self) -> Floats:
        """One-sided p-values of being larger, of Student's t: how units scatter is estimated."""
        return student_above(self.z, len(self.z) - 1)

    @property
    def below(self) -> Floats:
        return student_above(-self.z, len(self.z) - 1)


def scatter(values: Floats, errors: Floats) -> Scatter:
    """How units lie around their centre: a random-effects model with additive variance.

    The variance between units is the moment estimate of DerSimonian and Laird (Control. Clin.
    Trials 7, 1986), from z-values of which the outer tenths are drawn in: a few outlets that cheat
    must not widen the band in which they are looked for.

    Args:
        values: of each unit.
        errors: standard error of each, larger than 0.
    """
    precise = 1 / errors**2
    centre = float((precise @ values) / precise.sum())
    z = (values - centre) / errors
    low, high = np.quantile(z, [_WINSORISED, 1 - _WINSORISED])
    drawn = np.clip(z, low, high)
    units = len(values)
    excess = units * float((drawn**2).mean()) / _DRAWN_IN - (units - 1)
    room = float(precise.sum() - (precise**2).sum() / precise.sum())
    between2 = max(0.0, excess / room) if room > 0 else 0.0
    total = errors**2 + between2
    # Of what varies, the part that is the unit's own.
    own = between2 / total
    return Scatter(
        centre=centre,
        between=float(np.sqrt(between2)),
        z=(values - centre) / np.sqrt(total),
        shrunk=centre + own * (values - centre),
        half=normal_quantile(0.975) * np.sqrt(own * errors**2),
    )

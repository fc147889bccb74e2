"""The place where a likelihood is greatest."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from heedful.journey.insights.facts import Floats


@dataclass(frozen=True, slots=True, eq=False)
class Minimum:
    """
    Attributes:
        at: of each parameter.
        converged: whether the search ended because it was there.
    """

    at: Floats
    value: float
    converged: bool


def least(
    negative: Callable[[Floats], float] | Callable[[Floats], tuple[float, Floats]],
    start: Floats,
    bounds: Sequence[tuple[float, float]],
    *,
    sloped: bool,
) -> Minimum:
    """By L-BFGS-B (Byrd et al., SIAM J. Sci. Comput. 16, 1995).

    Args:
        negative: minus the log likelihood, and its slope if `sloped`.
    """
    # A third of a second that a service which starts need not wait for.
    from scipy.optimize import minimize

    best = minimize(negative, start, jac=sloped, method="L-BFGS-B", bounds=bounds)
    return Minimum(best.x, float(best.fun), bool(best.success))

"""Numbers as Grafana writes them, for the units that the dashboards have."""

import math
from collections.abc import Sequence
from typing import Final

_SCALES: Final[dict[str, Sequence[tuple[float, str]]]] = {
    "short": ((1e6, " Mil"), (1e3, " K"), (1, "")),
    "cps": ((1e3, " Kc/s"), (1, " c/s")),
    "reqps": ((1e3, "K req/s"), (1, " req/s")),
    "s": ((86400, " day"), (3600, " hour"), (60, " min"), (1, " s"), (1e-3, " ms"), (1e-6, " µs")),
    "h": ((24, " day"), (1, " hour"), (1 / 60, " min")),
    "percentunit": ((0.01, "%"),),
}


def written(value: float, unit: str, decimals: int | None = None) -> str:
    """A value with its unit; without decimals so many that three figures are seen.

    Raises:
        KeyError: no dashboard has had this unit so far.
    """
    scales = _SCALES[unit]
    if not math.isfinite(value):
        return "NaN"
    factor, name = next((one for one in scales if abs(value) >= one[0]), scales[-1])
    if value == 0:
        factor, name = next((one for one in scales if one[0] == 1), scales[-1])
    scaled = value / factor
    if decimals is not None:
        return f"{scaled:.{decimals}f}{name}"
    digits = 0 if scaled == 0 else max(0, 2 - math.floor(math.log10(abs(scaled))))
    return (
        f"{scaled:.{min(digits, 3)}f}".rstrip("0").rstrip(".") + name
        if digits
        else (f"{scaled:.0f}{name}")
    )

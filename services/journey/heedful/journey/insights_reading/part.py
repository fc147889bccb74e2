"""The events of a stretch of time as columns, in an order that parts share. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from heedful.journey.insights.facts import Coded, Floats, Many
from heedful.journey.insights.strings import Run

Longs = npt.NDArray[np.int64]
Halves = npt.NDArray[np.uint64]


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """Nobody's events first, then customer by customer, each as on the timeline: when it happened,
    when it came, its id. All columns are equally long.

    Attributes:
        customer: events x 2, the halves of its id; zeros for nobody.
        occurred_at: microseconds since 2000-01-01 UTC.
        flags: a bit for each of `columns.FLAGS`.
        numbers, arrays: by the names of `columns`; NaN is none.
        names: by the names of `columns`, and `source`.
        attributes: by key; one that is not among them nobody has.
    """

    customer: Halves
    occurred_at: Longs
    flags: npt.NDArray[np.uint8]
    numbers: Mapping[str, Floats]
    names: Mapping[str, Coded]
    arrays: Mapping[str, Many]
    attributes: Mapping[str, Coded]
    ids: Run

    def __len__(self) -> int:
        return len(self.occurred_at)

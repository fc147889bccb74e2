"""Events while they are made: one row each, in any order. Codes are indices into `world`."""

from typing import Final

import numpy as np
import numpy.typing as npt

from heedful.journey.insights.facts import NONE, Floats, Ints

Rows = npt.NDArray[np.void]

MOST_TOPICS: Final = 3

_EVENT: Final = np.dtype(
    [
        ("customer", "i4"),
        ("at", "f8"),
        ("feedback", "?"),
        ("interaction", "i2"),
        ("channel", "i2"),
        ("touchpoint", "i2"),
        ("topics", "i2", (MOST_TOPICS,)),
        ("valence", "f8"),
        ("score", "f8"),
        ("score_kind", "i2"),
        ("perception", "i2"),
        ("leaving", "?"),
        ("solicited", "?"),
        ("amount", "f8"),
        ("duration_s", "f8"),
        ("outlet", "i2"),
        ("agent", "i2"),
        ("reporter", "i2"),
        ("helpful", "i4"),
        ("resolved", "?"),
    ]
)
"""`helpful`: votes of others."""

_UNSAID: Final = ("interaction", "channel", "touchpoint", "topics", "score_kind", "perception",
                  "outlet", "agent", "reporter")  # fmt: skip
_UNMEASURED: Final = ("valence", "score", "amount", "duration_s")


def blank(customer: Ints, at: Floats) -> Rows:
    """Events of which nothing is known but who and when."""
    rows = np.zeros(len(at), dtype=_EVENT)
    rows["customer"], rows["at"] = customer, at
    for name in _UNSAID:
        rows[name] = NONE
    for name in _UNMEASURED:
        rows[name] = np.nan
    return rows


def mentions(rows: Rows, topic: int) -> npt.NDArray[np.bool_]:
    """Which rows speak of a topic."""
    found: npt.NDArray[np.bool_] = (rows["topics"] == topic).any(axis=1)
    return found

"""Calendar months of times. Pure."""

from datetime import UTC, datetime

import numpy as np

from heedful.journey.insights.facts import Floats, Ints


def months(at: Floats) -> Ints:
    """Months since 1970-01, UTC, of times in days."""
    days = np.floor(at).astype("datetime64[D]")
    return days.astype("datetime64[M]").astype(np.int32)


def begin(month: int) -> str:
    """The first moment of a month, ISO 8601."""
    return datetime(1970 + month // 12, month % 12 + 1, 1, tzinfo=UTC).isoformat()

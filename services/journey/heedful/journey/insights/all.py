"""Every insight, by its name in the API. A new one is its module and a line here."""

from collections.abc import Mapping
from typing import Any, Final

from heedful.journey.insights import (
    alignment,
    coverage,
    employee_voice,
    priorities,
    score_begging,
    super_users,
)
from heedful.journey.insights.insight import Insight

INSIGHTS: Final[Mapping[str, Insight[Any]]] = {
    one.name: one
    for one in (
        super_users.INSIGHT,
        coverage.INSIGHT,
        score_begging.INSIGHT,
        alignment.INSIGHT,
        priorities.INSIGHT,
        employee_voice.INSIGHT,
    )
}

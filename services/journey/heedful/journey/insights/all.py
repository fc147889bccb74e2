"""Every insight, by its name in the API. A new one is its module and a line here."""

from collections.abc import Mapping
from typing import Any, Final

from heedful.journey.insights import (
    alignment,
    churn_drivers,
    coverage,
    emerging,
    employee_voice,
    hidden_needs,
    key_drivers,
    leaving,
    patterns,
    peak_end,
    perception,
    priorities,
    score_begging,
    super_users,
    touchpoint_map,
    value,
)
from heedful.journey.insights.insight import Insight

INSIGHTS: Final[Mapping[str, Insight[Any]]] = {
    one.name: one
    for one in (
        touchpoint_map.INSIGHT,
        patterns.INSIGHT,
        leaving.INSIGHT,
        churn_drivers.INSIGHT,
        value.INSIGHT,
        hidden_needs.INSIGHT,
        key_drivers.INSIGHT,
        peak_end.INSIGHT,
        super_users.INSIGHT,
        coverage.INSIGHT,
        score_begging.INSIGHT,
        alignment.INSIGHT,
        priorities.INSIGHT,
        emerging.INSIGHT,
        perception.INSIGHT,
        employee_voice.INSIGHT,
    )
}

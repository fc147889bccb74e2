"""The plain figures of a policy change what they say and nothing else."""

from typing import Any

import pytest

from heedful.console.policies.plain import changed, figures
from heedful.console.upstream.policies import Document

POLICY: dict[str, Any] = {
    "description": "",
    "rules": [
        {
            "name": "red",
            "when": {"colours": ["red"]},
            "clocks": {
                "plan": {"target": "P2D", "calendar": "always", "pauses": [], "enforced": True},
                "respond": {"target": "P1D", "calendar": "always", "pauses": [], "enforced": True},
            },
            "ladder": None,
            "urgent": True,
            "notify": [],
        }
    ],
    "ladders": {},
    "pause_budget": "P3D",
    "regroup_within": "P7D",
    "late_after": "P1D",
    "signals": [],
    "signal_news": "P3D",
}
SHOWN = Document.model_validate(POLICY)
RESPOND = "rules.0.clocks.respond.target"


def test_figures_are_in_hours_the_shortest_of_a_rule_first() -> None:
    assert [(one.at, one.rule, one.hours) for one in figures(SHOWN)] == [
        (RESPOND, "red", "24"),
        ("rules.0.clocks.plan.target", "red", "48"),
        ("pause_budget", "", "72"),
    ]


def test_only_what_was_changed_is_written_anew() -> None:
    made, wrong = changed(POLICY, SHOWN, {RESPOND: "1,5", "pause_budget": "72"})
    assert wrong == []
    assert made["rules"][0]["clocks"]["respond"]["target"] == "PT1H30M"
    assert made["pause_budget"] == "P3D"
    assert POLICY["rules"][0]["clocks"]["respond"]["target"] == "P1D"


@pytest.mark.parametrize("text", ["", "0", "-1", "soon", "nan", "inf", "99999"])
def test_what_is_no_number_of_hours_is_told_beside_its_field(text: str) -> None:
    made, wrong = changed(POLICY, SHOWN, {RESPOND: text})
    assert [one.at for one in wrong] == [RESPOND]
    assert made == POLICY

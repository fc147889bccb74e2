"""What a policy may say, and what a wrong one is told."""

from datetime import timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from heedful.alerting.policies.builtin import builtin
from heedful.alerting.policies.document import PolicyDocument
from heedful.common.contracts import ClockMetric

HOUR = timedelta(hours=1)
BUILTIN = builtin(24 * HOUR, 48 * HOUR, 72 * HOUR, HOUR)


def written(**changes: Any) -> dict[str, Any]:
    """A policy as JSON has it."""
    whole: dict[str, Any] = {
        "rules": [
            {
                "name": "red",
                "when": {"colours": ["red"]},
                "clocks": {"respond": {"target": "PT24H"}, "plan": {"target": "PT48H"}},
                "urgent": True,
            },
            {"name": "rest"},
        ],
        "ladders": {
            "default": {
                "rungs": [
                    {"name": "half", "percent": 50, "notify": ["owner"]},
                    {"name": "breach", "percent": 100, "notify": ["manager"]},
                ]
            }
        },
    }
    return {**whole, **changes}


def test_what_is_written_is_read_back_equal() -> None:
    for policy in (BUILTIN, PolicyDocument.model_validate(written())):
        assert PolicyDocument.model_validate_json(policy.model_dump_json()) == policy


def test_the_built_in_policy_is_the_promise() -> None:
    red = BUILTIN.rule("red")
    assert red is not None
    assert {metric: terms.target / HOUR for metric, terms in red.clocks.items()} == {
        ClockMetric.RESPOND: 24,
        ClockMetric.PLAN: 48,
        ClockMetric.LAND: 72,
    }
    assert not red.clocks[ClockMetric.RESPOND].pauses


RUNG = {"name": "breach", "percent": 100, "notify": ["owner"]}
CLOCK = {"respond": {"target": "PT24H"}}


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"rules": [{"name": "a", "when": {"colours": ["red"]}}]}, "the last one must be"),
        ({"rules": [{"name": "a"}, {"name": "b"}]}, "after a, which fits everything"),
        ({"rules": [{"name": "a", "when": {"needs_response": True}}, {"name": "a"}]}, "twice"),
        ({"rules": [{"name": "a", "ladder": "steep"}]}, "asks for the ladder steep"),
        (
            {"rules": [{"name": "a", "clocks": {**CLOCK, "plan": {"target": "PT1H"}}}]},
            "the target of respond must not be above that of plan",
        ),
        (
            {"rules": [{"name": "a", "clocks": {"plan": {"target": "PT1H", "pauses": ["new"]}}}]},
            "new is no waiting; use waiting_customer or",
        ),
        (
            {"rules": [{"name": "a", "when": {"classified": False, "colours": ["red"]}}]},
            "what is not classified has no colour",
        ),
        ({"ladders": {"default": {"rungs": [RUNG, RUNG]}}}, "the name breach is given twice"),
        ({"ladders": {"default": {"rungs": [{**RUNG, "percent": 90}]}}}, "exactly one must be at"),
        (
            {"ladders": {"default": {"rungs": [{**RUNG, "before": "PT1H"}]}}},
            "either percent or before",
        ),
        (
            {
                "rules": [{"name": "a", "clocks": CLOCK}],
                "ladders": {
                    "default": {
                        "rungs": [RUNG, {"name": "early", "before": "P2D", "notify": ["owner"]}]
                    }
                },
            },
            "the rung early comes before the clock respond starts",
        ),
    ],
)
def test_a_wrong_one_is_told_where_and_what(changes: dict[str, Any], told: str) -> None:
    with pytest.raises(ValidationError) as caught:
        PolicyDocument.model_validate(written(**changes))
    assert told in str(caught.value)

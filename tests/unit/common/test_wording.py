"""What is wrong with a value, in the words of who wrote it."""

from collections.abc import Mapping
from typing import Any

import pytest
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from heedful.common.contracts import Feedback, UtcTime
from heedful.common.wording import describe, place


class Part(BaseModel):
    article: str


class Order(BaseModel):
    model_config = ConfigDict(extra="forbid")

    part: Part | None = None
    labels: tuple[str, ...] = ()
    due: UtcTime | None = None
    note: str = Field(default="", pattern=r"^[^\x00]*$")


def _said(values: Mapping[str, Any]) -> str:
    with pytest.raises(ValidationError) as caught:
        Order.model_validate(values)
    return describe(caught.value)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"remark": "x"}, "remark: there is no such field"),
        ({"part": {}}, "part.article: is missing"),
        ({"part": "x"}, "part: should be an object"),
        ({"labels": "x"}, "labels: should be a list"),
        ({"note": "a\0b"}, "note: the character U+0000 is not taken"),
    ],
)
def test_a_fault_is_told_for_who_wrote_the_value(values: dict[str, Any], said: str) -> None:
    assert _said(values) == said


@pytest.mark.parametrize("due", ["2026-11-24T08:15:00", "tomorrow"])
def test_how_a_time_is_written_is_shown(due: str) -> None:
    assert _said({"due": due}).endswith("with its offset: 2026-11-24T08:15:00+08:00")


def test_many_faults_are_told_in_short() -> None:
    with pytest.raises(ValidationError) as caught:
        Feedback.parse(b"{}")
    said = describe(caught.value)
    assert said.startswith("tenant: is missing; source: is missing; id: is missing;")
    assert said.endswith("and 4 more")


def test_of_a_place_only_names_of_programs_are_told() -> None:
    assert place(("body", 3, "note", "[key]")) == "body.3.note.[key]"
    assert place(("body", "13900001234")) == place(("body", "\u5f20\u4e09")) == "body.*"

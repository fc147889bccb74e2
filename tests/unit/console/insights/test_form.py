"""Parameters of insights as fields of a form."""

from typing import Any

import orjson
import pytest

from heedful.console.insights.form import FieldKind, asked, fields
from heedful.console.upstream.insights import Known
from heedful.journey.insights.all import INSIGHTS


def known(name: str) -> Known:
    insight = INSIGHTS[name]
    title = {"zh": insight.title.zh, "en": insight.title.en}
    schema = insight.parameters.model_json_schema()
    for stored in insight.stored:
        schema["properties"].pop(stored, None)
    return Known.model_validate({"name": name, "title": title, "parameters": schema})


def test_a_field_knows_what_may_stand_in_it() -> None:
    found = {one.name: one for one in fields(known("hidden-needs"), {"least": " 30 "})}
    least = found["least"]
    assert (least.kind, least.default, least.value) == (FieldKind.NUMBER, "20", "30")
    assert (least.low, least.whole) == (1, True)
    assert found["service"].default == "call, chat, ticket"
    assert (found["blame"].kind, found["blame"].default) == (FieldKind.FLAG, "false")
    assert found["estimate"].kind is FieldKind.JSON
    assert [one.is_first for one in found.values()][:3] == [True, True, False]


def test_a_choice_has_its_choices() -> None:
    found = {one.name: one for one in fields(known("perception"), {})}
    assert found["by"].kind is FieldKind.CHOICE
    assert (found["by"].choices, found["by"].default) == (
        ("all", "touchpoint", "segment", "both"),
        "touchpoint",
    )


def test_what_may_be_null_is_asked_by_its_other_shape() -> None:
    found = {one.name: one for one in fields(known("priorities"), {})}
    assert (found["valuable"].kind, found["valuable"].default) == (FieldKind.NUMBER, "")


@pytest.mark.parametrize("written", ["call, chat", "call，chat", "call、chat ,"])
def test_a_list_is_written_with_commas_of_either_kind(written: str) -> None:
    given = {"service": written, "least": "", "nonsense": "1"}
    assert asked(fields(known("hidden-needs"), given)) == {"service": '["call","chat"]'}


@pytest.mark.parametrize("name", sorted(INSIGHTS))
def test_defaults_as_they_are_shown_ask_the_same(name: str) -> None:
    """What a form shows, sent, is what the insight takes for its default."""
    shown = {one.name: one.default for one in fields(known(name), {})}
    sent: dict[str, Any] = asked(fields(known(name), shown))
    decoded = {key: _read(value) for key, value in sent.items()}
    model = INSIGHTS[name].parameters
    assert model.model_validate(decoded) == model()


def _read(value: str) -> Any:
    return orjson.loads(value) if value[:1] in "[{" else value

"""The checker behind the gate, on schemas as pydantic writes them."""

import copy
from collections.abc import Iterator
from enum import StrEnum
from typing import Annotated, Any

import pytest
from pydantic import BaseModel, Field

from heedful.common.contracts.base import OpenEnum
from heedful.common.topics import TOPICS, Topic
from tests.contract.events.compatibility import compare, shape


class Colour(StrEnum):
    RED = "red"
    GREEN = "green"


class Mood(OpenEnum):
    GOOD = "good"
    OTHER = "other"


class MoodToday(OpenEnum):
    GOOD = "good"
    BAD = "bad"
    OTHER = "other"


class Inner(BaseModel):
    colour: Colour
    mood: Mood | None = None


class InnerToday(BaseModel):
    colour: Colour
    mood: MoodToday | None = None
    note: str | None = None


class Outer(BaseModel):
    inner: Inner
    many: tuple[Inner, ...] = ()
    share: Annotated[float, Field(ge=0, le=1)] = 0


class OuterToday(BaseModel):
    inner: InnerToday
    many: tuple[InnerToday, ...] = ()
    share: Annotated[float, Field(ge=0, le=1)] = 0


def test_models_with_definitions_arrays_and_nullables_grow_compatibly() -> None:
    found = compare(Outer.model_json_schema(), OuterToday.model_json_schema())
    assert found.breaks == []
    assert set(found.additions) == {
        "$.inner.mood may also be 'bad'",
        "$.inner.note is new and optional",
        "$.many[].mood may also be 'bad'",
        "$.many[].note is new and optional",
    }


def test_the_same_change_backwards_breaks() -> None:
    found = compare(OuterToday.model_json_schema(), Outer.model_json_schema())
    assert "$.many[].note was removed or renamed" in found.breaks
    assert "$.inner.mood no longer takes 'bad', which published records may hold" in found.breaks


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.name)
def test_no_part_of_a_real_payload_can_be_taken_out_unseen(topic: Topic) -> None:
    before = shape(topic.payload.model_json_schema())
    parts = list(_parts(before))
    assert len(parts) > 20
    for path in parts:
        now = copy.deepcopy(before)
        node = now
        for step in path[:-1]:
            node = node[step]
        del node[path[-1]]
        assert compare(before, now).breaks, path


def _parts(schema: dict[str, Any], path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Paths of all that can be taken out without leaving a reference that leads nowhere."""
    for key, inner in schema.items():
        if key not in ("required", "default", "$defs") and path[-1:] != ("$defs",):
            yield (*path, key)
        if isinstance(inner, dict) and key != "default":
            yield from _parts(inner, (*path, key))

"""The digest tells a repeated post from a changed one by what it means."""

import json
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from heedful.ingest.models import PostedFeedback, PostedInteraction

FULL: dict[str, Any] = {
    "id": "1",
    "source": "callcentre",
    "channel": "call",
    "text": "刹车突然失灵",
    "occurred_at": "2026-11-24T08:15:00+08:00",
    "identifiers": [{"type": "phone", "value": "13900001234"}],
    "score": {"kind": "nps", "value": 3, "minimum": 0, "maximum": 10},
    "attributes": {"city": "上海", "shop": "12"},
    "touchpoint": "callcentre.inbound",
}


def digest(body: dict[str, Any]) -> bytes:
    return PostedFeedback.model_validate(body).digest()


@given(st.permutations(list(FULL)), st.sampled_from([None, 1, 4]), st.booleans())
def test_key_order_and_white_space_make_no_difference(
    order: list[str], indent: int | None, ascii_only: bool
) -> None:
    written = json.dumps({key: FULL[key] for key in order}, indent=indent, ensure_ascii=ascii_only)
    assert digest(orjson.loads(written)) == digest(FULL)


def test_key_order_inside_attributes_makes_no_difference() -> None:
    assert digest({**FULL, "attributes": {"shop": "12", "city": "上海"}}) == digest(FULL)


@pytest.mark.parametrize(
    "same",
    [
        {"backfill": False},
        {"language": None},
        {"conversation_id": None},
        {"occurred_at": "2026-11-24T00:15:00Z"},
        {"score": {"kind": "nps", "value": 3.0, "minimum": 0.0, "maximum": 10.0}},
    ],
)
def test_a_default_given_or_a_value_written_otherwise_is_the_same(same: dict[str, Any]) -> None:
    assert digest({**FULL, **same}) == digest(FULL)


def test_the_default_source_given_or_left_out_is_the_same() -> None:
    bare = {"id": "1", "channel": "call", "text": "好"}
    assert digest({**bare, "source": "api", "identifiers": [], "attributes": {}}) == digest(bare)


@pytest.mark.parametrize(
    "other",
    [
        {"text": "刹车突然失灵 "},
        {"channel": "chat"},
        {"backfill": True},
        {"occurred_at": "2026-11-24T08:15:01+08:00"},
        {"identifiers": []},
        {"attributes": {"city": "上海"}},
        {"score": {"kind": "nps", "value": 4, "minimum": 0, "maximum": 10}},
        {"touchpoint": None},
    ],
)
def test_another_meaning_is_another_digest(other: dict[str, Any]) -> None:
    assert digest({**FULL, **other}) != digest(FULL)


@pytest.mark.parametrize(
    "wrong",
    [
        {"text": ""},
        {"text": "a\x00b"},
        {"language": "zh\x00"},
        {"id": ""},
        {"id": " "},
        {"id": "x" * 201},
        {"channel": "smoke signals"},
        {"tenant": "acme"},
        {"received_at": "2026-11-24T08:15:00Z"},
        {"occurred_at": "2026-11-24T08:15:00"},
        {"occurred_at": "0001-01-01T00:00:00+14:00"},
        {"occurred_at": "9999-12-31T23:59:59-14:00"},
        {"score": {"kind": "nps", "value": float("nan"), "minimum": 0, "maximum": 10}},
        {"score": {"kind": "nps", "value": float("inf"), "minimum": 0, "maximum": 10}},
        {"attributes": {"No Such Key": "1"}},
    ],
)
def test_what_no_consumer_could_take_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        PostedFeedback.model_validate({**FULL, **wrong})


@pytest.mark.parametrize(
    "wrong", [{"summary": "a\x00b"}, {"amount": float("nan")}, {"duration_s": -1}]
)
def test_interactions_are_held_to_the_same(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        PostedInteraction.model_validate({"kind": "order", **wrong})


@pytest.mark.parametrize(
    "time", [1763942100, 1763942100.5, 0, -1, True, "1763942100", " 20261124 ", "1763942100.25"]
)
def test_a_number_is_no_time(time: object) -> None:
    # Read as seconds since 1970, the day 20261124 would be in August of that year.
    with pytest.raises(ValidationError, match=r"ISO 8601 .*2026-11-24T08:15:00\+08:00"):
        PostedFeedback.model_validate({**FULL, "occurred_at": time})


@pytest.mark.parametrize("time", ["2026-11-24", "2026-11-24T08:15:00", "yesterday", "", [], {}])
def test_a_time_without_its_offset_is_refused(time: object) -> None:
    with pytest.raises(ValidationError, match="occurred_at"):
        PostedFeedback.model_validate({**FULL, "occurred_at": time})


@pytest.mark.parametrize(
    "time",
    ["2026-11-24T00:15:00Z", "2026-11-24 08:15:00+08:00", "2026-11-24T00:15:00.000+00:00"],
)
def test_a_time_is_one_instant_however_it_is_written(time: str) -> None:
    assert digest({**FULL, "occurred_at": time}) == digest(FULL)

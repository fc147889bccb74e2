"""Whatever a caller sends, it is his fault or it is taken: never a 5xx."""

import itertools
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from heedful.common.events import from_record
from heedful.common.topics import FEEDBACK_RECEIVED, INTERACTION_RECORDED
from tests.integration.ingest.world import EVENT, FEEDBACK, INTERACTION, Ingest

PATHS = (
    ("/v1/feedback", "application/json", FEEDBACK),
    ("/v1/feedback/batch", "application/json", FEEDBACK),
    ("/v1/feedback/batch", "application/x-ndjson", FEEDBACK),
    ("/v1/interactions", "application/json", INTERACTION),
    ("/v1/interactions/batch", "application/json", INTERACTION),
    ("/v1/events", "application/cloudevents+json", EVENT),
    ("/v1/events", "application/cloudevents-batch+json", EVENT),
)
# With lone surrogates, NUL, NaN, and integers that no double holds.
_TEXT = st.text(alphabet=st.characters(exclude_categories=[]), max_size=20)
_SCALAR = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.integers(-(10**30), 10**30),
    st.floats(),
    _TEXT,
    st.sampled_from(["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "1e999", "\x00"]),
)
_JSON = st.recursive(
    _SCALAR,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_TEXT, inner, max_size=4),
    max_leaves=12,
)
_FIELDS = sorted({*FEEDBACK, *INTERACTION, *EVENT, "score", "attributes", "amount", "duration_s",
                  "language", "touchpoint", "backfill", "subject", "data_base64"})  # fmt: skip
_IDS = itertools.count()
_fuzzed = settings(
    max_examples=60,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def written(value: Any) -> bytes:
    """As a careless client writes it: NaN and lone surrogates included."""
    return json.dumps(value).encode()


@pytest.fixture
async def judged(ingest: Ingest) -> AsyncIterator[Ingest]:
    """Ingest; what it has taken in the end, every consumer can read."""
    yield ingest
    for topic in (FEEDBACK_RECEIVED, INTERACTION_RECORDED):
        for record in await ingest.records(topic):
            from_record(record, topic)


async def judge(ingest: Ingest, path: str, media: str, content: bytes) -> None:
    response = await ingest.post(path, content, content_type=media)
    assert response.status_code < 500, (path, media, content[:300], response.text)
    if response.status_code >= 400:
        assert response.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(("path", "media", "_base"), PATHS)
@_fuzzed
@given(value=_JSON)
@example(value={"\ud800": 1})
@example(value=[{"\ud800": "\ud800"}])
async def test_any_json(
    judged: Ingest, path: str, media: str, _base: dict[str, Any], value: Any
) -> None:
    await judge(judged, path, media, written(value))


@pytest.mark.parametrize(("path", "media", "base"), PATHS)
@_fuzzed
@given(changes=st.dictionaries(st.sampled_from(_FIELDS), _JSON, min_size=1, max_size=3))
@example(changes={"occurred_at": "0001-01-01T00:00:00+14:00", "time": "0001-01-01T00:00:00+14:00"})
@example(changes={"score": {"kind": "nps", "value": float("nan"), "minimum": 0, "maximum": 10}})
@example(changes={"amount": 10**400})
async def test_a_good_item_with_some_fields_changed(
    judged: Ingest, path: str, media: str, base: dict[str, Any], changes: dict[str, Any]
) -> None:
    item = {**base, "id": str(next(_IDS)), **changes}
    many = "batch" in path or "batch" in media
    content = written(item) if not many or media.endswith("ndjson") else written([item])
    await judge(judged, path, media, content)


async def test_words_that_grow_when_they_are_redacted(judged: Ingest) -> None:
    for path, base, changes in (
        ("/v1/feedback", FEEDBACK, {"text": "a@b.cc " * 14_285}),
        ("/v1/interactions", INTERACTION, {"summary": "a@b.cc " * 285}),
    ):
        await judge(judged, path, "application/json", written({**base, **changes}))


@pytest.mark.parametrize(("path", "media", "_base"), PATHS)
@_fuzzed
@given(content=st.binary(max_size=100))
@example(content=b"[" * 100_000)
@example(content=b'{"a":' * 100_000)
@example(content=b"1" * 10_000)
async def test_any_bytes(
    judged: Ingest, path: str, media: str, _base: dict[str, Any], content: bytes
) -> None:
    await judge(judged, path, media, content)


@_fuzzed
@given(
    names=st.dictionaries(
        st.from_regex(r"ce-[a-z0-9-]{1,12}", fullmatch=True)
        | st.sampled_from(
            ["ce-id", "ce-source", "ce-type", "ce-time", "content-type", "traceparent"]
        ),
        st.text(alphabet=st.characters(min_codepoint=32, max_codepoint=126), max_size=20),
        max_size=6,
    )
)
@example(names={"ce-id": "%00", "ce-time": "0001-01-01T00:00:00+14:00"})
@example(names={"ce-id": "%ED%A0%80"})
async def test_any_headers(ingest: Ingest, names: dict[str, str]) -> None:
    headers = {"ce-specversion": "1.0", "ce-id": "1", "ce-source": "s", "ce-type": EVENT["type"]}
    response = await ingest.post("/v1/events", EVENT["data"], **{**headers, **names})
    assert response.status_code < 500, (names, response.text)

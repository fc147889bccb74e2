"""Who may post, and how much."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime

import orjson
import pytest

from heedful.common.security import key_store
from heedful.common.service import Platform
from heedful.common.settings import HttpSettings
from tests.integration.conftest import TENANT
from tests.integration.ingest.conftest import Start
from tests.integration.ingest.world import EVENT, FEEDBACK, INTERACTION, Ingest, problem
from tests.keys import BY, make_key

PATHS = (
    "/v1/feedback",
    "/v1/feedback/batch",
    "/v1/interactions",
    "/v1/interactions/batch",
    "/v1/events",
)
BODY_LIMIT = 5000


async def key_with(platform: Platform, *scopes: str) -> str:
    _, key = await make_key(platform.engine, TENANT, scopes, datetime.now(UTC))
    return key


async def chunks(body: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(body), 1000):
        yield body[start : start + 1000]


@pytest.fixture
async def small(platform: Platform, start: Start) -> Ingest:
    """Ingest whose bodies are at most `BODY_LIMIT` bytes."""
    http = HttpSettings(max_body_bytes=BODY_LIMIT)
    settings = platform.settings.model_copy(update={"http": http})
    return await start(replace(platform, settings=settings))


@pytest.mark.parametrize("path", PATHS)
async def test_without_a_known_key_it_is_401(ingest: Ingest, path: str) -> None:
    for headers in ({"x_api_key": "wrong"}, {"x_api_key": "", "authorization": "Bearer wrong"}):
        response = await ingest.post(path, FEEDBACK, **headers)
        problem(response, 401, "unauthorized")
        assert response.headers["www-authenticate"] == "Bearer"
    del ingest.client.headers["X-API-Key"]
    problem(await ingest.post(path, FEEDBACK), 401, "unauthorized")
    assert await ingest.records() == []


async def test_a_bearer_token_is_the_same_key(ingest: Ingest) -> None:
    key = await key_with(ingest.platform, "feedback:write")
    del ingest.client.headers["X-API-Key"]
    response = await ingest.post("/v1/feedback", FEEDBACK, authorization=f"Bearer {key}")
    assert response.status_code == 202


@pytest.mark.parametrize(
    ("scope", "allowed"),
    [
        ("feedback:write", {"/v1/feedback": 202, "/v1/feedback/batch": 202, "/v1/events": 202}),
        ("interactions:write", {"/v1/interactions": 202, "/v1/interactions/batch": 202}),
        ("cases:read", {}),
    ],
)
async def test_a_key_does_what_its_scopes_say(
    ingest: Ingest, scope: str, allowed: dict[str, int]
) -> None:
    key = await key_with(ingest.platform, scope)
    bodies = (FEEDBACK, [FEEDBACK], INTERACTION, [INTERACTION], EVENT)
    for path, body in zip(PATHS, bodies, strict=True):
        media = "application/cloudevents+json" if path == "/v1/events" else "application/json"
        response = await ingest.post(path, body, x_api_key=key, content_type=media)
        forbidden = 422 if path == "/v1/events" and scope == "interactions:write" else 403
        assert response.status_code == allowed.get(path, forbidden), (path, response.text)


async def test_events_are_judged_one_by_one(ingest: Ingest) -> None:
    key = await key_with(ingest.platform, "interactions:write")
    order = {**EVENT, "type": "voc.interaction.recorded.v1", "data": {"kind": "order"}}
    response = await ingest.post(
        "/v1/events",
        [EVENT, order],
        x_api_key=key,
        content_type="application/cloudevents-batch+json",
    )
    assert response.status_code == 207
    assert [one["status"] for one in response.json()["items"]] == ["invalid", "accepted"]
    assert "feedback:write" in response.json()["items"][0]["detail"]


async def test_a_revoked_key_is_unknown(platform: Platform, start: Start) -> None:
    key_id, key = await make_key(platform.engine, TENANT, ["*"], datetime.now(UTC))
    await key_store.revoke(platform.engine, key_id, datetime.now(UTC), BY)
    ingest = await start()
    problem(await ingest.post("/v1/feedback", FEEDBACK, x_api_key=key), 401, "unauthorized")


@pytest.mark.parametrize("path", PATHS)
async def test_a_body_that_says_it_is_too_large(small: Ingest, path: str) -> None:
    body = orjson.dumps([{**FEEDBACK, "text": "x" * BODY_LIMIT}])
    problem(await small.post(path, body), 413, "too-large")
    assert await small.records() == []


@pytest.mark.parametrize("path", PATHS)
async def test_a_body_that_does_not_say_how_large_it_is(small: Ingest, path: str) -> None:
    body = orjson.dumps([{**FEEDBACK, "text": "x" * BODY_LIMIT}])
    for headers in ({}, {"Idempotency-Key": "k"}):
        response = await small.client.post(
            path, content=chunks(body), headers={"Content-Type": "application/json", **headers}
        )
        assert response.status_code == 413, response.text
        assert response.headers["content-type"] == "application/problem+json"
    assert await small.records() == []


async def test_a_body_in_chunks_that_fits_is_taken(small: Ingest) -> None:
    body = orjson.dumps({**FEEDBACK, "text": "x" * 3000})
    response = await small.client.post(
        "/v1/feedback", content=chunks(body), headers={"Content-Type": "application/json"}
    )
    assert response.status_code == 202
    assert len(await small.records()) == 1


# Characters that JSON writes as six bytes: 100 000 of them fit the contract, not the record.
_LARGE = {"channel": "chat", "text": "\x01" * 100_000, "attributes": {"a": "\x01" * 500}}
_LARGEST = {**_LARGE, "attributes": {f"a{n}": "\x01" * 500 for n in range(32)}}


async def test_an_item_that_makes_too_large_a_record(
    ingest: Ingest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("heedful.ingest.records.MAX_RECORD_BYTES", 500_000)
    body = problem(await ingest.post("/v1/feedback", {**_LARGEST, "id": "1"}), 413, "too-large")
    assert "500000 fit" in body["detail"]
    batch = await ingest.post("/v1/feedback/batch", [{**_LARGEST, "id": "1"}, FEEDBACK])
    assert [one["status"] for one in batch.json()["items"]] == ["invalid", "accepted"]
    assert len(await ingest.records()) == 1
    assert await ingest.remembered() == 1


async def test_the_largest_item_that_the_contract_takes_fits_a_record(ingest: Ingest) -> None:
    assert (await ingest.post("/v1/feedback", _LARGEST)).status_code == 202


async def test_a_text_that_redaction_makes_too_long(ingest: Ingest) -> None:
    text = "a@b.cc " * 14_285
    problem(await ingest.post("/v1/feedback", {**FEEDBACK, "text": text}), 413, "too-large")
    summary = {**INTERACTION, "summary": "a@b.cc " * 285}
    problem(await ingest.post("/v1/interactions", summary), 413, "too-large")
    assert await ingest.remembered() == 0

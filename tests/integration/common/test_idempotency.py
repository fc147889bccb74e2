"""`Idempotency-Key`: the same request twice is done once and answered twice."""

import asyncio
import hashlib
from dataclasses import replace
from datetime import UTC, datetime

import httpx
import pytest
from pydantic import SecretStr
from sqlalchemy import text
from starlette.types import Message

from heedful.common.db import create_engine
from heedful.common.errors import BusUnavailable
from heedful.common.http import Authenticator, Problem
from heedful.common.security import key_store
from heedful.common.security.key_ring import ApiKeys
from heedful.common.serve import build_app
from heedful.common.service import Platform
from tests.integration.common.world import (
    ORDER,
    Order,
    Shop,
    client_of,
    post,
    problem,
    replayed,
)
from tests.integration.conftest import API_KEY, OTHER_API_KEY
from tests.keys import BY, make_key

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
# Not to be compressed: an index of PostgreSQL refuses what is still too long then.
LONG = "".join(hashlib.sha256(bytes([number])).hexdigest() for number in range(150))


async def test_the_same_request_is_done_once_and_gets_the_same_answer(
    client: httpx.AsyncClient, shop: Shop
) -> None:
    first, second = await post(client, "k"), await post(client, "k")
    assert [first.status_code, second.status_code] == [201, 201]
    assert first.json() == second.json() == {"number": 1, "tenant": "acme"}
    assert first.headers["content-type"] == second.headers["content-type"]
    assert [replayed(first), replayed(second)] == [False, True]
    assert shop.orders == [Order(note="a")]


async def test_without_the_header_every_request_is_done(
    client: httpx.AsyncClient, shop: Shop
) -> None:
    for _ in range(2):
        await client.post("/v1/orders", json=ORDER)
    assert len(shop.orders) == 2


async def test_another_body_under_a_used_key_is_a_conflict(
    client: httpx.AsyncClient, shop: Shop
) -> None:
    await post(client, "k")
    problem(await post(client, "k", {"note": "b"}), 422, "idempotency-key-reused")
    problem(await post(client, "k", path="/v1/orders?dry=1"), 422, "idempotency-key-reused")
    assert len(shop.orders) == 1
    assert replayed(await post(client, "k"))


async def test_while_the_first_is_under_way_the_next_is_told_to_wait(
    client: httpx.AsyncClient, shop: Shop
) -> None:
    shop.gate.clear()
    first = asyncio.create_task(post(client, "k"))
    await shop.entered.wait()
    problem(await post(client, "k"), 409, "in-progress")
    problem(await post(client, "k", {"note": "b"}), 422, "idempotency-key-reused")
    shop.gate.set()
    assert (await first).status_code == 201
    assert replayed(await post(client, "k"))
    assert len(shop.orders) == 1


async def test_of_many_at_once_one_is_done(client: httpx.AsyncClient, shop: Shop) -> None:
    answers = await asyncio.gather(*(post(client, "k") for _ in range(12)))
    assert len(shop.orders) == 1
    assert [answer.status_code for answer in answers if not replayed(answer)].count(201) == 1
    assert {answer.status_code for answer in answers} <= {201, 409}


async def test_who_has_the_answer_may_repeat_the_request_at_once(platform: Platform) -> None:
    shop = Shop(platform)
    app = build_app(platform, [shop.service()], [], "shop")
    again: list[httpx.Response] = []

    async def client_repeats(message: Message) -> None:
        if message["type"] == "http.response.start" and not again:
            transport = httpx.ASGITransport(app)
            async with httpx.AsyncClient(transport=transport, base_url="http://shop") as client:
                again.append(await post(client, "k", {}, **{"X-API-Key": API_KEY}))

    sent: list[Message] = [{"type": "http.request", "body": b"{}", "more_body": False}]
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": "/v1/orders",
        "raw_path": b"/v1/orders",
        "query_string": b"",
        "root_path": "",
        "headers": [
            (b"content-type", b"application/json"),
            (b"x-api-key", API_KEY.encode()),
            (b"idempotency-key", b"k"),
        ],
        "server": ("shop", 80),
        "client": ("127.0.0.1", 1),
    }

    async def receive() -> Message:
        return sent.pop(0)

    await app(scope, receive, client_repeats)
    assert replayed(again[0])
    assert len(shop.orders) == 1


@pytest.mark.parametrize(
    "failure", [BusUnavailable("away"), LookupError("a bug"), ConnectionResetError()]
)
async def test_a_server_error_is_not_remembered(
    client: httpx.AsyncClient, shop: Shop, failure: Exception
) -> None:
    shop.failure = failure
    assert (await post(client, "k")).status_code >= 500
    assert (await post(client, "k")).status_code >= 500
    shop.failure = None
    done = await post(client, "k")
    assert (done.status_code, replayed(done)) == (201, False)
    assert len(shop.orders) == 1


async def test_a_quota_that_is_used_up_is_not_remembered(
    client: httpx.AsyncClient, shop: Shop
) -> None:
    shop.failure = Problem(429, "quota-exceeded", "come again")
    problem(await post(client, "k"), 429, "quota-exceeded")
    shop.failure = None
    assert (await post(client, "k")).status_code == 201


async def test_a_refusal_for_the_body_is_remembered(client: httpx.AsyncClient) -> None:
    first, second = await post(client, "k", {"x": 1}), await post(client, "k", {"x": 1})
    assert first.json() == problem(second, 422, "invalid")
    assert replayed(second)


@pytest.mark.parametrize("key", ["", "unknown"])
async def test_a_stranger_is_refused_and_leaves_nothing(
    client: httpx.AsyncClient, platform: Platform, key: str
) -> None:
    problem(await post(client, "k", **{"X-API-Key": key}), 401, "unauthorized")
    async with platform.engine.connect() as connection:
        assert await connection.scalar(text("SELECT count(*) FROM common.idempotency")) == 0


async def test_a_key_that_may_not_is_not_remembered(platform: Platform) -> None:
    _, key = await make_key(platform.engine, "acme", ["cases:read"], NOW)
    shop = Shop(platform)
    async with client_of(platform, [shop.service()]) as client:
        for _ in range(2):
            refused = await post(client, "k", **{"X-API-Key": key})
            problem(refused, 403, "forbidden")
            assert not replayed(refused)


async def test_a_revoked_key_does_not_get_its_old_answers(platform: Platform) -> None:
    key_id, key = await make_key(platform.engine, "acme", ["*"], NOW)
    shop = Shop(platform)
    async with client_of(platform, [shop.service()]) as client:
        assert (await post(client, "k", **{"X-API-Key": key})).status_code == 201
    await key_store.revoke(platform.engine, key_id, NOW, BY)
    # As after the ten seconds for which a process keeps the keys that it has read.
    later = replace(platform, auth=Authenticator(ApiKeys((), platform.engine)))
    async with client_of(later, [Shop(later).service()]) as client:
        problem(await post(client, "k", **{"X-API-Key": key}), 401, "unauthorized")
    assert len(shop.orders) == 1


async def test_a_key_that_has_lost_its_scope_does_not_get_its_old_answers(
    platform: Platform,
) -> None:
    async def answer(scopes: str) -> httpx.Response:
        keys = ApiKeys([SecretStr(f"acme:the-key:{scopes}")], platform.engine)
        given = replace(platform, auth=Authenticator(keys))
        async with client_of(given, [Shop(given).service()]) as client:
            return await post(client, "k", **{"X-API-Key": "the-key"})

    assert (await answer("cases:write")).status_code == 201
    problem(await answer("cases:read"), 403, "forbidden")
    assert replayed(await answer("cases:write"))


async def test_without_its_database_a_stored_key_is_told_to_come_again(platform: Platform) -> None:
    nowhere = platform.settings.model_copy(
        update={"database_url": SecretStr("postgresql://nobody@127.0.0.1:1/none")}
    )
    keys_away = ApiKeys((), create_engine(nowhere, "heedful-test"))
    away = replace(platform, auth=Authenticator(keys_away))
    shop = Shop(away)
    async with client_of(away, [shop.service()]) as client:
        problem(await post(client, "k"), 503, "unavailable")
    assert shop.orders == []


@pytest.mark.parametrize(("key", "taken"), [("", False), ("k" * 255, True), ("k" * 256, False)])
async def test_a_key_has_one_to_255_characters(
    client: httpx.AsyncClient, shop: Shop, key: str, taken: bool
) -> None:
    response = await post(client, key)
    if taken:
        assert response.status_code == 201
        assert replayed(await post(client, key))
    else:
        problem(response, 400, "bad-idempotency-key")
    assert len(shop.orders) == int(taken)


async def test_tenants_do_not_share_keys(client: httpx.AsyncClient, shop: Shop) -> None:
    assert (await post(client, "k")).json()["tenant"] == "acme"
    other = await post(client, "k", {"note": "b"}, **{"X-API-Key": OTHER_API_KEY})
    assert (other.status_code, other.json()["tenant"]) == (201, "other")
    assert len(shop.orders) == 2


async def test_a_key_is_the_same_in_either_header(client: httpx.AsyncClient, shop: Shop) -> None:
    await post(client, "k")
    bearer = {"X-API-Key": "", "Authorization": f"Bearer {API_KEY}"}
    assert replayed(await post(client, "k", **bearer))
    assert len(shop.orders) == 1


async def test_paths_and_methods_do_not_share_keys(client: httpx.AsyncClient, shop: Shop) -> None:
    headers = {"Idempotency-Key": "k"}
    answers = [
        await post(client, "k"),
        await client.put("/v1/orders", json=ORDER, headers=headers),
        await client.delete("/v1/orders/1", headers=headers),
        await client.delete("/v1/orders/2", headers=headers),
    ]
    assert [answer.status_code for answer in answers] == [201, 200, 204, 204]
    assert not any(map(replayed, answers))
    assert len(shop.orders) == 4


async def test_reading_takes_no_key(client: httpx.AsyncClient) -> None:
    for number in (1, 2):
        response = await client.get(f"/v1/orders/{number}", headers={"Idempotency-Key": "k" * 999})
        assert response.json() == {"number": number}


async def test_an_answer_without_a_body_is_repeated_without_one(
    client: httpx.AsyncClient, shop: Shop
) -> None:
    headers = {"Idempotency-Key": "k"}
    first = await client.delete("/v1/orders/1", headers=headers)
    second = await client.delete("/v1/orders/1", headers=headers)
    assert replayed(second)
    for answer in (first, second):
        assert (answer.status_code, answer.content) == (204, b"")
        assert "content-length" not in answer.headers
    assert len(shop.orders) == 1


async def test_an_answer_keeps_its_media_type(client: httpx.AsyncClient, shop: Shop) -> None:
    first = await post(client, "k", path="/v1/receipts")
    second = await post(client, "k", path="/v1/receipts")
    assert replayed(second)
    assert first.headers["content-type"] == second.headers["content-type"]
    assert first.content == second.content == b"a,b\n1,2\n"
    assert second.headers["content-length"] == "8"
    assert len(shop.orders) == 1


@pytest.mark.parametrize("number", [LONG, "%F0%9F%98%80客户"])
async def test_any_path_can_be_asked_for(
    client: httpx.AsyncClient, shop: Shop, number: str
) -> None:
    headers = {"Idempotency-Key": "k"}
    answers = [await client.delete(f"/v1/orders/{number}", headers=headers) for _ in range(2)]
    assert [replayed(answer) for answer in answers] == [False, True]
    assert len(shop.orders) == 1


@pytest.mark.parametrize("path", ["/v1/nowhere", "/v1/orders/%00"])
async def test_what_there_is_not_is_not_remembered(
    client: httpx.AsyncClient, shop: Shop, path: str
) -> None:
    for _ in range(2):
        answer = await client.delete(path, headers={"Idempotency-Key": "k"})
        problem(answer, 404, "not-found")
        assert not replayed(answer)
    assert shop.orders == []

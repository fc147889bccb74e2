"""What is remembered under an `Idempotency-Key`: for how long, sealed, and when it is lost."""

import asyncio
from dataclasses import replace

import httpx
import pytest
from pydantic import SecretStr
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from heedful.common.db import create_engine
from heedful.common.http.idempotency_store import PURGE_EVERY_S, AnswerStore
from heedful.common.security.secrets import SecretBox
from heedful.common.service import Platform
from tests.integration.common.world import Shop, client_of, post, problem, replayed


async def test_answers_are_kept_sealed(client: httpx.AsyncClient, platform: Platform) -> None:
    # An answer may hold a secret that is shown once, or a customer's words.
    await post(client, "k")
    async with platform.engine.connect() as connection:
        kept = await connection.scalar(text("SELECT body FROM common.idempotency"))
    assert b"number" not in bytes(kept)
    assert b"acme" not in bytes(kept)


async def test_an_answer_that_no_key_opens_any_more_is_not_given_and_nothing_is_done_again(
    client: httpx.AsyncClient, platform: Platform
) -> None:
    await post(client, "k")
    rotated = replace(platform, secrets=SecretBox({"new": b"n" * 32}))
    shop = Shop(rotated)
    async with client_of(rotated, [shop.service()]) as later:
        problem(await post(later, "k"), 409, "answer-lost")
    assert shop.orders == []


async def _age(platform: Platform, age: str) -> None:
    async with platform.engine.begin() as connection:
        await connection.execute(
            text(
                "UPDATE common.idempotency"
                " SET created_at = created_at - CAST(CAST(:age AS text) AS interval)"
            ),
            {"age": age},
        )


@pytest.mark.parametrize(("age", "kept"), [("47 hours", True), ("49 hours", False)])
async def test_an_answer_is_kept_for_two_days(
    client: httpx.AsyncClient, platform: Platform, shop: Shop, age: str, kept: bool
) -> None:
    await post(client, "k")
    await _age(platform, age)
    assert replayed(await post(client, "k")) is kept
    assert len(shop.orders) == (1 if kept else 2)


async def test_what_is_older_is_deleted_and_the_rest_stays(
    client: httpx.AsyncClient, platform: Platform, shop: Shop
) -> None:
    await post(client, "k")
    await _age(platform, "49 hours")
    await _copies(platform, 2500)
    await post(client, "young")
    store = AnswerStore(platform.engine, platform.secrets)
    assert await store.purge() == PURGE_EVERY_S
    async with platform.engine.connect() as connection:
        left = await connection.scalars(text("SELECT key FROM common.idempotency"))
    assert left.all() == ["young"]
    assert replayed(await post(client, "young"))
    assert len(shop.orders) == 2


async def test_without_its_database_deleting_waits(platform: Platform) -> None:
    store = AnswerStore(_away(platform), platform.secrets)
    assert 0 < await store.purge() < PURGE_EVERY_S


async def _copies(platform: Platform, count: int) -> None:
    async with platform.engine.begin() as connection:
        await connection.execute(
            text(
                "INSERT INTO common.idempotency"
                " SELECT tenant, route, 'copy-' || n, body_digest, status, body, created_at"
                " FROM common.idempotency, generate_series(1, :count) AS n"
            ),
            {"count": count},
        )


def _away(platform: Platform) -> AsyncEngine:
    nowhere = platform.settings.model_copy(
        update={"database_url": SecretStr("postgresql://nobody@127.0.0.1:1/none")}
    )
    return create_engine(nowhere, "heedful-test")


@pytest.mark.parametrize(("age", "free"), [("30 seconds", False), ("90 seconds", True)])
async def test_a_key_whose_process_died_is_free_after_a_minute(
    client: httpx.AsyncClient, platform: Platform, shop: Shop, age: str, free: bool
) -> None:
    await post(client, "k")
    async with platform.engine.begin() as connection:
        await connection.execute(text("UPDATE common.idempotency SET status = NULL, body = NULL"))
    await _age(platform, age)
    answer = await post(client, "k")
    if free:
        assert answer.status_code == 201
    else:
        problem(answer, 409, "in-progress")
    assert len(shop.orders) == (2 if free else 1)


async def test_without_its_database_nothing_is_done_and_it_may_be_sent_again(
    platform: Platform,
) -> None:
    away = replace(platform, engine=_away(platform))
    shop = Shop(away)
    async with client_of(away, [shop.service()]) as client:
        response = await post(client, "k")
        problem(response, 503, "unavailable")
        assert "retry-after" in response.headers
    assert shop.orders == []


async def test_an_answer_that_cannot_be_remembered_is_still_given(
    client: httpx.AsyncClient, platform: Platform, shop: Shop
) -> None:
    shop.gate.clear()
    first = asyncio.create_task(post(client, "k"))
    await shop.entered.wait()
    async with platform.engine.begin() as connection:
        await connection.execute(text("DROP TABLE common.idempotency"))
    shop.gate.set()
    assert (await first).status_code == 201

"""Quotas as a caller sees them: 429 with when to come again, and how much is left."""

import re
from collections.abc import AsyncIterator
from dataclasses import replace

import httpx
import pytest
from pydantic import SecretStr

from heedful.common import metrics
from heedful.common.http.auth import Authenticator
from heedful.common.quota.policy import Limit, Override
from heedful.common.quota.quota import Quota
from heedful.common.quota.store_postgres import PostgresStore
from heedful.common.security import Principal, key_store
from heedful.common.security.key_ring import ApiKeys
from heedful.common.service import Platform
from heedful.common.settings import QuotaSettings
from tests.integration.common.test_stored_keys import NOW
from tests.integration.common.world import Shop, client_of, problem
from tests.integration.conftest import OTHER_API_KEY, TENANT
from tests.keys import BY, make_key

SECOND_KEY = "second-key"
# So slow that nothing comes back while a test runs.
SLOW = {
    "key_requests_per_second": 0.01,
    "key_requests_burst": 3,
    "key_items_per_second": 0.01,
    "key_items_burst": 50,
    "tenant_requests_per_second": 0.01,
    "tenant_requests_burst": 5,
    "tenant_items_per_second": 0.01,
    "tenant_items_burst": 80,
}


def with_quota(platform: Platform, **settings: float) -> Platform:
    """The platform with these quotas and a second key of the first tenant."""
    keys = ApiKeys(
        (*platform.settings.api_keys, SecretStr(f"{TENANT}:{SECOND_KEY}:*")), platform.engine
    )
    given = QuotaSettings.model_validate({**SLOW, **settings})
    quota = Quota(given, PostgresStore(platform.engine), keys.tenant_quota)
    return replace(platform, auth=Authenticator(keys), quota=quota)


@pytest.fixture
async def slow(platform: Platform) -> AsyncIterator[Platform]:
    given = with_quota(platform)
    yield given
    await given.quota.close()


@pytest.fixture
async def client(slow: Platform) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(slow, [Shop(slow).service()]) as made:
        yield made


async def test_every_answer_tells_how_much_is_left(client: httpx.AsyncClient) -> None:
    for left in (2, 1, 0):
        answer = await client.get("/v1/orders")
        assert answer.status_code == 200
        assert answer.headers["ratelimit-policy"] == (
            '"key-requests";q=3;w=300, "tenant-requests";q=5;w=500'
        )
        assert f'"key-requests";r={left};t=' in answer.headers["ratelimit"]
        assert f'"tenant-requests";r={left + 2};t=' in answer.headers["ratelimit"]


async def test_a_key_that_asks_too_often_is_told_when_to_come_again(
    client: httpx.AsyncClient,
) -> None:
    refused = metrics.QUOTA_REFUSED.labels("key-requests")
    before = refused._value.get()
    for _ in range(3):
        await client.get("/v1/orders")
    answer = await client.get("/v1/orders")
    body = problem(answer, 429, "quota-exceeded")
    assert body["violated-policies"] == ["key-requests"]
    assert "0.01 requests a second and 3 at once" in body["detail"]
    seconds = int(answer.headers["retry-after"])
    assert 90 <= seconds <= 100
    assert f'"key-requests";r=0;t={seconds}' in answer.headers["ratelimit"]
    assert refused._value.get() == before + 1


async def test_errors_tell_it_too_and_once(client: httpx.AsyncClient) -> None:
    answers = [await client.get("/v1/orders/first"), await client.post("/v1/orders", content="{")]
    assert [answer.status_code for answer in answers] == [422, 422]
    assert all(len(answer.headers.get_list("ratelimit")) == 1 for answer in answers)


async def test_keys_of_a_tenant_share_the_quota_of_the_tenant(client: httpx.AsyncClient) -> None:
    codes = [(await client.get("/v1/orders")).status_code for _ in range(3)]
    client.headers["x-api-key"] = SECOND_KEY
    codes += [(await client.get("/v1/orders")).status_code for _ in range(2)]
    assert codes == [200] * 5
    body = problem(await client.get("/v1/orders"), 429, "quota-exceeded")
    assert body["violated-policies"] == ["tenant-requests"]
    client.headers["x-api-key"] = OTHER_API_KEY
    assert (await client.get("/v1/orders")).status_code == 200


async def test_who_is_refused_by_the_tenants_quota_keeps_its_own(slow: Platform) -> None:
    first, second = (Principal(TENANT, key, frozenset()) for key in ("k-1", "k-2"))
    await slow.quota.take(first, items=50)
    await slow.quota.take(second, items=30)
    before = slow.quota.fields(second)["RateLimit"]
    with pytest.raises(Exception, match="this tenant may send"):
        await slow.quota.take(second, items=10)
    assert _left(before, "key-items") == _left(slow.quota.fields(second)["RateLimit"], "key-items")


def _left(ratelimit: str, policy: str) -> str:
    found = re.search(rf'"{policy}";r=(\d+)', ratelimit)
    assert found is not None
    return found[1]


async def test_items_count_one_by_one(slow: Platform) -> None:
    caller = Principal(TENANT, "k-1", frozenset())
    await slow.quota.take(caller, items=30)
    await slow.quota.take(caller, items=20)
    with pytest.raises(Exception, match=r"this API key may send 0\.01 items a second"):
        await slow.quota.take(caller, items=1)


async def test_more_items_than_any_burst_are_not_told_to_come_again(slow: Platform) -> None:
    with pytest.raises(Exception, match="50 items at once, this is 51; split it") as caught:
        await slow.quota.take(Principal(TENANT, "k-1", frozenset()), items=51)
    assert (caught.value.status, caught.value.headers) == (413, {})  # type: ignore[attr-defined]


async def test_a_quota_of_zero_is_no_limit(platform: Platform) -> None:
    given = with_quota(platform, key_requests_per_second=0, tenant_requests_per_second=0)
    async with client_of(given, [Shop(given).service()]) as client:
        answers = [await client.get("/v1/orders") for _ in range(20)]
    assert {answer.status_code for answer in answers} == {200}
    assert "ratelimit" not in answers[-1].headers
    await given.quota.close()


async def test_what_was_set_for_a_key_and_a_tenant_holds_before_the_defaults(
    slow: Platform,
) -> None:
    _, key = await make_key(
        slow.engine, "shop", {"*"}, NOW, quota=Override(requests=Limit(0.01, 8))
    )
    of_tenant = Override(requests=Limit(0.01, 10))
    await key_store.set_tenant_quota(slow.engine, "shop", of_tenant, NOW, BY)
    async with client_of(slow, [Shop(slow).service()]) as client:
        client.headers["x-api-key"] = key
        answers = [await client.get("/v1/orders") for _ in range(9)]
    assert [answer.status_code for answer in answers] == [200] * 8 + [429]
    assert answers[0].headers["ratelimit-policy"] == (
        '"key-requests";q=8;w=800, "tenant-requests";q=10;w=1000'
    )


async def test_a_stranger_costs_nobody_anything(client: httpx.AsyncClient) -> None:
    for _ in range(10):
        answer = await client.get("/v1/orders", headers={"X-API-Key": "unknown"})
        problem(answer, 401, "unauthorized")
        assert "ratelimit" not in answer.headers
    assert (await client.get("/v1/orders")).status_code == 200

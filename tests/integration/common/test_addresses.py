"""Where a key may be used from, and whom to believe about that."""

from dataclasses import replace

import pytest

from heedful.common.security.addresses import network
from heedful.common.service import Platform
from tests.integration.common.test_stored_keys import NOW
from tests.integration.common.world import Shop, client_of, problem
from tests.keys import make_key

OFFICE = (network("203.0.113.0/24"), network("2001:db8::/32"))
INSIDE, OUTSIDE = "203.0.113.7", "198.51.100.1"
PROXY, SECOND_PROXY = "10.0.0.9", "10.0.0.8"


async def _status(platform: Platform, address: str, forwarded: tuple[str, ...] = ()) -> int:
    """The answer to a key of the office from this address, with these X-Forwarded-For."""
    _, key = await make_key(platform.engine, "shop", {"*"}, NOW, allowed_ips=OFFICE)
    headers = [("x-forwarded-for", one) for one in forwarded]
    async with client_of(platform, [Shop(platform).service()], address=address) as client:
        client.headers["x-api-key"] = key
        answer = await client.get("/v1/orders", headers=headers)
    if answer.status_code != 200:
        body = problem(answer, 403, "forbidden")
        assert body["detail"] == "this API key may not be used from this address"
    return answer.status_code


def _behind(platform: Platform, *proxies: str) -> Platform:
    http = platform.settings.http.model_copy(update={"trusted_proxies": proxies})
    return replace(platform, settings=platform.settings.model_copy(update={"http": http}))


@pytest.mark.parametrize(
    ("address", "status"),
    [
        (INSIDE, 200),
        ("::ffff:203.0.113.7", 200),
        ("2001:db8::1", 200),
        (OUTSIDE, 403),
        ("2001:db9::1", 403),
        ("", 403),
    ],
)
async def test_a_key_is_taken_from_its_networks_alone(
    platform: Platform, address: str, status: int
) -> None:
    assert await _status(platform, address) == status


async def test_a_key_without_networks_is_taken_from_anywhere(platform: Platform) -> None:
    async with client_of(platform, [Shop(platform).service()], address=OUTSIDE) as client:
        assert (await client.get("/v1/orders")).status_code == 200


@pytest.mark.parametrize("proxies", [(), ("10.0.0.0/8",)])
@pytest.mark.parametrize("forwarded", [(INSIDE,), (f"{INSIDE}, {PROXY}",)])
async def test_nobody_is_believed_about_addresses_unless_a_setting_says_so(
    platform: Platform, forwarded: tuple[str, ...], proxies: tuple[str, ...]
) -> None:
    assert await _status(_behind(platform, *proxies), OUTSIDE, forwarded) == 403


@pytest.mark.parametrize(
    ("forwarded", "status"),
    [
        ((INSIDE,), 200),
        ((f"{INSIDE}, {SECOND_PROXY}",), 200),
        ((INSIDE, SECOND_PROXY), 200),
        # What stands further left was said by the caller itself.
        ((f"{INSIDE}, {OUTSIDE}",), 403),
        ((INSIDE, OUTSIDE), 403),
        ((OUTSIDE,), 403),
        ((f"{INSIDE}:50123",), 200),
        (("[2001:db8::1]:443",), 200),
        (("unknown",), 403),
        ((f"{INSIDE}, unknown",), 403),
        ((), 403),
    ],
)
async def test_behind_a_known_proxy_the_last_hop_that_is_not_one_is_the_caller(
    platform: Platform, forwarded: tuple[str, ...], status: int
) -> None:
    assert await _status(_behind(platform, "10.0.0.0/8"), PROXY, forwarded) == status

"""Reading an OpenID provider's keys from a server."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
from aiohttp import web
from joserfc.jwk import ECKey

from heedful.common.actor_settings import ConsoleSettings, OidcSettings
from heedful.common.security import Role
from heedful.common.security.actors import open_tokens
from heedful.common.security.actors.provider import MAX_BYTES, Provider
from tests.people import TENANT, claims, signed

KEYS = {"keys": [ECKey.generate_key("P-256", {"kid": "one"}).as_dict(private=False)]}
DISCOVERY = "/realms/acme/.well-known/openid-configuration"

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@asynccontextmanager
async def serving(paths: Mapping[str, Handler]) -> AsyncIterator[str]:
    """The base URL of a server on this machine."""
    app = web.Application()
    app.add_routes([web.get(path, handler) for path, handler in paths.items()])
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        host, port = runner.addresses[0][:2]
        yield f"http://{host}:{port}"
    finally:
        await runner.cleanup()


def answering(value: Any, status: int = 200) -> Handler:
    async def answer(_: web.Request) -> web.StreamResponse:
        text = value if isinstance(value, str) else json.dumps(value)
        return web.Response(text=text, status=status, content_type="application/json")

    return answer


async def discovery(request: web.Request) -> web.StreamResponse:
    base = f"http://{request.host}"
    return web.json_response({"issuer": f"{base}/realms/acme", "jwks_uri": f"{base}/keys"})


async def test_the_discovery_document_leads_to_the_keys() -> None:
    async with serving({DISCOVERY: discovery, "/keys": answering(KEYS)}) as base:
        found = await Provider(f"{base}/realms/acme", None, allow_http=True).keys()
    assert [key.kid for key in found] == ["one"]


async def test_the_keys_may_be_named_without_one() -> None:
    async with serving({"/keys": answering(KEYS)}) as base:
        found = await Provider("https://x.example", f"{base}/keys", allow_http=True).keys()
    assert [key.kid for key in found] == ["one"]


async def test_a_person_signs_in_at_it() -> None:
    """Settings, discovery, keys and token as in production, but for TLS."""
    key = ECKey.generate_key("P-256", {"kid": "one"})
    keys = {"keys": [key.as_dict(private=False)]}
    async with serving({DISCOVERY: discovery, "/keys": answering(keys)}) as base:
        issuer = f"{base}/realms/acme"
        tokens = open_tokens(OidcSettings(issuer=issuer, allow_http=True), ConsoleSettings())
        mine = claims(datetime.now(UTC), iss=issuer)
        found = await tokens.person(signed(mine, key, "ES256", kid="one"), alone=True)
    assert (found.tenant, found.id, found.role) == (TENANT, "wang.fang", Role.LEAD)


@pytest.mark.parametrize(
    "document",
    [
        {"issuer": "https://evil.example", "jwks_uri": "https://evil.example/keys"},
        {"jwks_uri": "https://x.example/keys"},
        {},
        [],
        "no JSON",
    ],
)
async def test_a_discovery_document_of_somebody_else_is_refused(document: Any) -> None:
    async with serving({DISCOVERY: answering(document)}) as base:
        with pytest.raises(ValueError):  # noqa: PT011  # of JSON, or of ours
            await Provider(f"{base}/realms/acme", None, allow_http=True).keys()


async def redirect(request: web.Request) -> web.StreamResponse:
    raise web.HTTPFound(f"http://{request.host}/keys")


@pytest.mark.parametrize(
    "handler", [redirect, answering(KEYS, 500), answering(KEYS, 404), answering(KEYS, 401)]
)
async def test_only_200_will_do_and_no_redirect(handler: Handler) -> None:
    async with serving({"/jwks": handler, "/keys": answering(KEYS)}) as base:
        with pytest.raises(OSError):  # noqa: PT011  # urllib's
            await Provider("https://x.example", f"{base}/jwks", allow_http=True).keys()


async def test_a_document_has_a_largest_size() -> None:
    async with serving({"/keys": answering(" " * MAX_BYTES + json.dumps(KEYS))}) as base:
        with pytest.raises(ValueError, match="more than"):
            await Provider("https://x.example", f"{base}/keys", allow_http=True).keys()


async def test_a_server_that_is_not_there_is_an_error_of_the_system() -> None:
    with pytest.raises(OSError):  # noqa: PT011  # urllib's
        await Provider("https://x.example", "http://127.0.0.1:1/keys", allow_http=True).keys()


async def test_plain_http_is_refused_where_it_leads_on() -> None:
    """A provider with TLS whose document names keys without it."""
    with pytest.raises(ValueError, match="https"):
        await Provider("https://x.example", "http://127.0.0.1:1/keys", allow_http=False).keys()

"""Signing in at an identity provider: what is believed of what comes back."""

import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from joserfc.jws import extract_compact

from heedful.common.security.actors.signing_keys import SigningKeys
from heedful.common.security.secrets import SecretBox
from heedful.common.service import Platform
from heedful.console.oidc.flow import Client, Flow
from heedful.console.oidc.provider import Discovery
from tests.integration.console.world import NOW, Browser, Clock, World, running
from tests.people import ISSUER, IdentityProvider, claims, signed

CALLBACK = "/login/oidc/callback"
CLIENT = Client("console", "s3cret", f"http://console.test{CALLBACK}", "openid profile")


@dataclass
class Provider:
    """An identity provider with both its documents and its token endpoint.

    `id_token` and `access_token` change claims; the nonce is that of the login under way.
    """

    box: SecretBox
    people: IdentityProvider = field(default_factory=IdentityProvider)
    id_token: dict[str, Any] = field(default_factory=dict)
    access_token: dict[str, Any] = field(default_factory=dict)
    nonce: str = ""
    refuses: str | None = None
    asked: list[httpx2.Request] = field(default_factory=list)

    def handle(self, request: httpx2.Request) -> httpx2.Response:
        if request.url.path.endswith("openid-configuration"):
            return httpx2.Response(
                200,
                json={
                    "issuer": ISSUER,
                    "authorization_endpoint": f"{ISSUER}/auth",
                    "token_endpoint": f"{ISSUER}/token",
                },
            )
        self.asked.append(request)
        if self.refuses:
            return httpx2.Response(400, json={"error": self.refuses})
        own = claims(NOW, iss=ISSUER, aud="console", nonce=self.nonce, name="王芳")
        return httpx2.Response(
            200,
            json={
                "access_token": self.people.token(NOW, **self.access_token),
                "id_token": signed(
                    {**own, **self.id_token}, self.people.private, "RS256", kid="one"
                ),
                "token_type": "Bearer",
            },
        )

    def flow(self, clock: Clock) -> Flow:
        transport = httpx2.MockTransport(self.handle)
        keys = SigningKeys(self.people.fetch, lambda: 0.0)
        return Flow(
            CLIENT,
            Discovery(ISSUER, transport),
            keys,
            self.people.oidc(),
            self.box,
            clock,
            leeway_s=30,
            transport=transport,
        )


@pytest.fixture
def provider(platform: Platform) -> Provider:
    return Provider(platform.secrets)


@pytest.fixture
async def console(platform: Platform, provider: Provider) -> AsyncIterator[World]:
    async with running(platform, elsewhere=provider.flow) as started:
        started.upstream.gives("GET", "/v1/cases", {"items": [], "next_cursor": None})
        yield started


async def begun(browser: Browser, provider: Provider, goal: str = "/board") -> dict[str, list[str]]:
    """The parameters with which the provider is asked."""
    answer = await browser.get("/login/oidc", next=goal)
    assert answer.status_code == 303
    url = urlsplit(answer.headers["location"])
    assert f"{url.scheme}://{url.netloc}{url.path}" == f"{ISSUER}/auth"
    asked = parse_qs(url.query)
    provider.nonce = asked["nonce"][0]
    return asked


async def test_who_the_provider_lets_in_is_who_the_services_know(
    console: World, provider: Provider
) -> None:
    async with console.browser() as browser:
        assert 'href="/login/oidc?next=/board"' in (await browser.get("/login")).text
        asked = await begun(browser, provider, "/board?state=new")
        assert asked["code_challenge_method"] == ["S256"]
        answer = await browser.get(CALLBACK, code="c0de", state=asked["state"][0])
        assert answer.headers["location"] == "/board?state=new"
        page = await browser.get("/board")
    assert "王芳" in page.text
    token = console.upstream.asked("GET", "/v1/cases")[-1].headers["x-actor-token"]
    told = json.loads(extract_compact(token.encode()).payload)
    assert (told["tenant"], told["sub"], told["role"]) == ("acme", "wang.fang", "lead")
    (exchanged,) = provider.asked
    assert b"code_verifier=" in exchanged.content
    assert exchanged.headers["authorization"].startswith("Basic ")


WRONG: dict[str, Callable[[Provider], None]] = {
    "another nonce": lambda one: one.id_token.update(nonce="another"),
    "for another client": lambda one: one.id_token.update(aud="another"),
    "for another client as well": lambda one: one.id_token.update(aud=["console", "another"]),
    "of another issuer": lambda one: one.id_token.update(iss="https://evil.example"),
    "expired": lambda one: one.id_token.update(exp=int(NOW.timestamp()) - 60),
    "of somebody else": lambda one: one.id_token.update(sub="li.lei"),
    "an access token for others": lambda one: one.access_token.update(aud="another"),
    "without a role": lambda one: one.access_token.update(role="guest"),
    "without a tenant": lambda one: one.access_token.update(tenant=None),
}


@pytest.mark.parametrize("wrong", WRONG)
async def test_what_is_wrong_lets_nobody_in(console: World, provider: Provider, wrong: str) -> None:
    async with console.browser() as browser:
        asked = await begun(browser, provider)
        WRONG[wrong](provider)
        answer = await browser.get(CALLBACK, code="c0de", state=asked["state"][0])
        assert answer.status_code == 401
        assert 'role="alert"' in answer.text
        assert (await browser.get("/board")).status_code == 303


async def test_another_browser_cannot_finish_what_this_one_began(
    console: World, provider: Provider
) -> None:
    async with console.browser() as browser, console.browser() as other:
        asked = await begun(browser, provider)
        answer = await other.get(CALLBACK, code="c0de", state=asked["state"][0])
        assert answer.status_code == 401
        answer = await browser.get(CALLBACK, code="c0de", state="guessed")
        assert answer.status_code == 401
        console.clock.passes(timedelta(minutes=11))
        answer = await browser.get(CALLBACK, code="c0de", state=asked["state"][0])
        assert answer.status_code == 401
    assert provider.asked == []


async def test_a_refusal_of_the_provider_is_told(console: World, provider: Provider) -> None:
    async with console.browser() as browser:
        asked = await begun(browser, provider)
        answer = await browser.get(CALLBACK, error="access_denied", state=asked["state"][0])
        assert "did not let you in" in answer.text
        provider.refuses = "invalid_grant"
        answer = await browser.get(CALLBACK, code="c0de", state=asked["state"][0])
        assert "did not let you in" in answer.text

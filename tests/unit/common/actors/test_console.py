"""Tokens that the console signs: which prove somebody, and which do not."""

import base64
import json
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc.jwk import OKPKey

from heedful.common.security.actors import ActorTokens, BadToken, NotEntitled, Person
from heedful.common.security.roles import Role
from tests.people import MINUTE, NOW, TENANT, Console, claims, forged, signed

CONSOLE = Console()
WANG = Person(TENANT, "wang.fang", Role.LEAD)
SECOND = timedelta(seconds=1)


async def judged(token: str) -> Person:
    return await CONSOLE.tokens(NOW).person(token)


async def refused(token: str) -> str:
    with pytest.raises(BadToken) as raised:
        await judged(token)
    return str(raised.value)


def segment(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


@pytest.mark.parametrize("alg", ["EdDSA", "Ed25519"])
async def test_the_consoles_key_proves_a_person(alg: str) -> None:
    assert await judged(signed(claims(NOW), CONSOLE.key, alg, kid="main")) == WANG


async def test_so_does_the_shared_secret() -> None:
    assert await judged(CONSOLE.shared_token(NOW)) == WANG


async def test_where_there_is_one_key_a_token_need_not_name_it() -> None:
    assert await judged(signed(claims(NOW), CONSOLE.key, "EdDSA")) == WANG


async def test_an_audience_may_be_one_of_several() -> None:
    assert await judged(CONSOLE.token(NOW, aud=["shop", "heedful"])) == WANG


async def test_a_token_of_five_minutes_is_the_longest() -> None:
    assert await judged(CONSOLE.token(NOW, 5 * MINUTE)) == WANG
    assert "300 s" in await refused(CONSOLE.token(NOW, 5 * MINUTE + SECOND))


@pytest.mark.parametrize(
    ("age", "taken"),
    [
        (-31 * SECOND, False),
        (-30 * SECOND, True),
        (MINUTE + 29 * SECOND, True),
        (MINUTE + 30 * SECOND, False),
    ],
)
async def test_clocks_may_be_half_a_minute_apart(age: timedelta, taken: bool) -> None:
    token = CONSOLE.token(NOW - age)
    if taken:
        assert await judged(token) == WANG
    else:
        await refused(token)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"aud": "shop"}, "aud"),
        ({"aud": None}, "aud"),
        ({"aud": ["shop"]}, "aud"),
        ({"aud": 7}, "aud"),
        ({"sub": None}, "sub"),
        ({"sub": ""}, "sub"),
        ({"sub": " "}, "sub"),
        ({"sub": 7}, "sub"),
        ({"sub": "a\x00b"}, "sub"),
        ({"sub": "x" * 201}, "sub"),
        ({"exp": None}, "exp"),
        ({"exp": "soon"}, "exp"),
        ({"iat": None}, "iat"),
        ({"iat": "now"}, "iat"),
        ({"iat": True}, "iat"),
        ({"nbf": int(NOW.timestamp()) + 60}, "nbf"),
    ],
)
async def test_claims_are_as_they_must_be(changes: dict[str, Any], said: str) -> None:
    assert f"claim {said}" in await refused(CONSOLE.token(NOW, **changes))


@pytest.mark.parametrize("changes", [{"role": None}, {"role": "Lead"}, {"role": ["boss"]}])
async def test_without_a_role_nobody_is_entitled(changes: dict[str, Any]) -> None:
    with pytest.raises(NotEntitled, match="agent, lead, manager, admin"):
        await judged(CONSOLE.token(NOW, **changes))


@pytest.mark.parametrize("tenant", [None, "", 7, ["acme", "other"]])
async def test_nor_without_a_tenant(tenant: object) -> None:
    with pytest.raises(NotEntitled, match="tenant"):
        await judged(CONSOLE.token(NOW, tenant=tenant))


async def test_of_several_roles_the_highest_holds() -> None:
    found = await judged(CONSOLE.token(NOW, role=["agent", "manager", "cook"]))
    assert found.role is Role.MANAGER


async def test_anothers_key_proves_nothing() -> None:
    other = OKPKey.generate_key("Ed25519")
    assert "signature" in await refused(signed(claims(NOW), other, "EdDSA", kid="main"))


async def test_a_changed_claim_breaks_the_signature() -> None:
    head, _, signature = CONSOLE.token(NOW).split(".")
    assert "signature" in await refused(f"{head}.{segment(claims(NOW, role='admin'))}.{signature}")


async def test_the_public_key_is_no_shared_secret() -> None:
    """Algorithm confusion: everybody has the public key."""
    for kid in ("main", "shared"):
        await refused(forged(claims(NOW), CONSOLE.public, "HS256", kid=kid))


@pytest.mark.parametrize("alg", ["none", "None", "HS384", "RS256", "", None])
async def test_other_algorithms_are_not_taken(alg: str | None) -> None:
    body = segment(claims(NOW))
    for signature in ("", CONSOLE.token(NOW).rsplit(".", 1)[1]):
        await refused(f"{segment({'alg': alg, 'kid': 'main'})}.{body}.{signature}")


@pytest.mark.parametrize(
    "header",
    [
        {"kid": "another"},
        {"kid": "shared"},
        {"kid": "main", "typ": "logout+jwt"},
        {"kid": "main", "crit": ["b64"], "b64": True},
    ],
)
async def test_a_header_that_means_something_else_is_refused(header: dict[str, Any]) -> None:
    await refused(signed(claims(NOW), CONSOLE.key, "EdDSA", **header))


async def test_a_key_in_the_token_itself_is_not_used() -> None:
    """RFC 8725 §3.10: whoever forges a token can put his own key into it."""
    own = OKPKey.generate_key("Ed25519")
    for header in ({"jwk": own.as_dict(private=False)}, {"jku": "https://evil.example/keys"}):
        assert "signature" in await refused(signed(claims(NOW), own, "EdDSA", kid="main", **header))


async def test_nothing_is_taken_where_nothing_is_configured() -> None:
    with pytest.raises(BadToken, match="HEEDFUL_CONSOLE__PUBLIC_KEYS"):
        await ActorTokens().person(CONSOLE.token(NOW))


async def test_an_error_never_quotes_the_token() -> None:
    token = CONSOLE.token(NOW, aud="secret-audience", sub="li.si")
    said = await refused(token)
    assert not {"secret-audience", "li.si", *token.split(".")} & set(said.split())


@given(st.text(max_size=200))
async def test_any_text_is_refused_with_a_reason(text: str) -> None:
    assert await refused(text)


@given(st.data())
async def test_a_token_with_any_character_changed_is_refused(data: st.DataObject) -> None:
    token = CONSOLE.token(NOW)
    at = data.draw(st.integers(0, len(token) - 2))
    put = data.draw(st.sampled_from("AZaz09-_.").filter(lambda one: one != token[at]))
    await refused(token[:at] + put + token[at + 1 :])

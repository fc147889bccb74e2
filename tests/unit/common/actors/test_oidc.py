"""Access tokens of an OpenID provider."""

from typing import Any

import pytest
from joserfc.jwk import ECKey, OKPKey, RSAKey

from heedful.common.security.actors import ActorTokens, BadToken, KeysAway, NotEntitled, Person
from heedful.common.security.roles import Role
from tests.people import ISSUER, NOW, TENANT, Console, IdentityProvider, claims, forged, signed

WANG = Person(TENANT, "wang.fang", Role.LEAD)
AGE = 600.0


@pytest.fixture(scope="module")
def made() -> IdentityProvider:
    """Its RSA key takes a tenth of a second."""
    return IdentityProvider()


@pytest.fixture
def provider(made: IdentityProvider) -> IdentityProvider:
    made.published, made.away, made.asked, made.clock = [made.private], False, 0, 0.0
    return made


async def test_its_token_proves_a_person(provider: IdentityProvider) -> None:
    tokens = provider.tokens(NOW)
    assert await tokens.person(provider.token(NOW), alone=True) == WANG
    assert await tokens.person(provider.token(NOW)) == WANG


@pytest.mark.parametrize(
    ("key", "alg"),
    [
        (ECKey.generate_key("P-256", {"kid": "k"}), "ES256"),
        (OKPKey.generate_key("Ed25519", {"kid": "k"}), "EdDSA"),
        (OKPKey.generate_key("Ed25519", {"kid": "k"}), "Ed25519"),
    ],
)
async def test_so_does_one_with_a_key_of_another_kind(
    provider: IdentityProvider, key: ECKey | OKPKey, alg: str
) -> None:
    provider.published.append(key)
    token = signed(claims(NOW, iss=ISSUER), key, alg, kid="k", typ="at+jwt")
    assert await provider.tokens(NOW).person(token) == WANG


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"iss": "https://login.example.com/realms/other"}, "issuer"),
        ({"iss": ISSUER + "/"}, "issuer"),
        ({"iss": None}, "issuer"),
        ({"aud": "account"}, "aud"),
        ({"exp": int(NOW.timestamp()) - 31}, "expired"),
    ],
)
async def test_what_is_for_others_or_of_the_past_is_refused(
    provider: IdentityProvider, changes: dict[str, Any], said: str
) -> None:
    with pytest.raises(BadToken, match=said):
        await provider.tokens(NOW).person(provider.token(NOW, **changes), alone=True)


async def test_another_issuer_makes_nobody_ask_the_provider(provider: IdentityProvider) -> None:
    with pytest.raises(BadToken):
        await provider.tokens(NOW).person(provider.token(NOW, iss="https://evil.example"))
    assert provider.asked == 0


async def test_its_tokens_may_live_longer_than_the_consoles(provider: IdentityProvider) -> None:
    hour = int(NOW.timestamp()) + 3600
    assert await provider.tokens(NOW).person(provider.token(NOW, exp=hour)) == WANG


@pytest.mark.parametrize("alg", ["HS256", "HS384"])
async def test_its_public_key_is_no_secret(provider: IdentityProvider, alg: str) -> None:
    """Algorithm confusion, with the key in every form in which it is published."""
    key = provider.private
    for public in (key.as_pem(private=False), key.as_der(private=False)):
        token = forged(claims(NOW, iss=ISSUER), public, alg, kid="one")
        with pytest.raises(BadToken, match="RS256"):
            await provider.tokens(NOW).person(token)


async def test_a_key_for_encryption_signs_nothing(provider: IdentityProvider) -> None:
    key = RSAKey.generate_key(2048, {"kid": "enc"})
    token = signed(claims(NOW, iss=ISSUER), key, "RS256", kid="enc")
    public = RSAKey.import_key(key.as_dict(private=False), {"kid": "enc", "use": "enc"})
    provider.published.append(public)
    with pytest.raises(BadToken, match="does not publish"):
        await provider.tokens(NOW).person(token)


@pytest.mark.parametrize(
    ("settings", "changes", "role"),
    [
        ({"role_claim": "realm_access.roles"}, {"realm_access": {"roles": ["lead"]}}, Role.LEAD),
        (
            {"role_claim": "realm_access.roles", "role_prefix": "heedful-"},
            {"realm_access": {"roles": ["admin", "heedful-agent", "heedful-lead"]}},
            Role.LEAD,
        ),
        (
            {"role_claim": "https://heedful.example/role"},
            {"https://heedful.example/role": "manager"},
            Role.MANAGER,
        ),
    ],
)
async def test_the_role_is_where_the_provider_has_it(
    provider: IdentityProvider, settings: dict[str, Any], changes: dict[str, Any], role: Role
) -> None:
    tokens = provider.tokens(NOW, **settings)
    found = await tokens.person(provider.token(NOW, **{"role": None, **changes}))
    assert found.role is role


async def test_a_role_without_the_prefix_is_none_of_ours(provider: IdentityProvider) -> None:
    tokens = provider.tokens(NOW, role_prefix="heedful-")
    with pytest.raises(NotEntitled, match="heedful-agent"):
        await tokens.person(provider.token(NOW, role="admin"))


async def test_a_provider_may_be_of_one_tenant(provider: IdentityProvider) -> None:
    tokens = provider.tokens(NOW, tenant="shop")
    assert (await tokens.person(provider.token(NOW, tenant="other"))).tenant == "shop"


async def test_each_kind_is_judged_by_its_own_rules(provider: IdentityProvider) -> None:
    console = Console()
    both = ActorTokens(console.tokens(NOW).console, provider.oidc(), lambda: NOW)
    assert await both.person(provider.token(NOW)) == WANG
    assert await both.person(console.token(NOW)) == WANG
    with pytest.raises(BadToken):
        await both.person(console.token(NOW), alone=True)
    with pytest.raises(BadToken):
        await both.person(console.token(NOW, iss=ISSUER))


async def test_keys_are_read_once_and_anew_when_they_are_old(provider: IdentityProvider) -> None:
    tokens = provider.tokens(NOW)
    for _ in range(3):
        await tokens.person(provider.token(NOW))
    assert provider.asked == 1
    provider.clock = AGE
    await tokens.person(provider.token(NOW))
    assert provider.asked == 2


async def test_a_withdrawn_key_is_no_longer_taken(provider: IdentityProvider) -> None:
    tokens = provider.tokens(NOW)
    await tokens.person(provider.token(NOW))
    provider.published = [RSAKey.generate_key(2048, {"kid": "two"})]
    provider.clock = AGE
    with pytest.raises(BadToken, match="does not publish"):
        await tokens.person(provider.token(NOW))


async def test_a_new_key_is_asked_for_at_a_bounded_rate(provider: IdentityProvider) -> None:
    tokens = provider.tokens(NOW)
    await tokens.person(provider.token(NOW))
    new = ECKey.generate_key("P-256", {"kid": "new"})
    token = signed(claims(NOW, iss=ISSUER), new, "ES256", kid="new")
    for _ in range(5):
        with pytest.raises(BadToken, match="does not publish"):
            await tokens.person(token)
    assert provider.asked == 1
    provider.clock = 10.0
    provider.published.append(new)
    assert await tokens.person(token) == WANG
    assert provider.asked == 2


async def test_while_the_provider_is_away_known_keys_go_on(provider: IdentityProvider) -> None:
    tokens = provider.tokens(NOW)
    await tokens.person(provider.token(NOW))
    provider.away, provider.clock = True, 10 * AGE
    assert await tokens.person(provider.token(NOW)) == WANG
    new = ECKey.generate_key("P-256", {"kid": "new"})
    with pytest.raises(KeysAway):
        await tokens.person(signed(claims(NOW, iss=ISSUER), new, "ES256", kid="new"))
    assert provider.asked == 2


async def test_a_provider_that_never_answered_is_not_asked_at_every_request(
    provider: IdentityProvider,
) -> None:
    provider.away = True
    tokens = provider.tokens(NOW)
    for _ in range(5):
        with pytest.raises(KeysAway):
            await tokens.person(provider.token(NOW))
    assert provider.asked == 1
    provider.away, provider.clock = False, 10.0
    assert await tokens.person(provider.token(NOW)) == WANG


async def test_a_token_that_names_no_key_may_mean_one_only(provider: IdentityProvider) -> None:
    nameless = signed(claims(NOW, iss=ISSUER), provider.private, "RS256")
    assert await provider.tokens(NOW).person(nameless) == WANG
    provider.published.append(RSAKey.generate_key(2048, {"kid": "two"}))
    with pytest.raises(BadToken, match="does not publish"):
        await provider.tokens(NOW).person(nameless)

"""API keys of the settings: whose, and what they may do."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from heedful.common.db import create_engine
from heedful.common.errors import ConfigurationError
from heedful.common.security import Principal, Scope
from heedful.common.security.key_ring import ApiKeys
from heedful.common.security.keys import digest, parse
from heedful.common.settings import Settings

KEY = "s3cret-key"


def test_an_entry_is_tenant_key_and_scopes() -> None:
    key, principal = parse(f"shop:{KEY}:feedback:write+cases:read")
    assert key == KEY
    assert principal.tenant == "shop"
    assert principal.scopes == {"feedback:write", "cases:read"}


def test_the_id_of_a_configured_key_does_not_tell_it() -> None:
    _, principal = parse(f"shop:{KEY}:*")
    assert principal.key_id.startswith("env-")
    assert KEY not in principal.key_id
    assert principal == parse(f"shop:{KEY}:*")[1]
    assert principal.key_id != parse("shop:another:*")[1].key_id


@pytest.mark.parametrize("scope", Scope)
def test_a_key_may_what_its_scopes_say_and_nothing_else(scope: Scope) -> None:
    _, principal = parse(f"shop:{KEY}:{scope}")
    assert [other for other in Scope if principal.may(other)] == [scope]


def test_a_star_is_every_scope() -> None:
    _, principal = parse(f"shop:{KEY}:*")
    assert all(principal.may(scope) for scope in Scope)


def test_no_scope_is_nothing() -> None:
    assert not any(Principal("shop", "k", frozenset()).may(scope) for scope in Scope)


@pytest.mark.parametrize("entry", ["", KEY, f"shop:{KEY}", f":{KEY}:*", "shop::*", f"shop:{KEY}:"])
def test_an_entry_of_another_form_is_refused_without_showing_it(entry: str) -> None:
    with pytest.raises(ConfigurationError, match="tenant:key:scope") as caught:
        parse(entry)
    assert KEY not in str(caught.value)


@pytest.mark.parametrize(
    "entry",
    [
        f"shop:{KEY}:feedback",
        f"shop:{KEY}:*+all",
        f"shop:{KEY}:cases:read+",
        f"shop:{KEY}: *",
        # In the wrong order, and with a colon in the key: what stands last is a secret.
        f"shop:*:{KEY}",
        f"shop:first:{KEY}:*",
    ],
)
def test_an_unknown_scope_is_refused_with_the_known_ones_and_without_the_key(entry: str) -> None:
    with pytest.raises(ConfigurationError, match=r"'shop'.*feedback:write") as caught:
        parse(entry)
    assert KEY not in str(caught.value)


@given(st.text(), st.text())
def test_a_digest_names_one_key(one: str, other: str) -> None:
    one, other = (text.encode(errors="replace").decode() for text in (one, other))
    assert (digest(one) == digest(other)) == (one == other)
    assert len(digest(one)) == 32


def _configured(*entries: str) -> ApiKeys:
    nowhere = Settings(database_url=SecretStr("postgresql://nobody@127.0.0.1:1/none"))
    return ApiKeys([SecretStr(entry) for entry in entries], create_engine(nowhere, "test"))


async def test_tenants_and_keys_of_their_own_go_together() -> None:
    found = _configured("shop:one:*", "shop:two:enrich", "other:three:*")
    principals = [await found.find(key) for key in ("one", "two", "three")]
    assert [one.tenant for one in principals if one] == ["shop", "shop", "other"]


def test_one_key_for_two_tenants_is_refused_and_names_both() -> None:
    with pytest.raises(ConfigurationError, match=r"'shop' and 'other' have the same key") as caught:
        _configured(f"shop:{KEY}:*", "third:another:*", f"other:{KEY}:enrich")
    assert KEY not in str(caught.value)


def test_one_key_twice_for_one_tenant_is_refused_and_says_how_to_write_it() -> None:
    with pytest.raises(ConfigurationError, match=r"'shop' has the same key twice; .* \+") as caught:
        _configured(f"shop:{KEY}:feedback:write", f"shop:{KEY}:cases:read")
    assert KEY not in str(caught.value)

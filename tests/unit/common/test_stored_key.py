"""What a key may make: never more than it is itself."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heedful.common.security import Principal, Scope
from heedful.common.security.addresses import inside, network
from heedful.common.security.stored_key import (
    KeyTerms,
    StoredKey,
    exceeds,
    manages,
    new_secret,
    old_expiry,
    successor_expiry,
)

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
DAY = timedelta(days=1)
NETWORKS = [network(one) for one in ("10.0.0.0/8", "10.1.0.0/16", "10.1.2.3", "2001:db8::/32")]
ADDRESSES = ["10.9.9.9", "10.1.9.9", "10.1.2.3", "2001:db8::1", "192.0.2.1"]

scopes = st.frozensets(st.sampled_from(["*", *(one.value for one in Scope)]), min_size=1)
ends = st.none() | st.sampled_from([NOW + DAY, NOW + 2 * DAY, NOW + 3 * DAY])
networks = st.lists(st.sampled_from(NETWORKS), max_size=3, unique=True).map(tuple)
actors = st.builds(
    Principal,
    tenant=st.just("shop"),
    key_id=st.just("k"),
    scopes=scopes,
    expires_at=ends,
    allowed_ips=networks,
)
terms = st.builds(
    KeyTerms, tenant=st.just("shop"), scopes=scopes, expires_at=ends, allowed_ips=networks
)


@given(actors, terms)
def test_what_a_key_makes_can_do_nothing_that_it_cannot_do_itself(
    actor: Principal, wanted: KeyTerms
) -> None:
    made = StoredKey("k-2", wanted, NOW).principal
    grants_more = (
        any(made.may(scope) and not actor.may(scope) for scope in Scope)
        or any(
            not made.expired(NOW + days * DAY) and actor.expired(NOW + days * DAY)
            for days in range(5)
        )
        or any(made.may_come_from(one) and not actor.may_come_from(one) for one in ADDRESSES)
    )
    if exceeds(actor, wanted) is None:
        assert not grants_more


@given(actors)
def test_a_key_may_make_one_like_itself(actor: Principal) -> None:
    like_itself = KeyTerms(
        "shop", actor.scopes, expires_at=actor.expires_at, allowed_ips=actor.allowed_ips
    )
    assert exceeds(actor, like_itself) is None


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        (KeyTerms("shop", frozenset({"*"})), r"scopes: this key lacks \*"),
        (KeyTerms("shop", frozenset({"enrich"})), "expires_at: this key itself expires at"),
        (
            KeyTerms("shop", frozenset({"enrich"}), expires_at=NOW + DAY),
            "allowed_ips: this key itself is limited",
        ),
    ],
)
def test_why_not_is_told(wanted: KeyTerms, said: str) -> None:
    actor = Principal("shop", "k", frozenset({"enrich", "keys:write"}), NOW + DAY, (NETWORKS[0],))
    assert re.match(said, exceeds(actor, wanted) or "")


@given(actors, terms)
def test_a_key_ends_only_keys_that_can_do_no_more_than_it(
    actor: Principal, other: KeyTerms
) -> None:
    stored = StoredKey("k-2", other, NOW)
    more = any(stored.principal.may(scope) and not actor.may(scope) for scope in Scope)
    assert not (manages(actor, stored) and more)


def _stored(expires_at: datetime | None) -> StoredKey:
    return StoredKey("k", KeyTerms("shop", frozenset({"*"}), expires_at=expires_at), NOW)


def test_a_successor_lives_as_long_as_the_old_key_was_meant_to() -> None:
    assert successor_expiry(_stored(NOW + 90 * DAY), NOW + 80 * DAY) == NOW + 170 * DAY
    assert successor_expiry(_stored(None), NOW) is None


def test_a_rotated_key_ends_after_the_overlap_or_when_it_was_to_end_anyway() -> None:
    assert old_expiry(_stored(None), DAY, NOW) == NOW + DAY
    assert old_expiry(_stored(NOW + timedelta(hours=1)), DAY, NOW) == NOW + timedelta(hours=1)


def test_a_key_is_active_until_it_is_revoked_or_has_expired() -> None:
    assert _stored(None).active(NOW)
    assert not _stored(NOW).active(NOW)
    assert not replace(_stored(None), revoked_at=NOW).active(NOW)


def test_a_secret_is_256_random_bits_behind_its_prefix() -> None:
    made = {new_secret() for _ in range(20)}
    assert len(made) == 20
    assert all(one.startswith("hf_") and len(one) == 3 + 43 for one in made)


def test_nobody_known_is_inside_no_network() -> None:
    assert not inside(None, NETWORKS)

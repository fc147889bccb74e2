"""Tokens that the console signs are those that the services believe."""

from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from joserfc.jwk import OKPKey

from heedful.common.security.actors import BadToken, Person
from heedful.common.security.actors.console import ConsoleTokens
from heedful.common.security.actors.signature import unverified
from heedful.common.security.roles import Role
from heedful.console.signing import LIFE_S, Acting, Signer
from tests.people import NOW

ACTING = Acting("acme", "wang.fang", Role.LEAD)


def believing(key: Ed25519PrivateKey) -> ConsoleTokens:
    raw = key.public_key()
    return ConsoleTokens({"console-1": OKPKey.import_key(raw)}, {}, leeway_s=0)


def test_a_service_that_knows_the_key_believes_who_it_is() -> None:
    key = Ed25519PrivateKey.generate()
    token = Signer("console-1", key).token(ACTING, NOW)
    assert believing(key).person(unverified(token), NOW) == Person("acme", "wang.fang", Role.LEAD)


def test_it_is_believed_for_two_minutes() -> None:
    key = Ed25519PrivateKey.generate()
    token = Signer("console-1", key).token(ACTING, NOW)
    last = NOW + timedelta(seconds=LIFE_S - 1)
    assert believing(key).person(unverified(token), last).id == "wang.fang"
    with pytest.raises(BadToken, match="expired"):
        believing(key).person(unverified(token), NOW + timedelta(seconds=LIFE_S + 1))


def test_a_key_of_somebody_else_is_not_believed() -> None:
    token = Signer("console-1", Ed25519PrivateKey.generate()).token(ACTING, NOW)
    with pytest.raises(BadToken):
        believing(Ed25519PrivateKey.generate()).person(unverified(token), NOW)

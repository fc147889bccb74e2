"""Which keys of a JWK Set are taken."""

from typing import Any

import pytest
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey

from heedful.common.security.actors.provider import MAX_KEYS, usable

GOOD = ECKey.generate_key("P-256", {"kid": "good"}).as_dict(private=False)


@pytest.mark.parametrize(
    "other",
    [
        OctKey.generate_key(256, {"kid": "secret"}).as_dict(),
        RSAKey.generate_key(1024, {"kid": "weak"}).as_dict(private=False),
        {"kty": "AKP", "kid": "post-quantum", "pub": "AAAA"},
        {"kty": "EC", "kid": "broken", "crv": "P-256", "x": "AA", "y": "AA"},
        {"kty": "EC"},
        "no key",
        None,
    ],
)
def test_what_cannot_be_used_is_left_out(other: Any) -> None:
    assert [key.kid for key in usable({"keys": [other, GOOD]})] == ["good"]


@pytest.mark.parametrize("document", [{}, {"keys": None}, {"keys": []}, {"keys": [{"kty": "oct"}]}])
def test_a_set_without_any_is_an_error(document: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="key"):
        usable(document)


def test_every_kind_that_signs_is_taken() -> None:
    kinds = [
        RSAKey.generate_key(2048).as_dict(private=False),
        OKPKey.generate_key("Ed25519").as_dict(private=False),
        GOOD,
    ]
    assert [key.key_type for key in usable({"keys": kinds})] == ["RSA", "OKP", "EC"]


def test_a_set_has_no_more_than_so_many() -> None:
    assert len(usable({"keys": [GOOD] * (MAX_KEYS + 1)})) == MAX_KEYS

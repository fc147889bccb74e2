"""The Merkle tree is that of RFC 6962, and an anchor is signed over it."""

from datetime import UTC, datetime
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heedful.alerting.audit.anchors import Leaf, Signer, signed, tree
from heedful.alerting.audit.merkle import root

AT = datetime(2026, 3, 1, tzinfo=UTC)
# Of the reference implementation of Certificate Transparency (merkletree/merkle_tree_test.cc).
LEAVES = [
    bytes.fromhex(one)
    for one in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657",
                "606162636465666768696a6b6c6d6e6f")
]  # fmt: skip
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


@pytest.mark.parametrize("count", range(1, 9))
def test_roots_of_the_reference(count: int) -> None:
    assert root(LEAVES[:count]).hex() == ROOTS[count - 1]


def test_of_nothing_it_is_the_hash_of_nothing() -> None:
    assert root([]) == sha256(b"").digest()


def by_definition(leaves: list[bytes]) -> bytes:
    """RFC 6962 §2.1, word for word."""
    if len(leaves) == 1:
        return sha256(b"\x00" + leaves[0]).digest()
    half = 1
    while half * 2 < len(leaves):
        half *= 2
    return sha256(b"\x01" + by_definition(leaves[:half]) + by_definition(leaves[half:])).digest()


@given(st.lists(st.binary(max_size=8), min_size=1, max_size=70))
def test_every_root_is_that_of_the_definition(leaves: list[bytes]) -> None:
    assert root(leaves) == by_definition(leaves)


def test_an_anchor_says_what_it_is_over_and_is_signed() -> None:
    signer = Signer(b"k" * 32)
    leaves = [Leaf("b", 2, b"\x02" * 32), Leaf("a", 1, b"\x01" * 32)]
    made = signer.anchor("shop", 3, b"\x03" * 32, AT, leaves)
    assert made.said == {
        "at": "2026-03-01T00:00:00.000000+00:00",
        "form": 1,
        "leaves": 2,
        "position": 3,
        "previous": "03" * 32,
        "root": tree(reversed(leaves)).hex(),
        "tenant": "shop",
    }
    assert leaves[1].data.decode() == f'["a",1,"{"01" * 32}"]'
    assert made.hash == sha256(made.body.encode()).digest()
    assert signed(made.hash, made.signature, signer.public_key)
    assert not signed(made.hash, made.signature, Signer(b"x" * 32).public_key)
    assert not signed(sha256(b"x").digest(), made.signature, signer.public_key)

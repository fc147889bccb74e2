"""Networks that a key may be used from."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heedful.common.security.addresses import covers, inside, network

OFFICE = network("203.0.113.0/24")
CLOUD = network("2001:db8:1::/48")


@pytest.mark.parametrize(
    ("host", "is_inside"),
    [
        ("203.0.113.7", True),
        ("203.0.114.7", False),
        ("2001:db8:1::7", True),
        ("2001:db8:2::7", False),
        # An IPv4 caller on a socket for both families.
        ("::ffff:203.0.113.7", True),
        ("::ffff:203.0.114.7", False),
        ("unix", False),
        ("", False),
        (None, False),
        ("203.0.113.7 ", False),
    ],
)
def test_an_address_is_in_a_network_or_is_not(host: str | None, is_inside: bool) -> None:
    assert inside(host, (OFFICE, CLOUD)) is is_inside


def test_a_bare_address_is_that_address_alone() -> None:
    assert inside("198.51.100.4", (network(" 198.51.100.4 "),))
    assert not inside("198.51.100.5", (network("198.51.100.4"),))


@pytest.mark.parametrize("written", ["203.0.113.7/24", "office", "", "1.2.3.4/33", "::/129"])
def test_what_is_no_network_is_refused_with_how_to_write_one(written: str) -> None:
    with pytest.raises(ValueError, match=r"203\.0\.113\.0/24"):
        network(written)


@pytest.mark.parametrize(
    ("narrow", "covered"),
    [
        ("203.0.113.0/25", True),
        ("203.0.113.9", True),
        ("203.0.112.0/23", False),
        ("0.0.0.0/0", False),
        ("2001:db8:1:2::/64", True),
        ("::/0", False),
    ],
)
def test_a_network_covers_what_is_within_it(narrow: str, covered: bool) -> None:
    assert covers((OFFICE, CLOUD), network(narrow)) is covered


@pytest.mark.parametrize("written", ["::ffff:203.0.113.0/120", "::ffff:cb00:7100/120"])
def test_a_network_of_mapped_addresses_is_that_of_the_addresses(written: str) -> None:
    assert network(written) == OFFICE


def test_any_ipv6_address_is_no_ipv4_address() -> None:
    assert not inside("::ffff:203.0.113.7", (network("::/0"),))


@given(st.ip_addresses(v=4) | st.ip_addresses(v=6, network="2000::/3"), st.integers(0, 32))
def test_what_is_inside_a_narrow_network_is_inside_one_that_covers_it(
    address: object, prefix: int
) -> None:
    narrow = network(str(address))
    wide = narrow.supernet(new_prefix=prefix)
    assert covers((wide,), narrow)
    assert inside(str(address), (wide,))

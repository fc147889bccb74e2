"""Where a key may be used from: networks, IPv4 and IPv6."""

from collections.abc import Sequence
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)

Network = IPv4Network | IPv6Network

_MAPPED = IPv6Network("::ffff:0:0/96")
"""IPv4 addresses in the form of IPv6 (RFC 4291 §2.5.5.2); they are judged as what they are."""


def network(written: str) -> Network:
    """A network in CIDR form; a bare address is that address alone.

    Raises:
        ValueError: says how to write it.
    """
    try:
        found = ip_network(written.strip())
    except ValueError as error:
        raise ValueError(
            "a network is written as 203.0.113.0/24 or 2001:db8::/32, without bits behind the "
            "prefix; one address as 203.0.113.7"
        ) from error
    if isinstance(found, IPv6Network) and found.subnet_of(_MAPPED):
        bits = found.prefixlen - _MAPPED.prefixlen
        return IPv4Network((found.network_address.packed[-4:], bits))
    return found


def inside(host: str | None, networks: Sequence[Network]) -> bool:
    """Whether a caller's address is in one of these. One that is not known is in none."""
    try:
        address = _plain(ip_address(host or ""))
    except ValueError:
        return False
    return any(address in one for one in networks)


def covers(wide: Sequence[Network], narrow: Network) -> bool:
    """Whether all of one network is inside one of these."""
    return any(
        one.version == narrow.version and narrow.subnet_of(one)  # type: ignore[arg-type]
        for one in wide
    )


def _plain(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """On a socket for both families an IPv4 caller is ::ffff:203.0.113.7."""
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address

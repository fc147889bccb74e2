"""Where a tenant may send us: to public addresses, judged at the moment of connecting.

For whatever calls a host that a tenant named: webhooks go out over http(s), mail is fetched.

Rules from reference/delivery-and-timers.md §3.2: `is_global` alone lets multicast and the
embedded IPv4 addresses of 6to4, Teredo and NAT64 through. The address that the socket is made
for is the one that is judged, so neither DNS rebinding nor an odd spelling of an IP passes.
"""

import ipaddress
import socket
from typing import Any
from urllib.parse import urlsplit

_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_SRV6 = ipaddress.ip_network("5f00::/16")  # RFC 9602

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class TargetRefused(OSError):
    """The address that a tenant named is not a public one."""


def is_public(address: Address) -> bool:
    """Whether the address can only be a host of the public internet."""
    inner = _embedded(address)
    if inner is not None:
        return is_public(inner)
    if isinstance(address, ipaddress.IPv6Address) and address in _SRV6:
        return False
    return address.is_global and not address.is_multicast and not address.is_reserved


def refusal(url: str, *, allow_private: bool) -> str | None:
    """Why a URL can never be an endpoint; None when it may. Names are judged when connecting."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        return "this is not a URL"
    if parts.scheme not in ("http", "https"):
        return "only http and https are possible"
    if not host or port == 0:
        return "the URL names no host"
    if parts.username is not None or parts.password is not None:
        return "a URL with a user or password is not taken; use the signature"
    if allow_private or not _looks_numeric(host):
        return None
    return None if _public_literal(host) else "this address is not a public one"


def guarded_socket(address: tuple[Any, ...]) -> socket.socket:
    """Makes the socket of a connection, as aiohttp's `socket_factory`.

    Raises:
        TargetRefused: the address to connect to is not a public one.
    """
    family, kind, protocol, _, target = address
    if not _public_literal(str(target[0])):
        raise TargetRefused("the host has an address that is not public")
    return socket.socket(family, kind, protocol)


def _looks_numeric(host: str) -> bool:
    # 127.1, 0x7f000001 and 2130706433 are all 127.0.0.1 to inet_aton.
    return ":" in host or host.rsplit(".", 1)[-1][:1].isdigit()


def _public_literal(host: str) -> bool:
    try:
        return is_public(ipaddress.ip_address(host))
    except ValueError:
        return False


def _embedded(address: Address) -> ipaddress.IPv4Address | None:
    """The IPv4 address that an IPv6 address leads to."""
    if isinstance(address, ipaddress.IPv4Address):
        return None
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address.sixtofour is not None:
        return address.sixtofour
    if address.teredo is not None:
        return address.teredo[1]
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return None

"""Where a tenant may send us: to public addresses, judged at the moment of connecting.

For whatever calls a host that a tenant named: webhooks go out over http(s), mail is fetched.

Rules from reference/delivery-and-timers.md §3.2: `is_global` alone lets multicast and the
embedded IPv4 addresses of 6to4, Teredo and NAT64 through. The address that the socket is made
for is the one that is judged, so neither DNS rebinding nor an odd spelling of an IP passes.
"""

import ipaddress
import socket
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import SplitResult, urlsplit

_NAT64 = ipaddress.ip_network("64:ff9b::/96")
# All that is routed on the internet; what is outside is local, mapped or not assigned (RFC 4291).
_GLOBAL_UNICAST = ipaddress.ip_network("2000::/3")
_SPECIAL_V6 = tuple(
    map(
        ipaddress.ip_network,
        (
            "2001::/23",  # IETF protocol assignments: Teredo, benchmarking, ORCHID
            "2001:db8::/32",
            "2002::/16",  # 6to4 leads into IPv4
            "3fff::/20",  # documentation, RFC 9637
        ),
    )
)
_SPECIAL_V4 = (
    ipaddress.ip_network("192.0.0.0/24"),  # IETF protocol assignments, RFC 6890
    ipaddress.ip_network("192.88.99.0/24"),  # relays of 6to4, RFC 7526
)
_ISATAP = (0x00005EFE, 0x02005EFE)  # RFC 5214 §6.1
_NO_HOST = frozenset("\\%<>\"'`{}|^ ")
_DEFAULT_PORTS = {"http": 80, "https": 443}

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
SocketFactory = Callable[[tuple[Any, ...]], socket.socket]


class TargetRefused(OSError):
    """The address that a tenant named is not a public one."""


@dataclass(frozen=True, slots=True)
class TargetPolicy:
    """What an operator lets tenants call.

    Attributes:
        allow_private: any address and any port; for tests and closed networks.
        schemes: of URLs.
        ports: of public targets and those in `networks`; empty: any.
        networks: that may be reached though they are not public.
        hosts: names that may be reached wherever they are and on any port. One that starts with a
            dot stands for all names that end so.
    """

    allow_private: bool = False
    schemes: frozenset[str] = frozenset(_DEFAULT_PORTS)
    ports: frozenset[int] = frozenset()
    networks: tuple[Network, ...] = ()
    hosts: frozenset[str] = frozenset()

    def refusal(self, url: str) -> str | None:
        """Why a URL can never be a target; None when it may. Names are judged when connecting."""
        wrong = refusal(url, allow_private=True)
        if wrong is not None:
            return wrong
        parts = urlsplit(url)
        if parts.scheme not in self.schemes:
            return f"the scheme must be one of {', '.join(sorted(self.schemes))}"
        host = str(parts.hostname)
        if self.allow_private or self.trusts(host):
            return None
        return self._refused_port(parts) or self._refused_literal(host)

    def trusts(self, host: str) -> bool:
        """Whether the operator named the host."""
        name = host.rstrip(".").lower()
        return any(name.endswith(one) if one.startswith(".") else name == one for one in self.hosts)

    def socket(self, address: tuple[Any, ...]) -> socket.socket:
        """Makes the socket of a connection, as aiohttp's `socket_factory`.

        Raises:
            TargetRefused: the address to connect to is neither public nor of the operator's.
        """
        family, kind, protocol, _, target = address
        if not self._reachable(str(target[0])):
            raise TargetRefused("the host has an address that is not public")
        return socket.socket(family, kind, protocol)

    def _refused_port(self, parts: SplitResult) -> str | None:
        port = parts.port or _DEFAULT_PORTS[parts.scheme]
        if not self.ports or port in self.ports:
            return None
        return f"the port must be one of {', '.join(map(str, sorted(self.ports)))}"

    def _refused_literal(self, host: str) -> str | None:
        if not _looks_numeric(host) or self._reachable(host):
            return None
        return "this address is not a public one"

    def _reachable(self, host: str) -> bool:
        try:
            address = ipaddress.ip_address(host)
        except ValueError:
            return False
        return is_public(address) or any(
            address in network for network in self.networks if network.version == address.version
        )


def is_public(address: Address) -> bool:
    """Whether the address can only be a host of the public internet."""
    inner = _embedded(address)
    if inner is not None:
        return is_public(inner)
    if isinstance(address, ipaddress.IPv6Address):
        if address not in _GLOBAL_UNICAST or address.scope_id:
            return False
        if any(address in network for network in _SPECIAL_V6):
            return False
        if (int(address) >> 32) & 0xFFFFFFFF in _ISATAP:
            return False
    elif any(address in network for network in _SPECIAL_V4):
        return False
    return address.is_global and not address.is_multicast and not address.is_reserved


def refusal(url: str, *, allow_private: bool) -> str | None:
    """Why a URL can never be an endpoint; None when it may. Names are judged when connecting."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        return "this is not a URL"
    if parts.scheme not in _DEFAULT_PORTS:
        return "only http and https are possible"
    if not host or port == 0:
        return "the URL names no host"
    if parts.username is not None or parts.password is not None:
        return "a URL with a user or password is not taken; use the signature"
    if not _NO_HOST.isdisjoint(parts.netloc) or not parts.netloc.isprintable():
        return "the host has a sign that no name of a host has"
    if allow_private or not _looks_numeric(host):
        return None
    return None if _public_literal(host) else "this address is not a public one"


def guarded_socket(address: tuple[Any, ...]) -> socket.socket:
    """Makes the socket of a connection, as aiohttp's `socket_factory`.

    Raises:
        TargetRefused: the address to connect to is not a public one.
    """
    return _PUBLIC_ONLY.socket(address)


_PUBLIC_ONLY = TargetPolicy()


def _looks_numeric(host: str) -> bool:
    # 127.1, 0x7f000001 and 2130706433 are all 127.0.0.1 to inet_aton.
    return ":" in host or host.rstrip(".").rsplit(".", 1)[-1][:1].isdigit()


def _public_literal(host: str) -> bool:
    try:
        return is_public(ipaddress.ip_address(host))
    except ValueError:
        return False


def _embedded(address: Address) -> ipaddress.IPv4Address | None:
    """The IPv4 address that an IPv6 address leads to, where that is how clusters reach IPv4."""
    if isinstance(address, ipaddress.IPv4Address):
        return None
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return None

"""The listening socket: IPv4, IPv6 or both, and clear words when there is none to be had."""

import errno
import os
import socket

from heedful.common.errors import ConfigurationError
from heedful.common.settings import HttpSettings

_BACKLOG = 2048
_EVERY_IPV6 = "::"
_EVERY_IPV4 = "0.0.0.0"  # noqa: S104  # recognised, not listened on
_PORT_ERRORS = frozenset({errno.EADDRINUSE, errno.EACCES})


def listen(settings: HttpSettings) -> socket.socket:
    """Take the port. `::` is every address, IPv4 included where the system can do both.

    Raises:
        ConfigurationError: the port is taken, or the host is no address of this machine.
    """
    host, port = settings.host, settings.port
    try:
        family, address = _resolved(host, port)
        both = host == _EVERY_IPV6 and socket.has_dualstack_ipv6()
        return socket.create_server(
            address, family=family, backlog=_BACKLOG, dualstack_ipv6=both, reuse_port=False
        )
    except OSError as error:
        mend = (
            "set HEEDFUL_HTTP__PORT to a free port, or 0 for any"
            if error.errno in _PORT_ERRORS
            else "set HEEDFUL_HTTP__HOST to an address of this machine: 127.0.0.1 for this "
            "machine only, 0.0.0.0 or :: for the network"
        )
        # Of a bind, socket adds the address to the system's words.
        of_system = error.errno is not None and not isinstance(error, socket.gaierror)
        why = os.strerror(error.errno or 0) if of_system else error.strerror
        raise ConfigurationError(
            f"cannot listen on {_shown(host)}:{port} ({why}); {mend}"
        ) from error


def url_of(listener: socket.socket) -> str:
    """Where it answers."""
    host, port = listener.getsockname()[:2]
    return f"http://{_shown(host)}:{port}"


def own_url(listener: socket.socket) -> str:
    """Where its own process reaches it, also when it listens on every address."""
    host, port = listener.getsockname()[:2]
    if host == _EVERY_IPV6:
        host = "::1"
    elif host == _EVERY_IPV4:
        host = "127.0.0.1"
    return f"http://{_shown(host)}:{port}"


def _resolved(host: str, port: int) -> tuple[socket.AddressFamily, tuple[str, int]]:
    """Of a name with addresses of both families the IPv4 one: what a caller tries in vain to
    reach at 127.0.0.1 would be at ::1."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    chosen = min(found, key=lambda one: one[0] != socket.AF_INET)
    return chosen[0], (str(chosen[4][0]), port)


def _shown(host: str) -> str:
    return f"[{host}]" if ":" in host else host

"""How ingest reaches vendors: with timeouts, and only public addresses unless told otherwise."""

import aiohttp

from heedful.common.http.targets import guarded_socket

TOTAL_S = 30.0
CONNECT_S = 10.0
_CONNECTIONS = 100


def session(*, allow_private: bool) -> aiohttp.ClientSession:
    """A session for requests to vendors; made within a running loop."""
    connector = (
        aiohttp.TCPConnector(limit=_CONNECTIONS)
        if allow_private
        else aiohttp.TCPConnector(limit=_CONNECTIONS, socket_factory=guarded_socket)
    )
    return aiohttp.ClientSession(
        connector=connector,
        timeout=aiohttp.ClientTimeout(total=TOTAL_S, connect=CONNECT_S),
        # Proxies of the environment would resolve names that were not judged.
        trust_env=False,
    )

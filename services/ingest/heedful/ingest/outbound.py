"""How ingest reaches vendors: with timeouts, and only public addresses unless told otherwise."""

from collections.abc import Mapping
from dataclasses import dataclass

import aiohttp

from heedful.common.http.targets import guarded_socket

TOTAL_S = 30.0
CONNECT_S = 10.0
_CONNECTIONS = 100


@dataclass(frozen=True, slots=True)
class Outbound:
    """What the operator says of the way out.

    Attributes:
        allow_private: private and loopback addresses may be reached.
        vendor_urls: what stands for the address of a vendor.
    """

    allow_private: bool
    vendor_urls: Mapping[str, str]

    def base_url(self, vendor: str) -> str:
        return self.vendor_urls.get(vendor, vendor)

    def session(self) -> aiohttp.ClientSession:
        """A session for requests to vendors; made within a running loop."""
        connector = (
            aiohttp.TCPConnector(limit=_CONNECTIONS)
            if self.allow_private
            else aiohttp.TCPConnector(limit=_CONNECTIONS, socket_factory=guarded_socket)
        )
        return aiohttp.ClientSession(
            connector=connector,
            timeout=aiohttp.ClientTimeout(total=TOTAL_S, connect=CONNECT_S),
            # Proxies of the environment would resolve names that were not judged.
            trust_env=False,
        )

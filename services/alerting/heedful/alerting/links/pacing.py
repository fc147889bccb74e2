"""How often one address may ask for a link: its page carries no key, so no quota counts it."""

from collections import OrderedDict
from ipaddress import IPv6Address, ip_address
from typing import Final

from heedful.common.quota.bucket import Bucket, Rate

RATE: Final = Rate(per_second=5, burst=50)
"""Of one address and replica: a company behind one clicks, its messenger fetches previews."""
MAX_ADDRESSES: Final = 10_000
_IPV6_HOST_BITS: Final = 64


class Pacing:
    """Buckets of the addresses that asked last."""

    def __init__(self, rate: Rate = RATE, most: int = MAX_ADDRESSES) -> None:
        self._rate = rate
        self._most = most
        self._buckets: OrderedDict[str, Bucket] = OrderedDict()

    def wait_seconds(self, host: str | None, now: float) -> float:
        """0: it may ask now, which is counted; else after so long.

        Args:
            now: seconds that never go back.
        """
        address = _counted(host)
        bucket = self._buckets.pop(address, None) or Bucket.full(self._rate, now)
        self._buckets[address], grant = bucket.take(self._rate, 1, 1, now)
        if len(self._buckets) > self._most:
            self._buckets.popitem(last=False)
        return grant.wait_seconds


def _counted(host: str | None) -> str:
    """An address; of IPv6 the network that one customer of a provider has (RFC 6177)."""
    try:
        address = ip_address(host or "")
    except ValueError:
        return ""
    if isinstance(address, IPv6Address) and address.ipv4_mapped is None:
        return hex(int(address) >> _IPV6_HOST_BITS)
    return str(address)

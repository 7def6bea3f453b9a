"""How many requests one key or one address may send. Owns the `limits` library; knows nothing of HTTP.

Each process counts for itself, in memory.
"""

import ipaddress
import math
import time

from limits import parse
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter


class RateLimit:
    """At most so many requests in any window of that length ("60/minute"); without a rate, any number."""

    def __init__(self, rate: str | None) -> None:
        self._item = parse(rate) if rate else None
        self._limiter = MovingWindowRateLimiter(MemoryStorage()) if rate else None

    def wait_s(self, who: str) -> int:
        """Counts one request of `who`: 0 where it may pass, else the seconds until one may."""
        if self._item is None or self._limiter is None or self._limiter.hit(self._item, who):
            return 0
        return max(1, math.ceil(self._limiter.get_window_stats(self._item, who).reset_time - time.time()))


def ip_of(address: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    """An address of IPv4 as itself, though a socket for both calls it `::ffff:192.0.2.7`. Raises `ValueError`."""
    ip = ipaddress.ip_address(address)
    return (ip.ipv4_mapped or ip) if isinstance(ip, ipaddress.IPv6Address) else ip


def network_of(address: str) -> str | None:
    """What counts as one address: in IPv6 a /64, of which one customer has all. None for this machine itself."""
    try:
        ip = ip_of(address)
    except ValueError:
        return address or None
    if ip.is_loopback:
        return None
    return str(ipaddress.ip_network((ip, 64), strict=False)) if ip.version == 6 else str(ip)

"""How often an address may ask."""

from heedful.alerting.links.pacing import Pacing
from heedful.common.quota.bucket import Rate

RATE = Rate(per_second=1, burst=3)


def waits(pacing: Pacing, host: str | None, times: int, now: float = 0.0) -> list[float]:
    return [pacing.wait_seconds(host, now) for _ in range(times)]


def test_so_many_at_once_and_so_many_a_second() -> None:
    pacing = Pacing(RATE)
    assert waits(pacing, "203.0.113.7", 4) == [0, 0, 0, 1]
    assert waits(pacing, "203.0.113.7", 2, now=1.0) == [0, 1]


def test_addresses_are_counted_apart_and_a_network_of_ipv6_together() -> None:
    pacing = Pacing(RATE)
    waits(pacing, "203.0.113.7", 3)
    assert waits(pacing, "203.0.113.8", 1) == [0]
    assert waits(pacing, "2001:db8::1", 2) + waits(pacing, "2001:db8::2", 2) == [0, 0, 0, 1]
    assert waits(pacing, "2001:db8:0:1::1", 1) == [0]
    mapped = waits(pacing, "::ffff:198.51.100.1", 3) + waits(pacing, "::ffff:198.51.100.2", 1)
    assert mapped == [0, 0, 0, 0]


def test_callers_without_an_address_are_one() -> None:
    assert waits(Pacing(RATE), None, 4) == [0, 0, 0, 1]


def test_only_so_many_addresses_are_remembered() -> None:
    pacing = Pacing(RATE, most=2)
    waits(pacing, "203.0.113.1", 3)
    waits(pacing, "203.0.113.2", 1)
    waits(pacing, "203.0.113.3", 1)
    assert waits(pacing, "203.0.113.1", 1) == [0]

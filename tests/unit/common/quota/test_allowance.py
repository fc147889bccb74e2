"""What a replica holds of a bucket: leased, spent, put back, and its share while it is alone."""

from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from heedful.common.quota.allowance import Allowance, Need, chunk_of
from heedful.common.quota.bucket import Bucket, Grant, Rate

RATE = Rate(per_second=100, burst=1000)
CHUNK = 50


@dataclass
class Store:
    """The bucket that replicas share, without anything between."""

    rate: Rate
    bucket: Bucket = field(init=False)

    def __post_init__(self) -> None:
        self.bucket = Bucket.full(self.rate, 0.0)

    def lease(self, need: Need, now: float) -> Grant:
        self.bucket, grant = self.bucket.take(self.rate, need.needed, need.wanted, now)
        return grant


def spend(allowance: Allowance, store: Store, tokens: int, now: float) -> bool:
    """As `Quota` does it, one at a time."""
    if allowance.spend(tokens, now):
        return True
    need = allowance.need(tokens, now)
    if need is None:
        return False
    allowance.leased(need, store.lease(need, now), now)
    spent = allowance.spend(tokens, now)
    allowance.trim()
    return spent


class Replicas(RuleBasedStateMachine):
    """Several replicas on one bucket, in any order: never more than the quota and a chunk each."""

    @initialize(
        replicas=st.integers(1, 5), per_second=st.floats(0.5, 500), burst=st.integers(1, 2000)
    )
    def start(self, replicas: int, per_second: float, burst: int) -> None:
        self.rate = Rate(per_second, burst)
        self.store = Store(self.rate)
        self.allowances = [Allowance(self.rate, 1.0, 0.0) for _ in range(replicas)]
        self.now = 0.0
        self.spent: list[tuple[float, int]] = []

    @rule(seconds=st.floats(0, 30))
    def wait(self, seconds: float) -> None:
        self.now += seconds

    @rule(which=st.integers(0, 4), tokens=st.integers(1, 2000), times=st.integers(1, 30))
    def ask(self, which: int, tokens: int, times: int) -> None:
        allowance = self.allowances[which % len(self.allowances)]
        for _ in range(times):
            if spend(allowance, self.store, min(tokens, self.rate.burst), self.now):
                self.spent.append((self.now, min(tokens, self.rate.burst)))

    @rule(which=st.integers(0, 4))
    def refill(self, which: int) -> None:
        allowance = self.allowances[which % len(self.allowances)]
        need = allowance.refill(self.now)
        if need is not None:
            allowance.leased(need, self.store.lease(need, self.now), self.now)

    @rule(which=st.integers(0, 4), tokens=st.integers(1, 2000))
    def spend_for_nothing(self, which: int, tokens: int) -> None:
        allowance = self.allowances[which % len(self.allowances)]
        if spend(allowance, self.store, min(tokens, self.rate.burst), self.now):
            allowance.put_back(min(tokens, self.rate.burst))

    @invariant()
    def no_replica_keeps_more_than_a_chunk(self) -> None:
        for allowance in getattr(self, "allowances", ()):
            assert 0 <= allowance.held <= chunk_of(self.rate)

    @invariant()
    def never_more_than_the_quota_and_a_chunk_for_each_replica(self) -> None:
        spent = getattr(self, "spent", [])
        for start in range(len(spent)):
            since = spent[start][0]
            total = sum(tokens for _, tokens in spent[start:])
            most = self.rate.burst + self.rate.per_second * (self.now - since)
            assert total <= most + len(self.allowances) * chunk_of(self.rate) + 1e-3


TestReplicas = Replicas.TestCase


def test_most_requests_ask_nobody() -> None:
    store, asked = Store(RATE), 0
    allowance = Allowance(RATE, 1.0, 0.0)
    for _ in range(200):
        if not allowance.spend(1, 0.0):
            need = allowance.need(1, 0.0)
            assert need is not None
            asked += 1
            allowance.leased(need, store.lease(need, 0.0), 0.0)
            assert allowance.spend(1, 0.0)
    assert asked == 200 // CHUNK


def test_it_asks_ahead_when_half_of_a_chunk_is_spent() -> None:
    allowance = Allowance(RATE, 1.0, 0.0)
    allowance.leased(Need(1, CHUNK), Grant(CHUNK, 500), 0.0)
    assert allowance.refill(0.0) is None
    allowance.spend(CHUNK // 2, 0.0)
    assert allowance.refill(0.0) == Need(1, CHUNK // 2)


def test_a_flood_does_not_become_a_flood_at_the_store() -> None:
    store, asked = Store(RATE), 0
    allowance = Allowance(RATE, 1.0, 0.0)
    for step in range(10_000):
        now = step / 1000
        if not allowance.spend(1, now):
            need = allowance.need(1, now)
            if need is not None:
                asked += 1
                allowance.leased(need, store.lease(need, now), now)
    assert asked <= RATE.burst // CHUNK + 10 * 10 + 1


def test_what_the_store_cannot_have_is_not_asked_for() -> None:
    allowance = Allowance(RATE, 1.0, 0.0)
    allowance.leased(Need(600, 600), Grant(600, 400), 0.0)
    allowance.spend(600, 0.0)
    assert allowance.need(500, 0.5) is None
    assert allowance.wait_seconds(500, 0.5, alone=False) == pytest.approx(0.5)
    assert allowance.need(500, 1.0) == Need(500, 500)


def test_alone_it_gives_its_share_of_the_rate() -> None:
    allowance = Allowance(RATE, 1 / 4, 0.0)
    spent = sum(allowance.spend_alone(1, second / 10) for second in range(100) for _ in range(100))
    assert spent == pytest.approx(RATE.burst / 4 + 10 * RATE.per_second / 4, abs=5)


def test_an_outage_that_comes_and_goes_gives_no_burst_each_time() -> None:
    store, allowance = Store(RATE), Allowance(RATE, 1.0, 0.0)
    spent = 0
    for step in range(100):
        away = step % 2 == 0
        for _ in range(500):
            done = (
                allowance.spend_alone(1, step / 10)
                if away
                else spend(allowance, store, 1, step / 10)
            )
            spent += done
    # The quota once from the store and once from the replica's own bucket.
    assert spent <= 2 * (RATE.burst + 10 * RATE.per_second) + CHUNK


def test_another_rate_holds_at_once() -> None:
    allowance = Allowance(RATE, 1.0, 0.0)
    allowance.leased(Need(1, CHUNK), Grant(CHUNK, 500), 0.0)
    allowance.adjust(Rate(1, 20), 0.0)
    assert (allowance.held, allowance.remaining(0.0, alone=False)) == (1, 20)


@given(st.floats(0.001, 1), st.integers(1, 10))
def test_however_small_its_share_a_replica_gives_something(share: float, burst: int) -> None:
    assert Allowance(Rate(1, burst), share, 0.0).spend_alone(1, 0.0)

"""What one replica holds of one bucket, as a pure state machine: time is passed in.

Tokens are leased from the store in chunks and spent here, so that most requests ask nobody. While
the store is away the replica goes on with a bucket of its own, of its share of the rate.
"""

import math
from dataclasses import dataclass

from heedful.common.quota.bucket import Bucket, Grant, Rate

CHUNKS_PER_BURST = 20
# After a chunk that was not whole the store is nearly empty: a flood must not become a flood there.
_PAUSE_S = 0.1


def chunk_of(rate: Rate) -> int:
    """How many tokens a replica holds at most."""
    return max(1, rate.burst // CHUNKS_PER_BURST)


@dataclass(frozen=True, slots=True)
class Need:
    """What to ask the store for: see `Bucket.take`."""

    needed: int
    wanted: int


class Allowance:
    """Tokens of one bucket on one replica.

    Args:
        share: of the rate, above 0 and up to 1, that this replica gives by itself while the store
            is away.
    """

    def __init__(self, rate: Rate, share: float, now: float) -> None:
        self._share = share
        self._held = 0
        self._store = Bucket.full(rate, now)
        self._paused_until = now
        self.used_at = now
        self.used = False
        self.adjust(rate, now)
        self._alone = Bucket.full(self._alone_rate, now)

    @property
    def rate(self) -> Rate:
        return self._rate

    @property
    def held(self) -> int:
        return self._held

    def adjust(self, rate: Rate, now: float) -> None:
        """Another rate holds from now on."""
        self._rate = rate
        self._chunk = chunk_of(rate)
        self._held = min(self._held, self._chunk)
        self._store = self._store.refilled(rate, now)
        self._alone_rate = Rate(
            rate.per_second * self._share, max(1, math.ceil(rate.burst * self._share))
        )

    def spend(self, tokens: int, now: float) -> bool:
        """Spend what is held; False when that is not enough."""
        self.used_at = now
        self.used = True
        if tokens > self._held:
            return False
        self._held -= tokens
        return True

    def spend_alone(self, tokens: int, now: float) -> bool:
        """The same while the store is away: what is held, then the share."""
        self.used_at = now
        short = tokens - self._held
        if short <= 0:
            self._held -= tokens
            return True
        self._alone, grant = self._alone.take(self._alone_rate, short, short, now)
        if grant.tokens == 0:
            return False
        self._held = 0
        return True

    def put_back(self, tokens: int) -> None:
        """What was spent for nothing, because another bucket was empty. What is more than a chunk
        is lost: a replica never keeps more."""
        self._held += tokens
        self.trim()

    def trim(self) -> None:
        """Keep no more than a chunk of what was leased for a request and not spent on it."""
        self._held = min(self._held, self._chunk)

    def possible(self, tokens: int, now: float) -> bool:
        """Whether so many may be there; False is sure, as far as the store alone gives tokens."""
        return self._there(now, alone=False) >= tokens

    def need(self, tokens: int, now: float) -> Need | None:
        """What to ask the store for so that so many can be spent.

        None when it cannot have them, or has just said that it is nearly empty.
        """
        if now < self._paused_until or not self.possible(tokens, now):
            return None
        short = tokens - self._held
        return Need(short, max(short, self._chunk - self._held))

    def refill(self, now: float) -> Need | None:
        """What to ask for ahead of time, so that the next request need not wait."""
        if self._held > self._chunk // 2 or now < self._paused_until or self._chunk == 1:
            return None
        return Need(1, self._chunk - self._held)

    def leased(self, need: Need, grant: Grant, now: float) -> None:
        """The store has answered."""
        self._held += grant.tokens
        self._store = Bucket(grant.left, now)
        if grant.tokens < need.wanted:
            self._paused_until = now + _PAUSE_S

    def remaining(self, now: float, *, alone: bool) -> int:
        """Tokens that are left, as far as this replica knows.

        Args:
            alone: the store is away.
        """
        return min(self._rate.burst, math.floor(self._there(now, alone)))

    def wait_seconds(self, tokens: int, now: float, *, alone: bool) -> float:
        """After how long so many may be there; an estimate, above zero."""
        rate = self._alone_rate if alone else self._rate
        return max(_PAUSE_S, (tokens - self._there(now, alone)) / rate.per_second)

    def _there(self, now: float, alone: bool) -> float:
        bucket, rate = (self._alone, self._alone_rate) if alone else (self._store, self._rate)
        return self._held + bucket.tokens_at(rate, now)

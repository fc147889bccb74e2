"""Taking from the quotas of a key and its tenant: what routes call."""

import asyncio
import logging
import math
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from heedful.common import metrics
from heedful.common.http.problems import Problem
from heedful.common.quota.allowance import Allowance, Need
from heedful.common.quota.asking import Asking
from heedful.common.quota.bucket import Rate
from heedful.common.quota.fields import Standing, fields
from heedful.common.quota.policy import BucketId, Level, Limit, Override, Spender, Unit
from heedful.common.quota.store import StoreAway, TokenStore
from heedful.common.settings import QuotaSettings

log = logging.getLogger(__name__)

PURGE_EVERY_S = 300.0
_FORGOTTEN_AFTER_S = 600.0
_TRIES = 2


@dataclass(slots=True)
class _Held:
    """One bucket's tokens on this replica; one question to the store at a time."""

    bucket: BucketId
    allowance: Allowance
    asking: asyncio.Lock = field(default_factory=asyncio.Lock)
    beside: bool = False
    """Whether somebody asks for it beside the requests."""


class Quota:
    """The quotas of this process; see docs/security.md.

    Args:
        override: what was set for a tenant.
    """

    def __init__(
        self,
        settings: QuotaSettings,
        store: TokenStore,
        override: Callable[[str], Override],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._defaults = _defaults(settings)
        self._share = 1 / settings.replicas
        self._store = store
        self._override = override
        self._clock = clock
        self._asking = Asking(store, clock)
        self._held: dict[tuple[Level, Unit, str], _Held] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def take(self, spender: Spender, *, requests: int = 0, items: int = 0) -> None:
        """Count a request, or the items of one, against the quotas of the key and of its tenant.

        All or nothing: what one bucket cannot give is taken from none.

        Raises:
            Problem: 429 with Retry-After; 413 when there are more items than any burst allows.
        """
        wanted = [
            (held, tokens)
            for unit, tokens in ((Unit.REQUESTS, requests), (Unit.ITEMS, items))
            if tokens
            for held in self._buckets(spender, unit)
        ]
        now = self._clock()
        for held, tokens in wanted:
            if tokens > held.allowance.rate.burst:
                raise _too_many(held, tokens)
            if not self._asking.away and not held.allowance.possible(tokens, now):
                raise self._refused(spender, held, tokens)
        for done, (held, tokens) in enumerate(wanted):
            if not await self._spend(held, tokens):
                for other, spent in wanted[:done]:
                    other.allowance.put_back(spent)
                raise self._refused(spender, held, tokens)

    def fields(self, spender: Spender) -> dict[str, str]:
        """The `RateLimit` header fields of an answer to this key."""
        now = self._clock()
        return fields([self._standing(held, now) for held in self._known(spender)])

    async def purge(self) -> float:
        """Forget buckets that nobody uses, here and in the store.

        Returns:
            Seconds until there is a next time.
        """
        idle_since = self._clock() - _FORGOTTEN_AFTER_S
        for known, held in list(self._held.items()):
            if held.allowance.used_at < idle_since and not held.beside:
                del self._held[known]
        try:
            await self._store.purge()
        except StoreAway as error:
            log.warning("old buckets were not deleted", extra={"error": str(error)})
        return PURGE_EVERY_S

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._store.close()

    async def _spend(self, held: _Held, tokens: int) -> bool:
        allowance = held.allowance
        if allowance.spend(tokens, self._clock()):
            self._refill(held)
            return True
        if self._asking.away:
            return self._spend_alone(held, tokens)
        async with held.asking:
            for _ in range(_TRIES):
                if allowance.spend(tokens, self._clock()):
                    return True
                need = allowance.need(tokens, self._clock())
                if need is None:
                    return False
                if not await self._lease(held, need):
                    return self._spend_alone(held, tokens)
            spent = allowance.spend(tokens, self._clock())
            allowance.trim()
            return spent

    def _spend_alone(self, held: _Held, tokens: int) -> bool:
        if not held.beside and self._asking.may_ask_again():
            self._beside(held, Need(1, 1))
        return held.allowance.spend_alone(tokens, self._clock())

    async def _lease(self, held: _Held, need: Need) -> bool:
        grant = await self._asking.lease(held.bucket, held.allowance.rate, need)
        if grant is None:
            return False
        held.allowance.leased(need, grant, self._clock())
        return True

    def _refill(self, held: _Held) -> None:
        """Ask ahead, so that a steady sender never waits."""
        if held.beside or self._asking.away:
            return
        need = held.allowance.refill(self._clock())
        if need is not None:
            self._beside(held, need)

    def _beside(self, held: _Held, need: Need) -> None:
        async def ask() -> None:
            try:
                async with held.asking:
                    await self._lease(held, need)
            finally:
                held.beside = False

        held.beside = True
        task = asyncio.create_task(ask(), name=f"quota {held.bucket.policy}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _buckets(self, spender: Spender, unit: Unit) -> Iterator[_Held]:
        for level, owner, given in self._owners(spender):
            limit = given.requests if unit is Unit.REQUESTS else given.items
            rate = (limit or self._defaults[level, unit]).rate
            if rate is not None:
                yield self._bucket(level, unit, owner, rate)

    def _bucket(self, level: Level, unit: Unit, owner: str, rate: Rate) -> _Held:
        now = self._clock()
        held = self._held.get((level, unit, owner))
        if held is None:
            held = _Held(BucketId(level, owner, unit), Allowance(rate, self._share, now))
            self._held[level, unit, owner] = held
        elif held.allowance.rate != rate:
            held.allowance.adjust(rate, now)
        return held

    def _known(self, spender: Spender) -> Iterator[_Held]:
        for unit in Unit:
            for level, owner in ((Level.KEY, spender.key_id), (Level.TENANT, spender.tenant)):
                held = self._held.get((level, unit, owner))
                if held is not None:
                    yield held

    def _owners(self, spender: Spender) -> Sequence[tuple[Level, str, Override]]:
        return (
            (Level.KEY, spender.key_id, spender.quota),
            (Level.TENANT, spender.tenant, self._override(spender.tenant)),
        )

    def _refused(self, spender: Spender, held: _Held, tokens: int) -> Problem:
        metrics.QUOTA_REFUSED.labels(held.bucket.policy).inc()
        now = self._clock()
        wait = held.allowance.wait_seconds(tokens, now, alone=self._asking.away)
        seconds = max(1, math.ceil(wait))
        standings = [
            Standing(one.bucket, one.allowance.rate, 0, seconds)
            if one is held
            else self._standing(one, now)
            for one in self._known(spender)
        ]
        rate, whose = held.allowance.rate, _WHOSE[held.bucket.level]
        return Problem(
            429,
            "quota-exceeded",
            f"{whose} may send {rate.per_second:g} {held.bucket.unit.value} a second and "
            f"{rate.burst} at once; send this again in {seconds} s",
            headers={"Retry-After": str(seconds), **fields(standings)},
            **{"violated-policies": [held.bucket.policy]},
        )

    def _standing(self, held: _Held, now: float) -> Standing:
        rate = held.allowance.rate
        remaining = held.allowance.remaining(now, alone=self._asking.away)
        return Standing(held.bucket, rate, remaining, (rate.burst - remaining) / rate.per_second)


_WHOSE = {Level.KEY: "this API key", Level.TENANT: "this tenant"}


def _too_many(held: _Held, tokens: int) -> Problem:
    unit, burst = held.bucket.unit.value, held.allowance.rate.burst
    return Problem(
        413,
        "too-many",
        f"{_WHOSE[held.bucket.level]} may send {burst} {unit} at once, this is {tokens}; split it",
    )


def _defaults(given: QuotaSettings) -> dict[tuple[Level, Unit], Limit]:
    key, tenant, requests, items = Level.KEY, Level.TENANT, Unit.REQUESTS, Unit.ITEMS
    return {
        (key, requests): Limit(given.key_requests_per_second, given.key_requests_burst),
        (key, items): Limit(given.key_items_per_second, given.key_items_burst),
        (tenant, requests): Limit(given.tenant_requests_per_second, given.tenant_requests_burst),
        (tenant, items): Limit(given.tenant_items_per_second, given.tenant_items_burst),
    }

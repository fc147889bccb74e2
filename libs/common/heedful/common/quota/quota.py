"""Taking from the quotas of a key and its tenant: what routes call."""

import asyncio
import logging
import math
import time
from collections.abc import Callable, Sequence

from heedful.common import metrics
from heedful.common.http.problems import Problem
from heedful.common.quota.allowance import Need
from heedful.common.quota.asking import Asking
from heedful.common.quota.fields import Standing, limits
from heedful.common.quota.policy import Level, Override, Spender
from heedful.common.quota.purse import Held, Purse, Purses
from heedful.common.quota.store import StoreAway, TokenStore
from heedful.common.settings import QuotaSettings

log = logging.getLogger(__name__)

PURGE_EVERY_S = 300.0
_FORGOTTEN_AFTER_S = 600.0
_TRIES = 2
_WHOSE = {Level.KEY: "this API key", Level.TENANT: "this tenant"}


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
        self._purses = Purses(settings, 1 / settings.replicas, override)
        self._store = store
        self._clock = clock
        self._asking = Asking(store, clock)
        self._tasks: set[asyncio.Task[None]] = set()

    async def take(self, spender: Spender, *, requests: int = 0, items: int = 0) -> None:
        """Count a request, or the items of one, against the quotas of the key and of its tenant.

        All or nothing: what one bucket cannot give is taken from none.

        Raises:
            Problem: 429 with Retry-After; 413 when there are more items than any burst allows.
        """
        now = self._clock()
        purse = self._purses.of(spender, now)
        if requests:
            await self._take(purse, purse.requests, requests, now)
        if items:
            await self._take(purse, purse.items, items, now)

    def fields(self, spender: Spender) -> dict[str, str]:
        """The `RateLimit` header fields of an answer to this key; none without a quota."""
        now = self._clock()
        return self._fields(self._purses.of(spender, now), None, now)

    async def purge(self) -> float:
        """Forget buckets that nobody uses, here and in the store.

        Returns:
            Seconds until there is a next time.
        """
        self._purses.forget(self._clock() - _FORGOTTEN_AFTER_S)
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

    async def _take(self, purse: Purse, buckets: Sequence[Held], tokens: int, now: float) -> None:
        for done, held in enumerate(buckets):
            if not held.allowance.spend(tokens, now):
                _put_back(buckets[:done], tokens)
                break
            self._refill(held, now)
        else:
            return
        await self._take_from_store(purse, buckets, tokens, now)

    async def _take_from_store(
        self, purse: Purse, buckets: Sequence[Held], tokens: int, now: float
    ) -> None:
        for held in buckets:
            if tokens > held.allowance.rate.burst:
                raise _too_many(held, tokens)
            if not self._asking.away and not held.allowance.possible(tokens, now):
                raise self._refused(purse, held, tokens)
        for done, held in enumerate(buckets):
            if not await self._spend(held, tokens):
                _put_back(buckets[:done], tokens)
                raise self._refused(purse, held, tokens)

    async def _spend(self, held: Held, tokens: int) -> bool:
        allowance = held.allowance
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

    def _spend_alone(self, held: Held, tokens: int) -> bool:
        if not held.beside and self._asking.may_ask_again():
            self._beside(held, Need(1, 1))
        return held.allowance.spend_alone(tokens, self._clock())

    async def _lease(self, held: Held, need: Need) -> bool:
        grant = await self._asking.lease(held.bucket, held.allowance.rate, need)
        if grant is None:
            return False
        held.allowance.leased(need, grant, self._clock())
        return True

    def _refill(self, held: Held, now: float) -> None:
        """Ask ahead, so that a steady sender never waits."""
        if held.beside or self._asking.away:
            return
        need = held.allowance.refill(now)
        if need is not None:
            self._beside(held, need)

    def _beside(self, held: Held, need: Need) -> None:
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

    def _refused(self, purse: Purse, held: Held, tokens: int) -> Problem:
        policy = held.bucket.policy
        metrics.QUOTA_REFUSED.labels(policy).inc()
        now = self._clock()
        wait = held.allowance.wait_seconds(tokens, now, alone=self._asking.away)
        refusal = Standing(held.bucket, 0, max(1, math.ceil(wait)))
        rate = held.allowance.rate
        return Problem(
            429,
            "quota-exceeded",
            f"{_WHOSE[held.bucket.level]} may send {rate.per_second:g} {held.bucket.unit.value} "
            f"a second and {rate.burst} at once; send this again in {refusal.seconds} s",
            headers={"Retry-After": str(refusal.seconds), **self._fields(purse, refusal, now)},
            **{"violated-policies": [policy]},
        )

    def _fields(self, purse: Purse, refusal: Standing | None, now: float) -> dict[str, str]:
        with_items = purse.sends_items
        policies = purse.policies[with_items]
        if not policies:
            return {}
        shown = (*purse.requests, *purse.items) if with_items else purse.requests
        standings = [
            refusal if refusal and refusal.bucket is held.bucket else self._standing(held, now)
            for held in shown
        ]
        return {"RateLimit-Policy": policies, "RateLimit": limits(standings)}

    def _standing(self, held: Held, now: float) -> Standing:
        rate = held.allowance.rate
        remaining = held.allowance.remaining(now, alone=self._asking.away)
        return Standing(held.bucket, remaining, (rate.burst - remaining) / rate.per_second)


def _put_back(buckets: Sequence[Held], tokens: int) -> None:
    for held in buckets:
        held.allowance.put_back(tokens)


def _too_many(held: Held, tokens: int) -> Problem:
    unit, burst = held.bucket.unit.value, held.allowance.rate.burst
    return Problem(
        413,
        "too-many",
        f"{_WHOSE[held.bucket.level]} may send {burst} {unit} at once, this is {tokens}; split it",
    )

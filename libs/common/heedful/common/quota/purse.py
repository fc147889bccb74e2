"""What one caller spends from: the buckets of its key and of its tenant."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from heedful.common.quota.allowance import Allowance
from heedful.common.quota.bucket import Rate
from heedful.common.quota.fields import policies
from heedful.common.quota.policy import (
    BucketId,
    Level,
    Limit,
    Override,
    Spender,
    Unit,
)
from heedful.common.settings import QuotaSettings


@dataclass(slots=True)
class Held:
    """One bucket's tokens on this replica; one question to the store at a time.

    Attributes:
        beside: whether somebody asks for it beside the requests.
    """

    bucket: BucketId
    allowance: Allowance
    asking: asyncio.Lock = field(default_factory=asyncio.Lock)
    beside: bool = False


@dataclass(frozen=True, slots=True)
class Purse:
    """Where a key's requests and items are taken from, and what was set when it was made.

    Attributes:
        policies: the value of `RateLimit-Policy` for who sends no items, and for who does.
    """

    requests: Sequence[Held]
    items: Sequence[Held]
    of_key: Override
    of_tenant: Override
    policies: tuple[str, str]

    @property
    def sends_items(self) -> bool:
        return any(one.allowance.used for one in self.items)

    def is_still_of(self, of_key: Override, of_tenant: Override) -> bool:
        """Whether what was set is as it was; most often it is the very same."""
        return (self.of_key is of_key or self.of_key == of_key) and (
            self.of_tenant is of_tenant or self.of_tenant == of_tenant
        )


class Purses:
    """The purses of every key that was used lately; keys of one tenant share its buckets.

    Args:
        share: see `Allowance`.
        override: what was set for a tenant.
    """

    def __init__(
        self, settings: QuotaSettings, share: float, override: Callable[[str], Override]
    ) -> None:
        self._defaults = _defaults(settings)
        self._share = share
        self._override = override
        self._held: dict[BucketId, Held] = {}
        self._purses: dict[tuple[str, str], Purse] = {}

    def of(self, spender: Spender, now: float) -> Purse:
        """The purse of a key."""
        owner, of_tenant = (spender.tenant, spender.key_id), self._override(spender.tenant)
        purse = self._purses.get(owner)
        if purse is None or not purse.is_still_of(spender.quota, of_tenant):
            purse = self._make(spender, of_tenant, now)
            self._purses[owner] = purse
        return purse

    def forget(self, idle_since: float) -> None:
        """Drop what nobody has used since. Its tokens are lost, which are a chunk at most."""
        for owner, purse in list(self._purses.items()):
            used_at = [one.allowance.used_at for one in (*purse.requests, *purse.items)]
            if not used_at or max(used_at) < idle_since:
                del self._purses[owner]
        kept = {
            one.bucket for purse in self._purses.values() for one in (*purse.requests, *purse.items)
        }
        self._held = {bucket: held for bucket, held in self._held.items() if bucket in kept}

    def _make(self, spender: Spender, of_tenant: Override, now: float) -> Purse:
        owners = (
            (Level.KEY, spender.key_id, spender.quota),
            (Level.TENANT, spender.tenant, of_tenant),
        )
        requests, items = (
            tuple(
                self._bucket(BucketId(level, owner, unit), rate, now)
                for level, owner, given in owners
                if (rate := self._rate(level, unit, given)) is not None
            )
            for unit in Unit
        )
        shown = _policies(requests), _policies((*requests, *items))
        return Purse(requests, items, spender.quota, of_tenant, shown)

    def _rate(self, level: Level, unit: Unit, given: Override) -> Rate | None:
        limit = given.requests if unit is Unit.REQUESTS else given.items
        return (limit or self._defaults[level, unit]).rate

    def _bucket(self, bucket: BucketId, rate: Rate, now: float) -> Held:
        held = self._held.get(bucket)
        if held is None:
            held = self._held[bucket] = Held(bucket, Allowance(rate, self._share, now))
        elif held.allowance.rate != rate:
            held.allowance.adjust(rate, now)
        return held


def _policies(held: Sequence[Held]) -> str:
    return policies([(one.bucket, one.allowance.rate) for one in held])


def _defaults(given: QuotaSettings) -> dict[tuple[Level, Unit], Limit]:
    key, tenant, requests, items = Level.KEY, Level.TENANT, Unit.REQUESTS, Unit.ITEMS
    return {
        (key, requests): Limit(given.key_requests_per_second, given.key_requests_burst),
        (key, items): Limit(given.key_items_per_second, given.key_items_burst),
        (tenant, requests): Limit(given.tenant_requests_per_second, given.tenant_requests_burst),
        (tenant, items): Limit(given.tenant_items_per_second, given.tenant_items_burst),
    }

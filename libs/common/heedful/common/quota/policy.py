"""Which quotas hold for whom: the defaults of the settings, and what was set for one of them."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from heedful.common.quota.bucket import Rate


class Level(StrEnum):
    """Whose quota it is."""

    KEY = "key"
    TENANT = "tenant"


class Unit(StrEnum):
    """What is counted."""

    REQUESTS = "requests"
    ITEMS = "items"


@dataclass(frozen=True, slots=True)
class Limit:
    """So many a second, and so many at once; `per_second` 0 is no limit."""

    per_second: float
    burst: int

    @property
    def rate(self) -> Rate | None:
        """None without a limit."""
        return Rate(self.per_second, self.burst) if self.per_second > 0 else None


@dataclass(frozen=True, slots=True)
class Override:
    """What was set for one key or one tenant; None stays at the default."""

    requests: Limit | None = None
    items: Limit | None = None


NOTHING_SET = Override()
"""The defaults hold."""


class Spender(Protocol):
    """Who asks: a principal."""

    @property
    def tenant(self) -> str: ...

    @property
    def key_id(self) -> str: ...

    @property
    def quota(self) -> Override: ...


@dataclass(frozen=True, slots=True)
class BucketId:
    """One bucket: of this key or tenant, for this unit.

    Attributes:
        policy: its name in the `RateLimit` fields.
    """

    level: Level
    owner: str
    unit: Unit
    policy: str = field(init=False, compare=False)

    def __post_init__(self) -> None:
        # It is asked for with every answer.
        object.__setattr__(self, "policy", f"{self.level.value}-{self.unit.value}")

    @property
    def name(self) -> str:
        """Its name in a store."""
        return f"{self.policy}:{self.owner}"

"""A connection: a tenant's configured channel with its secrets."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from heedful.ingest.channels import ChannelRequest, Configured, Fetches, Unverified
from heedful.ingest.channels.registry import AnyAdapter

_ID_BYTES = 16


@dataclass(frozen=True, slots=True)
class Connection:
    """One configured channel, its secrets opened.

    Attributes:
        secrets: those that prove a request; during a rotation the previous ones as well.
        previous_until: how long those count.
        backfill: everything that comes in is history.
    """

    id: str
    tenant: str
    name: str
    adapter: AnyAdapter
    options: Configured
    secrets: Configured
    previous: Configured | None
    previous_until: datetime | None
    touchpoint: str | None
    department: str | None
    backfill: bool
    enabled: bool
    created_at: datetime
    updated_at: datetime

    @property
    def source(self) -> str:
        """The source of all its items."""
        return f"{self.adapter.name}:{self.id}"

    def is_history(self, occurred_at: datetime | None) -> bool:
        """Whether what was said then calls nobody: all of it, where that is configured; else, of a
        channel that is asked, what was said before it was connected. The first look goes back by
        days, and somebody has answered that elsewhere."""
        before = occurred_at is not None and occurred_at < self.created_at
        return self.backfill or (before and isinstance(self.adapter, Fetches))

    def proving(self, now: datetime) -> Sequence[Any]:
        """The secrets that count at this time, the newest first."""
        if self.previous is None or self.previous_until is None or self.previous_until <= now:
            return (self.secrets,)
        return (self.secrets, self.previous)

    def verify(self, request: ChannelRequest) -> ChannelRequest:
        """The request as the vendor meant it.

        Raises:
            Unverified, Malformed: none of the secrets proves it.
        """
        *others, last = self.proving(request.received_at)
        for one in others:
            try:
                return self.adapter.verify(request, one)
            except Unverified:
                continue
        return self.adapter.verify(request, last)


def new_id() -> str:
    """Unguessable: it is part of a URL that carries no API key."""
    return f"cn-{secrets.token_hex(_ID_BYTES)}"


def context_of(connection_id: str) -> str:
    """What binds sealed secrets to their connection."""
    return f"connection:{connection_id}"

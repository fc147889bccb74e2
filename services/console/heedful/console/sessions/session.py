"""A session. Pure; the time is passed in."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from heedful.common.security.roles import Role
from heedful.console.signing import Acting

_TOKEN_BYTES: Final = 32


@dataclass(frozen=True, slots=True)
class Session:
    """Somebody has signed in.

    Attributes:
        csrf: stands in every form; another site cannot know it.
        ends_at: at the latest; sooner when nobody uses it.
    """

    tenant: str
    person: str
    name: str
    role: Role
    csrf: str
    provider: str
    started_at: datetime
    seen_at: datetime
    ends_at: datetime

    @property
    def acting(self) -> Acting:
        return Acting(self.tenant, self.person, self.role)

    def holds(self, now: datetime, idle: timedelta) -> bool:
        """Whether it still counts."""
        return now < self.ends_at and now < self.seen_at + idle


def new_token() -> str:
    """For the cookie: 256 random bits."""
    return secrets.token_urlsafe(_TOKEN_BYTES)


def kept_as(token: str) -> bytes:
    """How the table knows a cookie."""
    return hashlib.sha256(token.encode()).digest()

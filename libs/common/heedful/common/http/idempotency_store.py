"""What was answered under each `Idempotency-Key`: table `common.idempotency`.

Answers are kept sealed: one may hold a secret that is shown once.
"""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from heedful.common.errors import ConfigurationError
from heedful.common.http.problems import Problem, unavailable
from heedful.common.security.secrets import SecretBox

log = logging.getLogger(__name__)

PURGE_EVERY_S = 600.0
_PURGE_AGAIN_S = 60.0
_PURGED_AT_ONCE = 1000
_KEPT_FOR = timedelta(days=2)
_ABANDONED_AFTER = timedelta(seconds=60)
_SERVER_ERROR = 500
# Of one who may not, of a body that did not come in time, of a quota that was used up.
_NOT_ABOUT_THE_REQUEST = frozenset({401, 403, 408, 429})
_MINE = "WHERE tenant = :owner AND route = :route AND key = :key"

_FREE = text(
    f"DELETE FROM common.idempotency {_MINE} AND (created_at < :expired"  # noqa: S608  # constant
    " OR status IS NULL AND created_at < :abandoned)"
)
_CLAIM = text(
    "INSERT INTO common.idempotency (tenant, route, key, body_digest, created_at)"
    " VALUES (:owner, :route, :key, :digest, :now) ON CONFLICT DO NOTHING RETURNING 1"
)
_FIND = text(f"SELECT body_digest, status, body FROM common.idempotency {_MINE}")  # noqa: S608
_FORGET = text(f"DELETE FROM common.idempotency {_MINE}")  # noqa: S608
_KEEP = text(f"UPDATE common.idempotency SET status = :status, body = :body {_MINE}")  # noqa: S608
# What another process purges, or claims anew at this moment, is left to it.
_PURGE = text(
    "DELETE FROM common.idempotency WHERE (tenant, route, key) IN ("
    " SELECT tenant, route, key FROM common.idempotency WHERE created_at < :expired"
    " LIMIT :at_once FOR UPDATE SKIP LOCKED)"
)


@dataclass(frozen=True, slots=True)
class Claim:
    """Whose key it is, for what, and the digest of what was asked."""

    owner: str
    route: str
    key: str
    digest: bytes

    @property
    def row(self) -> dict[str, str]:
        return {"owner": self.owner, "route": self.route, "key": self.key}

    @property
    def context(self) -> str:
        return f"idempotency:{self.owner}:{self.route}:{self.key}"


@dataclass(frozen=True, slots=True)
class Answer:
    """What is remembered of an answer."""

    status: int
    media: bytes
    body: bytes

    @property
    def remembered(self) -> bool:
        return self.status < _SERVER_ERROR and self.status not in _NOT_ABOUT_THE_REQUEST


class AnswerStore:
    """Claims keys, keeps their answers for two days, and forgets them after that."""

    def __init__(self, engine: AsyncEngine, secrets: SecretBox) -> None:
        self._engine = engine
        self._secrets = secrets

    async def take(self, claim: Claim) -> Answer | None:
        """Claim the key, or give the answer that it already has.

        Raises:
            Problem: the key was used with another body, its first request is under way, its
                answer does not open any more, or the database does not answer.
        """
        now = datetime.now(UTC)
        values = {**claim.row, "digest": claim.digest, "now": now}
        async with _begin(self._engine) as connection:
            await connection.execute(
                _FREE,
                {**claim.row, "expired": now - _KEPT_FOR, "abandoned": now - _ABANDONED_AFTER},
            )
            claimed = await connection.execute(_CLAIM, values)
            if claimed.first() is not None:
                return None
            found = (await connection.execute(_FIND, claim.row)).first()
        if found is None:
            raise unavailable("the first request with this Idempotency-Key just failed")
        if bytes(found.body_digest) != claim.digest:
            raise Problem(
                422,
                "idempotency-key-reused",
                "this Idempotency-Key was used with another body; give a new request a new key",
            )
        if found.status is None:
            raise Problem(
                409,
                "in-progress",
                "the first request with this Idempotency-Key is under way; send it again later",
            )
        return self._opened(claim, found.status, bytes(found.body))

    async def finish(self, claim: Claim, answer: Answer | None) -> None:
        """Keep the answer, or free the key. Without a database it frees itself after a minute."""
        try:
            async with _begin(self._engine) as connection:
                if answer is None or not answer.remembered:
                    await connection.execute(_FORGET, claim.row)
                    return
                sealed = self._secrets.seal(answer.media + b"\n" + answer.body, claim.context)
                await connection.execute(
                    _KEEP, {**claim.row, "status": answer.status, "body": sealed}
                )
        except Problem:
            log.warning("an answer was not remembered under its Idempotency-Key")

    async def purge(self) -> float:
        """Delete what is older than two days, a thousand rows at a time.

        Returns:
            Seconds until there is a next time.
        """
        expired = datetime.now(UTC) - _KEPT_FOR
        try:
            while await self._purge_some(expired) == _PURGED_AT_ONCE:
                pass
        except Problem:
            log.warning("old answers under an Idempotency-Key were not deleted; again in a minute")
            return _PURGE_AGAIN_S
        return PURGE_EVERY_S

    async def _purge_some(self, expired: datetime) -> int:
        async with _begin(self._engine) as connection:
            done = await connection.execute(
                _PURGE, {"expired": expired, "at_once": _PURGED_AT_ONCE}
            )
            return done.rowcount

    def _opened(self, claim: Claim, status: int, sealed: bytes) -> Answer:
        try:
            media, _, body = self._secrets.open(sealed, claim.context).partition(b"\n")
        except ConfigurationError as error:
            raise Problem(
                409,
                "answer-lost",
                "the first request with this Idempotency-Key was done, but its answer cannot be "
                "read any more; do not send it again",
            ) from error
        return Answer(status, media, body)


@asynccontextmanager
async def _begin(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    try:
        async with engine.begin() as connection:
            yield connection
    except (DBAPIError, PoolTimeoutError, OSError) as error:
        raise unavailable("a server behind this one does not answer; send it again") from error

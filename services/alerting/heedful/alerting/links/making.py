"""Makes links for messages."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from heedful.alerting.links import store
from heedful.alerting.links.link import PATH, LinkAction, Wanted, digest, new_token


class Links:
    """Makes links.

    Args:
        public_url: where people reach alerting; None: nobody could follow a link, so none is made.
        life: how long a link can be used.
    """

    def __init__(self, public_url: str | None, life: timedelta) -> None:
        self._base = None if public_url is None else public_url.rstrip("/") + PATH
        self._life = life

    async def make(
        self,
        connection: AsyncConnection,
        now: datetime,
        *,
        tenant: str,
        case_id: str,
        member_id: str,
        action: LinkAction,
    ) -> str | None:
        """The URL of a new link; None where none can be made: no public URL, no such member.

        The token is in the URL and nowhere else: a link that is lost cannot be shown again.
        """
        (url,) = await self.make_all(connection, now, [Wanted(tenant, case_id, member_id, action)])
        return url

    async def make_all(
        self, connection: AsyncConnection, now: datetime, wanted: Sequence[Wanted]
    ) -> list[str | None]:
        """As `make`, in one statement: a URL for each, in their order."""
        if self._base is None or not wanted:
            return [None] * len(wanted)
        tokens = [new_token() for _ in wanted]
        by_digest = dict(zip(map(digest, tokens), wanted, strict=True))
        made = await store.insert(connection, now, now + self._life, by_digest)
        return [self._base + token if digest(token) in made else None for token in tokens]

"""Makes links for messages."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from heedful.alerting.links import store
from heedful.alerting.links.link import (
    PATH,
    SAMPLE,
    LinkAction,
    PersonalLink,
    Wanted,
    digest,
    new_token,
)

_SOMEBODY: Final = "示例 Sample"


class Links:
    """Makes links.

    Args:
        public_url: where people reach alerting; None: nobody could follow a link, so none is made.
        life: how long a link can be used.
    """

    def __init__(self, public_url: str | None, life: timedelta) -> None:
        self._base = None if public_url is None else public_url.rstrip("/") + PATH
        self._life = life

    @property
    def possible(self) -> bool:
        """Whether anybody could follow a link."""
        return self._base is not None

    def expiry(self, now: datetime) -> datetime:
        """Until when a link that is made now can be used."""
        return now + self._life

    def samples(self) -> tuple[PersonalLink, ...]:
        """What previews and tests show: links that do nothing, of nobody."""
        if self._base is None:
            return ()
        return tuple(PersonalLink(_SOMEBODY, one, self._base + SAMPLE) for one in LinkAction)

    async def make_all(
        self, connection: AsyncConnection, now: datetime, wanted: Sequence[Wanted]
    ) -> list[str | None]:
        """The URL of a new link for each, in their order; None where none can be made: no public
        URL, no such member.

        The token is in the URL and nowhere else: a link that is lost cannot be shown again.
        """
        if self._base is None or not wanted:
            return [None] * len(wanted)
        tokens = [new_token() for _ in wanted]
        by_digest = dict(zip(map(digest, tokens), wanted, strict=True))
        made = await store.insert(connection, now, self.expiry(now), by_digest)
        return [self._base + token if digest(token) in made else None for token in tokens]

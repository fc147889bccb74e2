"""The links that messages carry: made for the first try, and the same on every later one."""

import logging
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

import orjson

from heedful.alerting import store_cases
from heedful.alerting.composing import Told
from heedful.alerting.database import Database
from heedful.alerting.delivery_records import Account, Task
from heedful.alerting.endpoint_kinds import ActionLinks
from heedful.alerting.links import store
from heedful.alerting.links.link import LinkAction, PersonalLink, Wanted
from heedful.alerting.links.making import Links
from heedful.alerting.links.offering import addressed, offered
from heedful.alerting.people import store as members
from heedful.alerting.recipients import Mention
from heedful.alerting.webhook import ALARMS, EventType
from heedful.common.errors import ConfigurationError
from heedful.common.security.secrets import SecretBox

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Kept:
    """The links of a delivery, as long as they can be used."""

    expires_at: datetime
    links: tuple[PersonalLink, ...]


class CarriedLinks:
    """Finds the links of a message, or makes them.

    They are made in a transaction of their own: a link holds a key of its case, and whoever has
    locked a case may wait for its deliveries.
    """

    def __init__(self, database: Database, secrets: SecretBox, links: Links) -> None:
        self._database = database
        self._secrets = secrets
        self._links = links

    async def of(
        self, task: Task, account: Account, told: Told, now: datetime
    ) -> Sequence[PersonalLink]:
        """The links of a message that tells one notice. Those that have expired are made anew."""
        if told.type is EventType.TEST:
            return self._links.samples() if account.action_links is ActionLinks.MENTIONED else ()
        if told.type not in ALARMS or not self._links.possible:
            return ()
        whose = addressed(account.kind, account.url, account.action_links, task.mentions)
        if not whose:
            return ()
        kept = self._opened(task)
        if kept is not None and now < kept.expires_at:
            return kept.links
        return await self._made(task, account, whose)

    async def _made(
        self, task: Task, account: Account, whose: Sequence[Mention]
    ) -> Sequence[PersonalLink]:
        async with self._database.begin() as (connection, now):
            if account.action_links is None:
                shared = await members.sharing_address(connection, task.tenant, whose)
                whose = [one for one in whose if one.member_id not in shared]
            stored = (await store_cases.read_cases(connection, [task.case_id])).get(task.case_id)
            wanted = [
                (one.name, Wanted(task.tenant, task.case_id, one.member_id, action))
                for one in whose
                if stored is not None and stored.tenant == task.tenant
                for action in offered(stored.case, one.member_id)
            ]
            urls = await self._links.make_all(connection, now, [link for _, link in wanted])
            links = tuple(
                PersonalLink(name, link.action, url)
                for (name, link), url in zip(wanted, urls, strict=True)
                if url is not None
            )
            kept = _Kept(self._links.expiry(now), links)
            ours = await store.carry(connection, task, self._sealed(task, kept))
        return links if ours else ()

    def _sealed(self, task: Task, kept: _Kept) -> bytes:
        return self._secrets.seal(orjson.dumps(asdict(kept)), _context(task))

    def _opened(self, task: Task) -> _Kept | None:
        if task.links is None:
            return None
        try:
            found = orjson.loads(self._secrets.open(task.links, _context(task)))
        except ConfigurationError as error:
            log.warning("links are made anew", extra={"delivery": task.id, "error": str(error)})
            return None
        links = tuple(
            PersonalLink(one["member_name"], LinkAction(one["action"]), one["url"])
            for one in found["links"]
        )
        return _Kept(datetime.fromisoformat(found["expires_at"]), links)


def _context(task: Task) -> str:
    return f"delivery-links:{task.id}"

"""Which 客服账号 is asked next, and from where: `kf/sync_msg` has a cursor for each account.

The accounts are asked in rounds, one page at a time. One that is refused by itself (deleted, taken
from the app) is put aside for a while, in memory: it shows as a failure of the connection, and the
others are read meanwhile, before their three days are over.
"""

from datetime import datetime, timedelta

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from heedful.ingest.channels import Line, Malformed, VendorFailure
from heedful.ingest.channels.wecom_api import Credentials, WecomApi

MAX_ACCOUNTS = 500

_LIST = "/cgi-bin/kf/account/list"
_LIST_PAGE = 100
_ASIDE = timedelta(minutes=10)


class Progress(BaseModel):
    """The cursor of a connection.

    Attributes:
        reached: the last `next_cursor` of each account.
        waiting: the accounts still to be asked in this round, the next one first.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    reached: dict[str, str] = Field(default_factory=dict)
    waiting: tuple[str, ...] = ()

    @classmethod
    def read(cls, cursor: str | None) -> "Progress":
        """Raises VendorFailure when it was written by something else."""
        if cursor is None:
            return cls()
        try:
            return cls.model_validate_json(cursor)
        except ValidationError as error:
            raise VendorFailure("the kept cursor is not one of this channel") from error

    def first(self, account: str) -> "Progress":
        """The account that was rung for goes before the others, if it is one of them."""
        if account not in self.waiting:
            return self
        others = tuple(one for one in self.waiting if one != account)
        return Progress(reached=self.reached, waiting=(account, *others))

    def after(self, account: str, end: str | None, *, unread: bool) -> "Progress":
        """When the first one was asked.

        Args:
            unread: `has_more`. It may be set beside an empty list, says the page; so a page that
                did not move the cursor is the last of its account, or it would come for ever.
        """
        moved = end is not None and end != self.reached.get(account)
        return Progress(
            reached=self.reached | ({account: end} if end is not None else {}),
            waiting=self.waiting if unread and moved else self.waiting[1:],
        )


class Accounts:
    """Knows the accounts of each connection, and which of them are aside."""

    def __init__(self, api: WecomApi) -> None:
        self._api = api
        self._aside: dict[tuple[str, str], datetime] = {}

    async def to_ask(
        self,
        line: Line,
        credentials: Credentials,
        named: tuple[str, ...],
        progress: Progress,
        now: datetime,
    ) -> Progress:
        """The round that goes on, or a new one; at least one account waits.

        Args:
            named: the accounts to read; empty for those that the app may manage.

        Raises:
            VendorFailure: they cannot be looked up, or there are none.
        """
        waiting = self._ready(line, progress.waiting, now)
        if waiting:
            return Progress(reached=progress.reached, waiting=waiting)
        every = named or await self._managed(line, credentials, now)
        return Progress(
            reached={name: end for name, end in progress.reached.items() if name in every},
            # When all are aside they are asked all the same: a failure must not look like silence.
            waiting=self._ready(line, every, now) or every,
        )

    def put_aside(self, line: Line, account: str, now: datetime) -> None:
        self._aside = {one: until for one, until in self._aside.items() if now < until}
        self._aside[line.connection_id, account] = now + _ASIDE

    def _ready(self, line: Line, accounts: tuple[str, ...], now: datetime) -> tuple[str, ...]:
        return tuple(
            one for one in accounts if self._aside.get((line.connection_id, one), now) <= now
        )

    async def _managed(
        self, line: Line, credentials: Credentials, now: datetime
    ) -> tuple[str, ...]:
        """Those whose messages the app may read."""
        found: list[str] = []
        for offset in range(0, MAX_ACCOUNTS, _LIST_PAGE):
            asked = {"offset": offset, "limit": _LIST_PAGE}
            answer = await self._api.ask(line, credentials, _LIST, asked, now)
            try:
                listed = answer.at("account_list").each()
                for one in listed:
                    identity = one.at("open_kfid")
                    if one.at("manage_privilege").flag() is not False:
                        found.append(str(identity.needed(identity.text()).value))
            except Malformed as error:
                raise VendorFailure(f"{_LIST} was answered in another shape: {error}") from error
            if len(listed) < _LIST_PAGE:
                break
        else:
            raise VendorFailure(
                f"the app manages {MAX_ACCOUNTS} accounts or more: name them in open_kfids,"
                " shared out among several connections"
            )
        if not found:
            raise VendorFailure(
                "the app may manage no account: choose them under 通过API管理微信客服账号"
            )
        return tuple(found)

"""One look into a mailbox: what waits is fetched and read, in a worker thread, within a time."""

import asyncio
import time
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass
from datetime import datetime

from heedful.ingest.channels import Draft, Failed, VendorFailure
from heedful.ingest.channels.imap_connection import Access, TooLarge
from heedful.ingest.channels.imap_cursor import Cursor, begun
from heedful.ingest.channels.imap_mailbox import Listed, Mailbox
from heedful.ingest.mail import MailOptions, drafts

# A batch ends early, so that what was read is kept before the time runs out.
_ENOUGH_S = 12.0
_PAGE_BYTES = 32 * 1024 * 1024
_ENDING_S = 5.0
_TRIES = 3


@dataclass(frozen=True, slots=True)
class Plan:
    """What is looked for.

    Attributes:
        skipped: UID of a mail that is given up.
        mail: how mails are read.
    """

    access: Access
    folder: str
    begin: Cursor | None
    now: datetime
    days_back: int
    batch: int
    max_mail_bytes: int
    mark_seen: bool
    skipped: int | None
    mail: MailOptions


class Reading:
    """One look.

    Attributes:
        items: what was read so far.
        cursor: where it stands after them; None before the folder is open.
        under_way: UID of the mail that is being fetched.
        more: something waits still.
    """

    def __init__(self, mailbox: Mailbox, plan: Plan) -> None:
        self._mailbox = mailbox
        self._plan = plan
        self.items: list[Draft | Failed] = []
        self.cursor: Cursor | None = None
        self._begun: Cursor | None = None
        self.under_way: int | None = None
        self.more = True

    @property
    def progressed(self) -> bool:
        """Mails were read, or found to be none of ours."""
        return self.cursor != self._begun

    def run(self) -> None:
        """Look, and read a batch; blocks.

        Raises:
            VendorFailure: the server did something wrong; what was read before stays read.
        """
        plan = self._plan
        try:
            self._mailbox.open(plan.access)
            folder = self._mailbox.select(plan.folder, read_only=not plan.mark_seen)
            self._begun = begun(plan.begin, folder.validity, plan.now, plan.days_back)
            self.cursor = self._begun
            waiting = self._mailbox.waiting(self.cursor.uid, self.cursor.since)
            batch = waiting[: plan.batch]
            if self._all_read(batch) and len(batch) == len(waiting):
                self.cursor = self.cursor.at_end(folder.next_uid)
                self.more = False
        finally:
            self._mailbox.close()

    def abort(self) -> None:
        self._mailbox.abort()

    def _all_read(self, batch: Sequence[int]) -> bool:
        if not batch:
            return True
        began, taken, complete = time.monotonic(), 0, True
        read: list[int] = []
        for one in self._mailbox.listed(batch):
            taken += one.size
            full = taken > _PAGE_BYTES or time.monotonic() - began > _ENOUGH_S
            if read and full:
                complete = False
                break
            if not self._read(one):
                return False
            read.append(one.uid)
        if self._plan.mark_seen and read:
            self._mailbox.mark_read(read)
        return complete

    def _read(self, one: Listed) -> bool:
        """False when the connection is of no use afterwards."""
        self.under_way = one.uid
        usable = True
        try:
            items = self._items(one)
        except TooLarge:
            usable = False
            items = [Failed(b"", self._too_large(one, "more bytes than the server says"))]
        # In this order: a reader of both sees no cursor that is past an item it does not see.
        self.items += items
        self.cursor = self._at(one)
        self.under_way = None
        return usable

    def _items(self, one: Listed) -> Sequence[Draft | Failed]:
        if one.uid == self._plan.skipped:
            detail = f"the mail with UID {one.uid} could not be fetched in time, {_TRIES} times"
            return [Failed(b"", detail)]
        if one.size > self._plan.max_mail_bytes:
            head = self._mailbox.head(one.uid) or b""
            return [Failed(head, self._too_large(one, f"{one.size} bytes"))]
        raw = self._mailbox.mail(one.uid)
        return () if raw is None else drafts(raw, self._plan.mail)

    def _too_large(self, one: Listed, size: str) -> str:
        limit = self._plan.max_mail_bytes
        return f"the mail with UID {one.uid} has {size}; max_mail_bytes is {limit}"

    def _at(self, one: Listed) -> Cursor | None:
        return None if self.cursor is None else self.cursor.past(one.uid, one.arrived)


async def until(reading: Reading, enough: Coroutine[None, None, object]) -> VendorFailure | None:
    """Run it in a thread, until `enough` returns at the latest; why it ended early, or None."""
    work = asyncio.create_task(asyncio.to_thread(reading.run))
    work.add_done_callback(lambda done: None if done.cancelled() else done.exception())
    clock = asyncio.create_task(enough)
    try:
        await asyncio.wait({work, clock}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        clock.cancel()
        if not work.done():
            reading.abort()
    await asyncio.wait({work}, timeout=_ENDING_S)
    if not work.done():
        raise VendorFailure("the mail server did not answer in time, and its line does not end")
    error = work.exception()
    if error is None or isinstance(error, VendorFailure):
        return error
    raise error


class Stuck:
    """Mails that cannot be fetched in time, so that one does not hold up all after it."""

    def __init__(self) -> None:
        self._tries: dict[str, tuple[int, int]] = {}

    def note(self, connection_id: str, under_way: int | None) -> None:
        """What was being fetched when a look ended."""
        uid, tries = self._tries.pop(connection_id, (None, 0))
        if under_way is not None:
            self._tries[connection_id] = (under_way, tries + 1 if uid == under_way else 1)

    def given_up(self, connection_id: str) -> int | None:
        uid, tries = self._tries.get(connection_id, (None, 0))
        return uid if tries >= _TRIES else None

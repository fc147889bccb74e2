"""Whatever happens to a folder and its server, each mail is read, and the cursor only goes on."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from heedful.ingest.channels import Draft, VendorFailure
from heedful.ingest.channels.imap_connection import Access, Server
from heedful.ingest.channels.imap_cursor import Cursor, begun
from heedful.ingest.channels.imap_mailbox import Folder, Listed, Mailbox
from heedful.ingest.channels.imap_reading import Plan, Reading
from heedful.ingest.mail import MailOptions

NOW = datetime(2026, 11, 24, 8, 15, tzinfo=UTC)
BATCH = 3


class Shelf(Mailbox):
    """A folder in memory, whose server breaks off after so many commands."""

    def __init__(self) -> None:
        super().__init__(Server("h", 993, "tls", None, allow_private=False), 10_000)
        self.validity = 1
        self.next_uid = 1
        self.mails: dict[int, tuple[str, date]] = {}
        self.patience = 10_000

    def put(self, name: str, arrived: date) -> None:
        self.mails[self.next_uid] = (name, arrived)
        self.next_uid += 1

    def rebuild(self) -> None:
        """Restored from a backup, or moved to another server: the same mails under other UIDs."""
        kept = list(self.mails.values())
        self.validity += 1
        self.mails, self.next_uid = {}, 1
        for name, arrived in reversed(kept):
            self.put(name, arrived)

    def open(self, access: Access) -> None:
        self._command()

    def select(self, folder: str, *, read_only: bool) -> Folder:
        self._command()
        return Folder(self.validity, self.next_uid)

    def waiting(self, after: int, since: date | None) -> Sequence[int]:
        self._command()
        return [
            uid
            for uid, (_, arrived) in sorted(self.mails.items())
            if uid > after and (since is None or arrived >= since)
        ]

    def listed(self, uids: Sequence[int]) -> Sequence[Listed]:
        self._command()
        return [Listed(uid, 100, self.mails[uid][1]) for uid in uids if uid in self.mails]

    def mail(self, uid: int) -> bytes | None:
        self._command()
        name = self.mails[uid][0]
        return f"From: a@b.example\r\nMessage-ID: <{name}>\r\n\r\nx".encode()

    def close(self) -> None:
        pass

    def _command(self) -> None:
        self.patience -= 1
        if self.patience < 0:
            raise VendorFailure("broken off")


class AMailbox(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.shelf = Shelf()
        self.cursor: str | None = None
        self.today = NOW.date()
        self.due: set[str] = set()
        self.read: set[str] = set()
        self.count = 0

    @rule()
    def a_mail_comes(self) -> None:
        self.count += 1
        self.shelf.put(f"m{self.count}", self.today)
        self.due.add(f"m{self.count}")

    @rule()
    def a_day_passes(self) -> None:
        self.today += timedelta(days=1)

    @precondition(lambda self: self.shelf.mails)
    @rule(data=st.data())
    def a_mail_is_deleted(self, data: st.DataObject) -> None:
        uid = data.draw(st.sampled_from(sorted(self.shelf.mails)))
        self.due.discard(self.shelf.mails.pop(uid)[0])

    @rule()
    def the_folder_is_rebuilt(self) -> None:
        self.shelf.rebuild()

    @rule(patience=st.integers(0, 8))
    def a_look_breaks_off(self, patience: int) -> None:
        self._look(patience)

    @rule()
    def all_is_read(self) -> None:
        while self._look(10_000):
            pass
        assert self.due <= self.read

    @invariant()
    def the_cursor_can_be_kept(self) -> None:
        known = Cursor.read(self.cursor)
        assert known is None or Cursor.read(known.write()) == known

    def _look(self, patience: int) -> bool:
        """As the adapter does: what was read is kept, with the cursor after it."""
        self.shelf.patience = patience
        now = datetime.combine(self.today, NOW.timetz())
        plan = Plan(
            access=Access("u", password="p"), folder="INBOX", begin=Cursor.read(self.cursor),
            now=now, days_back=3650, batch=BATCH, max_mail_bytes=10_000, mark_seen=False,
            skipped=None, mail=MailOptions(),
        )  # fmt: skip
        reading = Reading(self.shelf, plan)
        try:
            reading.run()
        except VendorFailure:
            if not reading.progressed:
                return False
        ids = [str(item.values["id"]) for item in reading.items if isinstance(item, Draft)]
        self.read |= set(ids)
        if reading.cursor is not None:
            self.cursor = reading.cursor.write()
        return reading.more


TestAMailbox = AMailbox.TestCase
TestAMailbox.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)


def test_a_new_uidvalidity_goes_back_one_day() -> None:
    known = Cursor(validity=1, uid=90, since=None, seen=date(2026, 11, 20))
    assert begun(known, 1, NOW, days_back=5) == known
    assert begun(known, 2, NOW, days_back=5) == Cursor(2, 0, date(2026, 11, 19), known.seen)
    unfinished = Cursor(validity=1, uid=90, since=date(2026, 11, 2), seen=date(2026, 11, 20))
    assert begun(unfinished, 2, NOW, days_back=5).since == date(2026, 11, 2)
    assert begun(None, 2, NOW, days_back=5) == Cursor(2, 0, date(2026, 11, 19), date(2026, 11, 19))

"""https://www.rfc-editor.org/rfc/rfc3501 and rfc9051: a mailbox is read to its end, once."""

from datetime import UTC, datetime, timedelta

import pytest

from heedful.ingest.channels import Failed, Unverified
from heedful.ingest.channels.imap import Imap, Options, Secrets
from tests.contract.channels.harness import NOW, request
from tests.contract.channels.imap.server import Folder, MailServer
from tests.contract.channels.imap.world import asking, mail


def filled(*numbers: int, arrived: datetime = NOW) -> MailServer:
    server = MailServer()
    for number in numbers:
        server.inbox.put(mail(number), arrived)
    return server


async def test_a_mailbox_is_read_in_batches_and_each_mail_once() -> None:
    server = filled(*range(1, 8))
    async with asking(server, batch=3) as asked:
        first = await asked.page()
        assert (len(first.items), first.more) == (3, True)
        assert len(await asked.all()) == 4
        assert await asked.all() == []
        server.inbox.put(mail(8), NOW)
        assert await asked.all() == ["m8"]
    assert [item.values["id"] for item in asked.items if not isinstance(item, Failed)] == [
        f"m{number}@mail.example" for number in range(1, 9)
    ]


async def test_mails_stay_unread_unless_told_otherwise() -> None:
    server = filled(1, 2)
    async with asking(server) as asked:
        await asked.all()
        assert server.times("SELECT") == server.times("STORE") == 0
        assert not any(stored.seen for stored in server.inbox.mails.values())
        await asked.again(mark_seen=True).all()  # nothing new: nothing is marked
        server.inbox.put(mail(3), NOW)
        await asked.again(mark_seen=True).all()
    assert [stored.seen for stored in server.inbox.mails.values()] == [False, False, True]


async def test_reading_goes_on_in_another_process() -> None:
    server = filled(*range(1, 6))
    async with asking(server, batch=2) as asked:
        await asked.page()
        assert await asked.again().all() == ["m3", "m4", "m5"]


async def test_only_the_last_days_are_read_at_first_and_everything_later() -> None:
    server = MailServer()
    server.inbox.put(mail(1), NOW - timedelta(days=30))
    server.inbox.put(mail(2), NOW - timedelta(hours=20))
    async with asking(server, days_back=1) as asked:
        assert await asked.all() == ["m2"]
        server.inbox.put(mail(3), NOW - timedelta(days=40))  # moved here from elsewhere
        assert await asked.all() == ["m3"]
        assert await asked.again().all() == []


async def test_an_empty_folder_begins_at_its_next_uid() -> None:
    server = MailServer(folders={"INBOX": Folder(next_uid=900)})
    async with asking(server) as asked:
        assert await asked.all() == []
        server.inbox.put(mail(1), NOW - timedelta(days=90))
        assert await asked.all() == ["m1"]


async def test_a_new_uidvalidity_goes_on_by_days_and_ids_make_it_one_item() -> None:
    server = MailServer()
    server.inbox.put(mail(1), NOW - timedelta(days=9))
    server.inbox.put(mail(2), NOW)
    async with asking(server, days_back=30) as asked:
        assert await asked.all() == ["m1", "m2"]
        # The folder is rebuilt: other UIDs, and a mail came in meanwhile.
        server.folders["INBOX"] = Folder(validity=2)
        server.inbox.put(mail(1), NOW - timedelta(days=9), uid=51)
        server.inbox.put(mail(2), NOW, uid=52)
        server.inbox.put(mail(3), NOW + timedelta(days=3), uid=53)
        assert await asked.all(NOW + timedelta(days=3)) == ["m2", "m3"]
        server.inbox.put(mail(4), NOW - timedelta(days=300))
        assert await asked.all(NOW + timedelta(days=3)) == ["m4"]


async def test_a_mail_that_is_gone_is_passed_over() -> None:
    server = filled(1, 2, 3)
    server.answer_with["FETCH 2 "] = b"TAG OK nothing\r\n"
    async with asking(server) as asked:
        assert await asked.all() == ["m1", "m3"]


async def test_a_mail_that_is_too_large_goes_to_quarantine_with_its_headers() -> None:
    server = filled(1, 3)
    server.inbox.mails[2] = server.inbox.put(mail(2, "长" * 3000), NOW, uid=2)
    async with asking(server, max_mail_bytes=4096) as asked:
        read = await asked.all()
    assert read[0] == "m1"
    assert read[1].startswith("failed: the mail with UID 2 has 91")
    kept = asked.items[1]
    assert isinstance(kept, Failed)
    assert b"Message-ID: <m2@mail.example>" in kept.raw
    assert "长".encode() not in kept.raw


async def test_a_mail_larger_than_its_size_says_does_not_stop_the_others() -> None:
    server = MailServer()
    server.inbox.put(mail(1, "长" * 100_000), NOW).claimed = 100
    server.inbox.put(mail(2), NOW)
    async with asking(server, max_mail_bytes=4096) as asked:
        read = await asked.all()
    assert read[0].startswith("failed: the mail with UID 1 has more bytes")
    assert read[1:] == ["m2"]


async def test_automatic_mails_are_passed_over_and_answers_are_contacts() -> None:
    server = MailServer()
    server.inbox.put(b"Auto-Submitted: auto-replied\r\n" + mail(1), NOW)
    server.inbox.put(
        mail(2, sender="li@shop.example").replace(b"To: care@shop", b"To: w@mail"), NOW
    )
    async with asking(server) as asked:
        assert await asked.all() == ["m2"]
    assert not isinstance(asked.items[0], Failed)
    assert asked.items[0].kind == "interaction"


async def test_a_folder_with_a_chinese_name() -> None:
    server = MailServer(folders={"&XfJT0ZAB-": Folder()})
    server.folders["&XfJT0ZAB-"].put(mail(1), NOW)
    async with asking(server, folder="已发送") as asked:
        assert await asked.all() == ["m1"]


async def test_starttls() -> None:
    async with asking(filled(1), starttls=True) as asked:
        assert await asked.all() == ["m1"]


async def test_a_password_beyond_ascii_goes_by_plain() -> None:
    server = filled(1)
    server.password = "密码"
    async with asking(server, secrets=Secrets(password="密码")) as asked:
        assert await asked.all() == ["m1"]
    assert server.times("AUTHENTICATE") == 1


async def test_the_program_says_its_name_where_the_server_asks() -> None:
    server = filled(1)
    async with asking(server) as asked:
        await asked.all()
        server.capabilities = "IMAP4rev1"
        await asked.all()
    assert server.times("ID") == 1


async def test_mails_of_the_first_day_are_read_whatever_the_servers_time_zone() -> None:
    server = filled(1, arrived=datetime(2026, 11, 23, 1, tzinfo=UTC))
    async with asking(server, days_back=1) as asked:
        assert await asked.all() == ["m1"]


def test_it_takes_no_requests() -> None:
    with pytest.raises(Unverified, match="takes no requests"):
        Imap().verify(request(mail(1)), Secrets(password="secret"))


@pytest.mark.parametrize(
    "wrong",
    [{}, {"password": "a", "client_secret": "b"}, {"refresh_token": "a"}],
)
def test_there_is_one_way_in(wrong: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="either password or client_secret"):
        Secrets.model_validate(wrong)


@pytest.mark.parametrize(
    "wrong",
    [
        {"host": "a b"},
        {"host": "imap.example\r\nA1 LOGOUT"},
        {"user": "x\r\nA1 LOGOUT"},
        {"folder": "x\nA1"},
        {"port": 0},
        {"security": "none"},
        {"max_mail_bytes": 10**9},
        {"client_id": "x"},
        {"token_url": "https://login.example/token"},
        {"client_id": "x", "token_url": "http://login.example/token"},
    ],
)
def test_options_are_judged(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="validation error"):
        Options.model_validate({"host": "imap.example", "user": "u", **wrong})

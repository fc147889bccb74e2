"""Mails of RFC 5322 and MIME: headers, parts, limits."""

from datetime import UTC, datetime
from email.message import EmailMessage

import pytest

from heedful.ingest.mail.message import MAX_BYTES, Mail, Unreadable, read

HEAD = b"From: Wang <Wang@Mail.example>\r\nMessage-ID: <m1@mail.example>\r\n"


def mail(rest: bytes) -> Mail:
    return read(HEAD + rest)


def parts(kind: str, *bodies: str) -> bytes:
    inner = "".join(f"--b\r\n{body}\r\n" for body in bodies)
    return f"Content-Type: multipart/{kind}; boundary=b\r\n\r\n{inner}--b--\r\n".encode()


PLAIN = "Content-Type: text/plain; charset=utf-8\r\n\r\n文本"
HTML = "Content-Type: text/html; charset=utf-8\r\n\r\n<p>网页</p>"
EMPTY = "Content-Type: text/plain\r\n\r\n  "
PICTURE = "Content-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n\r\niVBORw0KGgo="
FILE = "Content-Type: text/plain\r\nContent-Disposition: attachment; filename=a.txt\r\n\r\nlog"
INNER = "Content-Type: message/rfc822\r\n\r\nSubject: old\r\n\r\nold words"


@pytest.mark.parametrize(
    ("body", "text", "place", "attachments"),
    [
        (b"\r\nplain", "plain", "part 1 (text/plain)", 0),
        (parts("alternative", PLAIN, HTML), "文本", "part 1.1 (text/plain)", 0),
        (parts("alternative", EMPTY, HTML), "网页", "part 1.2 (text/html)", 0),
        (parts("related", HTML, PICTURE), "网页", "part 1.1 (text/html)", 0),
        (parts("mixed", PLAIN, PICTURE, FILE), "文本", "part 1.1 (text/plain)", 2),
        (parts("mixed", PLAIN, PICTURE, HTML), "文本\n网页", "part 1.1 (text/plain) + part 1.3", 1),
        (parts("mixed", PLAIN, INNER), "文本", "part 1.1 (text/plain)", 1),
        (parts("signed", PLAIN, FILE), "文本", "part 1.1 (text/plain)", 0),
        (parts("mixed", PICTURE), "", "", 1),
        (b"Content-Type: multipart/mixed; boundary=b\r\n\r\nno part", "", "", 0),
        (b"Content-Type: nonsense\r\n\r\nstill text", "still text", "part 1 (text/plain)", 0),
    ],
)
def test_the_text_is_found(body: bytes, text: str, place: str, attachments: int) -> None:
    found = mail(body)
    assert found.text == text
    assert found.text_place.startswith(place)
    assert found.attachments == attachments


@pytest.mark.parametrize("charset", ["gb2312", "gbk", "gb18030", "big5", "utf-8"])
@pytest.mark.parametrize("encoding", ["base64", "quoted-printable", "8bit"])
def test_charsets_and_encodings(charset: str, encoding: str) -> None:
    made = EmailMessage()
    made["From"] = "wang@mail.example"
    made["Subject"] = "test"
    words = "客服" if charset != "big5" else "客戶"
    made.set_content(words, charset=charset, cte=encoding)
    assert read(made.as_bytes()).text == words


@pytest.mark.parametrize(
    ("header", "subject"),
    [
        (b"=?utf-8?B?5Yi56L2m5aSx54G1?=", "刹车失灵"),
        ("刹车失灵".encode("gbk"), "刹车失灵"),
        ("刹车失灵".encode(), "刹车失灵"),
        # One character in two encoded words, as some Chinese programs cut them.
        (b"=?gbk?B?ybKz?=\r\n =?gbk?B?tcqnwek=?=", "刹车失灵"),
        (b"=?utf-8?Q?Re=3A_=E5=B7=AE?= plain", "Re: 差 plain"),
        (b"=?utf-8?B?a?=", "=?utf-8?B?a?="),
        (b"=?x-unknown?B?5beu?=", "差"),
        (b"folded\r\n\tsubject", "folded\tsubject"),
        (b"  ", None),
    ],
)
def test_subjects(header: bytes, subject: str | None) -> None:
    assert mail(b"Subject: " + header + b"\r\n\r\nx").subject == subject


@pytest.mark.parametrize(
    ("header", "sender"),
    [
        (b"wang@mail.example", "wang@mail.example"),
        (b'"Wang, Wei" <wang@mail.example>', "wang@mail.example"),
        (b"=?gbk?B?zfWw?= <wang@mail.example>", "wang@mail.example"),
        ("王伟 <wang@mail.example>".encode("gbk"), "wang@mail.example"),
        (b"wang@mail.example (Wang)", "wang@mail.example"),
        (b"<wang@mail.example", "wang@mail.example"),
        (b"undisclosed", None),
        (b"", None),
        (b"(" * 3000, None),
    ],
)
def test_senders(header: bytes, sender: str | None) -> None:
    assert read(b"Subject: x\r\nFrom: " + header + b"\r\n\r\nx").sender == sender


@pytest.mark.parametrize(
    ("header", "when"),
    [
        (b"Tue, 24 Nov 2026 16:12:03 +0800", datetime(2026, 11, 24, 8, 12, 3, tzinfo=UTC)),
        (b"24 Nov 2026 16:12 GMT", datetime(2026, 11, 24, 16, 12, tzinfo=UTC)),
        (b"Tue, 24 Nov 2026 16:12:03 -0000", datetime(2026, 11, 24, 16, 12, 3, tzinfo=UTC)),
        (b"Thu, 1 Jan 1970 00:00:00 +0000", None),
        (b"Fri, 31 Dec 9999 23:59:59 -1200", None),
        (b"yesterday", None),
    ],
)
def test_dates(header: bytes, when: datetime | None) -> None:
    assert mail(b"Date: " + header + b"\r\n\r\nx").sent_at == when


def test_the_conversation_is_the_one_that_the_first_mail_began() -> None:
    first = mail(b"\r\nx")
    reply = read(b"From: a@b.example\r\nIn-Reply-To: <m1@mail.example>\r\n\r\nx")
    later = read(
        b"From: a@b.example\r\nIn-Reply-To: <m2@x>\r\n"
        b"References: <m1@mail.example>\r\n <m2@x>\r\n\r\nx"
    )
    assert {one.conversation_id for one in (first, reply, later)} == {"m1@mail.example"}
    assert [one.is_reply for one in (first, reply, later)] == [False, True, True]


def test_a_mail_without_message_id_has_one_of_its_content() -> None:
    raw = b"From: a@b.example\r\nSubject: s\r\n\r\nx"
    assert read(raw).message_id == read(raw).message_id != read(raw + b"y").message_id
    assert len(read(b"Message-ID: <" + b"a" * 500 + b"@x>\r\n\r\nx").message_id) <= 200


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        (b"", "not a mail"),
        (b'{"json": true}', "not a mail"),
        (HEAD + b"\r\n" + b"x" * MAX_BYTES, "bytes, more than"),
        (HEAD + b"\r\n" * 700_000, "lines"),
        (HEAD + b"\r\n" + b"--b\r\n" * 30_000, "begin a part"),
        (HEAD + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\r\n\r\nx\r\n" * 300,
         "more than 200 parts"),
        (HEAD + b"Content-Type: message/rfc822\r\n\r\n" * 3000, "nested too deep"),
        (HEAD + b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n)
                         for n in range(40)), "20 levels"),
        (HEAD + b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n)
                         for n in range(300)) + b"x\r\n" * 50_000, "too many multiparts"),
        (HEAD + parts("encrypted", PLAIN), "encrypted"),
        (HEAD + b"Content-Type: application/pkcs7-mime\r\n\r\nx", "encrypted"),
        (HEAD + b"\r\n" + b"x" * 600_000, "characters, more than"),
        (HEAD + b"\r\n" + b"x\r\n" * 21_000, "lines of text"),
        (HEAD + b"Content-Type: text/html\r\n\r\n" + b"<div>" * 3000, "nested too deep"),
        (HEAD + b"Content-Type: text/plain; charset=utf-8\r\n\r\n" + b"\x81\x8d\x8f\xff" * 50,
         "no known charset"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_says_why(raw: bytes, says: str) -> None:
    with pytest.raises(Unreadable, match=says):
        read(raw)

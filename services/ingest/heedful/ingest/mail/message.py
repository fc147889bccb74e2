"""A mail of RFC 5322 and MIME, read: who, when, in which conversation, and its text.

The stdlib parses it with `email.policy.compat32`, which fails on nothing and hands headers as
they stand (see `headers`). What makes that parser slow is bounded before it runs.
"""

import email
import email.policy
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.message import Message

from heedful.ingest.mail import automatic, headers
from heedful.ingest.mail.charsets import UnknownCharset, decode
from heedful.ingest.mail.flowed import unflow
from heedful.ingest.mail.html import TooDeep, to_text

MAX_BYTES = 25 * 1024 * 1024
MAX_PARTS = 200
MAX_DEPTH = 20
MAX_CHARS = 500_000
MAX_TEXT_LINES = 20_000
# 25 MiB of base64 are 360,000 lines; a line that begins a part costs the parser 20 µs.
_MAX_LINES = 600_000
_MAX_DELIMITERS = 20_000
# The parser asks every open multipart at every line: 5 million such questions take 0.4 s.
_MAX_QUESTIONS = 5_000_000
_MAX_ID = 200


class Unreadable(ValueError):
    """The mail's words cannot be read. Says what and in which part, without its words."""


@dataclass(frozen=True, slots=True)
class Mail:
    """What a mail says of itself.

    Attributes:
        message_id: of the header, or made from the content of a mail that has none.
        conversation_id: message id of the mail that the conversation began with.
        id_place, conversation_place: where those two stood.
        is_reply: it answers another mail.
        automatic: why it is not a person's mail; None when it may be one.
        text: quotations and signature included; empty when it has none.
        text_place: the parts that it stood in, e.g. `part 1.1 (text/plain)`.
    """

    message_id: str
    id_place: str
    conversation_id: str
    conversation_place: str
    is_reply: bool
    sender: str | None
    reply_to: tuple[str, ...]
    recipients: tuple[str, ...]
    subject: str | None
    sent_at: datetime | None
    automatic: str | None
    text: str
    text_place: str
    attachments: int


def read(raw: bytes, *, through_group: bool = False) -> Mail:
    """The mail in these bytes.

    Raises:
        Unreadable: not a mail, too large, nested too deep, encrypted, or in an unknown charset.
    """
    message = _parsed(raw)
    own = headers.message_ids(message, "message-id")
    message_id = _short(own[0]) if own else f"sha256:{hashlib.sha256(raw).hexdigest()}"
    id_place = "header Message-ID" if own else "the whole mail"
    first, first_place = _first_of_conversation(message) or (message_id, id_place)
    found = _Found()
    why = automatic.reason(message, through_group=through_group)
    if why is None:
        _read_part(message, "1", 1, found)
    return Mail(
        message_id=message_id,
        id_place=id_place,
        conversation_id=first,
        conversation_place=first_place,
        is_reply=first_place != id_place,
        sender=next(iter(headers.addresses(message, "from")), None),
        reply_to=headers.addresses(message, "reply-to"),
        recipients=headers.addresses(message, "to", "cc"),
        subject=headers.text(message, "subject"),
        sent_at=headers.date(message),
        automatic=why,
        text="\n".join(piece.text for piece in found.pieces).strip(),
        text_place=" + ".join(piece.place for piece in found.pieces),
        attachments=found.attachments,
    )


def _first_of_conversation(message: Message) -> tuple[str, str] | None:
    for name in ("References", "In-Reply-To"):
        found = headers.message_ids(message, name.lower())
        if found:
            return _short(found[0]), f"header {name}"
    return None


@dataclass(frozen=True, slots=True)
class _Piece:
    text: str
    place: str
    is_html: bool


class _Found:
    """What a walk through the parts has come upon."""

    def __init__(self) -> None:
        self.pieces: list[_Piece] = []
        self.parts = 0
        self.attachments = 0


def _parsed(raw: bytes) -> Message:
    if len(raw) > MAX_BYTES:
        raise Unreadable(f"the mail has {len(raw)} bytes, more than {MAX_BYTES}")
    lines = raw.count(b"\n")
    if lines > _MAX_LINES or raw.count(b"\n--") > _MAX_DELIMITERS:
        raise Unreadable(
            f"the mail has more than {_MAX_LINES} lines or {_MAX_DELIMITERS} that begin a part"
        )
    if lines * raw.lower().count(b"boundary") > _MAX_QUESTIONS:
        raise Unreadable("the mail has too many multiparts for its length")
    try:
        message: Message = email.message_from_bytes(raw, policy=email.policy.compat32)
    except RecursionError as error:
        raise Unreadable("the mail is nested too deep") from error
    if not any(headers.raw(message, name) for name in ("from", "date", "subject", "message-id")):
        raise Unreadable("these bytes are not a mail: none of its headers is there")
    return message


def _read_part(part: Message, place: str, depth: int, found: _Found) -> None:
    found.parts += 1
    if depth > MAX_DEPTH or found.parts > MAX_PARTS:
        raise Unreadable(f"the mail has more than {MAX_PARTS} parts or {MAX_DEPTH} levels")
    kind = part.get_content_type()
    if kind in ("multipart/encrypted", "application/pkcs7-mime", "application/x-pkcs7-mime"):
        raise Unreadable(f"part {place} is encrypted or wrapped ({kind})")
    if part.is_multipart() and kind.startswith("multipart/"):
        _read_multipart(part, kind, place, depth, found)
    elif kind in ("text/plain", "text/html") and part.get_content_disposition() != "attachment":
        _read_text(part, kind, place, found)
    elif kind != "multipart/mixed":  # a multipart without parts holds nothing
        found.attachments += 1


def _read_multipart(part: Message, kind: str, place: str, depth: int, found: _Found) -> None:
    inner = part.get_payload()
    children = [one for one in inner if isinstance(one, Message)] if isinstance(inner, list) else []
    if kind in ("multipart/related", "multipart/signed", "multipart/report"):
        children = children[:1]  # the rest are its pictures, its signature, its report
    if kind != "multipart/alternative":
        for number, child in enumerate(children, start=1):
            _read_part(child, f"{place}.{number}", depth + 1, found)
        return
    forms: list[Sequence[_Piece]] = []
    for number, child in enumerate(children, start=1):
        before = len(found.pieces)
        _read_part(child, f"{place}.{number}", depth + 1, found)
        forms.append([piece for piece in found.pieces[before:] if piece.text.strip()])
        del found.pieces[before:]
    found.pieces += _best(forms)


def _best(forms: Sequence[Sequence[_Piece]]) -> Sequence[_Piece]:
    """Plain text where there is some, for its quotations are marked; else the richest form."""
    readable = [form for form in forms if form]
    plain = [form for form in readable if not any(piece.is_html for piece in form)]
    if plain:
        return plain[0]
    return readable[-1] if readable else ()


def _read_text(part: Message, kind: str, place: str, found: _Found) -> None:
    payload = part.get_payload(decode=True)
    data = payload if isinstance(payload, bytes) else b""
    try:
        text = decode(data, part.get_content_charset())
        if len(text) > MAX_CHARS:
            raise Unreadable(f"part {place} has {len(text)} characters, more than {MAX_CHARS}")
        if kind == "text/html":
            text = to_text(text)
        elif _parameter(part, "format") == "flowed":
            text = unflow(text, delete_space=_parameter(part, "delsp") == "yes")
    except UnknownCharset as error:
        raise Unreadable(f"part {place} ({kind}): {error}") from error
    except TooDeep as error:
        raise Unreadable(f"part {place}: {error}") from error
    if text.count("\n") > MAX_TEXT_LINES:
        raise Unreadable(f"part {place} has more than {MAX_TEXT_LINES} lines of text")
    plain = text.replace("\x00", "").replace("\ufeff", "").replace("\u200b", "")
    found.pieces.append(_Piece(plain, f"part {place} ({kind})", kind == "text/html"))


def _parameter(part: Message, name: str) -> str:
    value = part.get_param(name)
    return value.lower() if isinstance(value, str) else ""


def _short(message_id: str) -> str:
    if len(message_id) <= _MAX_ID:
        return message_id
    return f"sha256:{hashlib.sha256(message_id.encode('utf-8', 'replace')).hexdigest()}"

"""The headers of a mail as they stand, decoded.

They are read raw and not by the structured parser of `email.policy.default`: that one has
replaced the bytes of an 8-bit header, which Chinese senders do write, before anybody can guess
their charset, and it fails on some malformed headers with errors of its own inside.
"""

import re
from datetime import UTC, datetime, timedelta
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import Message
from email.utils import getaddresses, parsedate_to_datetime

from heedful.ingest.mail.charsets import UnknownCharset, decode

_MESSAGE_ID = re.compile(r"<([^<>\s]{1,900})>")
_ADDRESS = re.compile(r"[^\s@<>\"(),:;\\]{1,64}@[^\s@<>\"(),:;\\]{1,190}")
# Longer ones are cut: the stdlib takes the square of the length over some of them.
_MAX_HEADER = 4_000
_MAX_ADDRESSES = 50
# A clock that is this wrong says nothing; the first mail is older than no mailbox.
_EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)


def raw(message: Message, name: str) -> str | None:
    """A header unfolded and undecoded, 8-bit bytes as surrogates; the first of several."""
    for found, value in message.raw_items():
        if found.lower() == name:
            return re.sub(r"[\r\n]+", "", str(value))[:_MAX_HEADER].strip() or None
    return None


def text(message: Message, name: str) -> str | None:
    """A header's words: encoded words (RFC 2047), also split in mid-character, and bare bytes."""
    value = raw(message, name)
    return None if value is None else _decoded(value).replace("\x00", "").strip() or None


def addresses(message: Message, *names: str) -> tuple[str, ...]:
    """The addresses in these headers, in lower case, without their names."""
    found: list[str] = []
    for name in names:
        value = raw(message, name)
        if value is not None:
            found += _addresses(value.encode("utf-8", "replace").decode())
    return tuple(dict.fromkeys(found))[:_MAX_ADDRESSES]


def message_ids(message: Message, name: str) -> tuple[str, ...]:
    """The message ids of a header (RFC 5322, section 3.6.4), without their angle brackets."""
    return tuple(_MESSAGE_ID.findall(raw(message, name) or ""))


def date(message: Message) -> datetime | None:
    """The time of the Date header in UTC; None when it is missing or cannot be true."""
    value = raw(message, "date")
    if value is None:
        return None
    try:
        written = parsedate_to_datetime(value)
        found = written.replace(tzinfo=written.tzinfo or UTC).astimezone(UTC)
        found + timedelta(days=2)  # the calendar's last days cannot be written in every zone
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return found if found >= _EARLIEST else None


def _decoded(value: str) -> str:
    try:
        pieces = decode_header(value.encode("ascii", "surrogateescape").decode("latin-1"))
        return "".join(
            decode(piece, charset) if charset else _bare_text(piece) for piece, charset in pieces
        )
    except (HeaderParseError, UnknownCharset, ValueError):
        # A broken encoded word is shown as it stands.
        return value.encode("utf-8", "replace").decode()


def _bare_text(piece: bytes | str) -> str:
    return decode(piece.encode("latin-1") if isinstance(piece, str) else piece, None)


def _addresses(value: str) -> list[str]:
    try:
        found = [address.lower() for _, address in getaddresses([value])]
    except RecursionError:  # comments in comments
        found = []
    good = [address for address in found if _ADDRESS.fullmatch(address)]
    return good or [match.lower() for match in _ADDRESS.findall(value)]

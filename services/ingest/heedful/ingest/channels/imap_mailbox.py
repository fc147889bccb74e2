"""A mailbox on an IMAP server (RFC 3501, RFC 9051), blocking; for a worker thread."""

import imaplib
import re
import socket
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, NoReturn

from heedful.common.http.targets import TargetRefused
from heedful.ingest.channels import VendorFailure
from heedful.ingest.channels.imap_connection import (
    OPERATION_S,
    Access,
    Connection,
    Server,
    TooLarge,
    log_in,
)
from heedful.ingest.channels.imap_names import folder_name, quoted

REFUSED_PAUSE = timedelta(minutes=15)
"""After a refused login: providers lock accounts that try too often."""

_SLACK = 64 * 1024
_HEAD_BYTES = 32 * 1024
_CODE = re.compile(r"\[([A-Z][A-Z0-9-]*)")
_UID = re.compile(rb"\bUID (\d+)")
_SIZE = re.compile(rb"\bRFC822\.SIZE (\d+)")
_DAY = re.compile(rb'\bINTERNALDATE "\s?(\d{1,2})-([A-Z][a-z]{2})-(\d{4})')
_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]


@dataclass(frozen=True, slots=True)
class Folder:
    validity: int
    next_uid: int | None


@dataclass(frozen=True, slots=True)
class Listed:
    """A mail that waits.

    Attributes:
        arrived: its day, as the server counts it.
    """

    uid: int
    size: int
    arrived: date | None


class Mailbox:
    """One connection; the methods raise VendorFailure for whatever the server does wrong."""

    def __init__(self, server: Server, max_bytes: int) -> None:
        self._server = server
        self._max_bytes = max_bytes
        self._connection: Connection | None = None
        self._aborted = False

    def open(self, access: Access) -> None:
        """Connect and log in."""
        with _failures():
            self._connection = Connection(self._server, self._max_bytes + _SLACK)
            if self._aborted:
                raise TimeoutError
            if self._server.security == "starttls":
                self._connection.secure()
        with _failures("the login was refused", REFUSED_PAUSE):
            log_in(self._connection, access)
        if "ID" in self._connection.capabilities:
            # NetEase opens no folder for a program that does not say its name (RFC 2971).
            with _failures():
                self._connection.xatom("ID", '("name" "heedful" "vendor" "heedful")')

    def select(self, folder: str, *, read_only: bool) -> Folder:
        with _failures("the folder cannot be opened"):
            self._ok(self._used.select(quoted(folder_name(folder)), readonly=read_only))
            validity = self._number("UIDVALIDITY")
        if validity is None:
            raise VendorFailure("the server gives no UIDVALIDITY; its mails cannot be told apart")
        return Folder(validity, self._number("UIDNEXT"))

    def waiting(self, after: int, since: date | None) -> Sequence[int]:
        """UIDs above this one, ascending."""
        criteria = ["UID", f"{after + 1}:*"]
        if since is not None:
            criteria += ["SINCE", f"{since.day}-{_MONTHS[since.month - 1]}-{since.year}"]
        with _failures("the search was refused"):
            answer = self._ok(self._used.uid("SEARCH", *criteria))
            found = {int(uid) for line in answer if isinstance(line, bytes) for uid in line.split()}
        # `n:*` holds the last mail also when n is above it.
        return sorted(uid for uid in found if uid > after)

    def listed(self, uids: Sequence[int]) -> Sequence[Listed]:
        """Those of them that are still there, in their order."""
        which = ",".join(map(str, uids))
        with _failures("the list was refused"):
            answer = self._ok(self._used.uid("FETCH", which, "(UID RFC822.SIZE INTERNALDATE)"))
        found = {one.uid: one for line in answer if (one := _listed(line)) is not None}
        return [found[uid] for uid in uids if uid in found]

    def mail(self, uid: int) -> bytes | None:
        """The mail, not marked as read; None when it is gone.

        Raises:
            TooLarge: it has more than `max_bytes`.
        """
        return self._part(uid, "BODY.PEEK[]")

    def head(self, uid: int) -> bytes | None:
        """The beginning of its headers."""
        return self._part(uid, f"BODY.PEEK[HEADER]<0.{_HEAD_BYTES}>")

    def mark_read(self, uids: Sequence[int]) -> None:
        with _failures("the mails cannot be marked as read"):
            which = ",".join(map(str, uids))
            self._ok(self._used.uid("STORE", which, "+FLAGS.SILENT", "(\\Seen)"))

    def close(self) -> None:
        if self._connection is not None:
            with suppress(imaplib.IMAP4.error, OSError, TooLarge):
                self._connection.logout()
            self.abort()

    def abort(self) -> None:
        """End the connection, from whatever thread; a waiting method fails."""
        self._aborted = True
        if self._connection is not None:
            self._connection.shutdown()

    @property
    def _used(self) -> "Connection":
        assert self._connection is not None, "open first"  # noqa: S101
        return self._connection

    def _part(self, uid: int, what: str) -> bytes | None:
        too_large: TooLarge | None = None
        answer: list[Any] = []
        with _failures("a mail was refused"):
            try:
                answer = self._ok(self._used.uid("FETCH", str(uid), f"(UID {what})"))
            except TooLarge as error:
                too_large = error
        if too_large is not None:
            raise too_large
        for line in answer:
            if isinstance(line, tuple) and b"BODY[" in line[0]:
                return bytes(line[1])
        return None

    def _ok(self, answer: tuple[str, list[Any]]) -> list[Any]:
        status, lines = answer
        if status != "OK":
            raise imaplib.IMAP4.error(str(lines[-1] if lines else ""))
        return lines

    def _number(self, name: str) -> int | None:
        values = self._used.response(name)[1]
        return int(values[-1]) if values and values[-1] else None


def _listed(line: Any) -> Listed | None:
    head = line[0] if isinstance(line, tuple) else line
    uid = _UID.search(head) if isinstance(head, bytes) else None
    if uid is None:
        return None
    size, day = _SIZE.search(head), _DAY.search(head)
    arrived = None
    if day is not None and day[2].decode() in _MONTHS:
        with suppress(ValueError):
            arrived = date(int(day[3]), _MONTHS.index(day[2].decode()) + 1, int(day[1]))
    return Listed(int(uid[1]), int(size[1]) if size else 0, arrived)


@contextmanager
def _failures(
    refused: str = "the server refused", pause: timedelta | None = None
) -> Iterator[None]:
    """Whatever goes wrong as a VendorFailure that quotes neither user nor server."""
    try:
        yield
    except imaplib.IMAP4.abort as error:
        raise VendorFailure("the server broke off the connection") from error
    except TooLarge as error:
        raise VendorFailure("the server sends more than was asked for") from error
    except imaplib.IMAP4.error as error:
        code = _CODE.search(str(error))
        raise VendorFailure(f"{refused} ({code[1]})" if code else refused, pause) from error
    except (OSError, ValueError, IndexError) as error:
        _unreachable(error)


def _unreachable(error: Exception) -> NoReturn:
    if isinstance(error, TargetRefused):
        said = (
            "the host has an address that is not public; the operator can allow private ones "
            "(HEEDFUL_INGEST__ALLOW_PRIVATE_TARGETS)"
        )
    elif isinstance(error, ssl.SSLCertVerificationError):
        said = f"its certificate is not good: {error.verify_message}"
    elif isinstance(error, socket.gaierror):
        said = "no host has this name"
    elif isinstance(error, TimeoutError):
        said = f"no answer within {OPERATION_S:g} s"
    elif isinstance(error, OSError):
        said = f"not reachable: {type(error).__name__}"
    else:
        said = "it answers what no IMAP server does"
    raise VendorFailure(f"the mail server: {said}") from error

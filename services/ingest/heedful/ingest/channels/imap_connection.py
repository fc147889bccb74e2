"""A connection to an IMAP server, on the stdlib's imaplib.

Its documented hooks (`open`, `read`, `readline`, `send`, `shutdown`) let the address be judged at
the moment of connecting and bound what a server may send; the libraries above it hide both, and
aioimaplib is GPL.
"""

import imaplib
import socket
import ssl
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Literal

from heedful.common.http.targets import TargetRefused, guarded_socket
from heedful.ingest.channels.imap_names import quoted

OPERATION_S = 15.0
MAX_LINE = 8 * 1024 * 1024
_MAX_ADDRESSES = 2


class TooLarge(Exception):  # not an error of ours: a mail that is larger than its size said
    """The connection cannot be used any more."""


@dataclass(frozen=True, slots=True)
class Server:
    """Where the mailbox is.

    Attributes:
        security: TLS from the first byte, or after STARTTLS; never without.
        ca_certificate: PEM of the authority that signed the server's certificate; None for those
            that the system trusts.
    """

    host: str
    port: int
    security: Literal["tls", "starttls"]
    ca_certificate: str | None
    allow_private: bool


@dataclass(frozen=True, slots=True)
class Access:
    """Who reads it: a password, or an OAuth 2.0 access token."""

    user: str
    password: str | None = None
    token: str | None = None


class Connection(imaplib.IMAP4):
    """An IMAP connection whose address was judged, and that reads no more than it may."""

    def __init__(self, server: Server, max_literal: int) -> None:
        self._server = server
        self._max_literal = max_literal
        self._context = ssl.create_default_context(cadata=server.ca_certificate)
        super().__init__(server.host, server.port, timeout=OPERATION_S)

    def open(self, host: str = "", port: int = 0, timeout: float | None = None) -> None:
        self.host, self.port = host, port
        self.sock = _connected(host, port, timeout, allow_private=self._server.allow_private)
        if self._server.security == "tls":
            try:
                self.sock = self._context.wrap_socket(self.sock, server_hostname=host)
            except OSError:
                self.sock.close()
                raise
        self._reader = self.sock.makefile("rb")

    def secure(self) -> None:
        """TLS by STARTTLS; what the server said before it is forgotten (RFC 9051, 6.2.1)."""
        status, _ = self.xatom("STARTTLS")
        if status != "OK":
            raise self.error("STARTTLS")
        self.sock = self._context.wrap_socket(self.sock, server_hostname=self.host)
        self._reader = self.sock.makefile("rb")
        self.capabilities = tuple(self.capability()[1][-1].decode().upper().split())

    def read(self, size: int) -> bytes:
        if size > self._max_literal:
            raise TooLarge
        return self._reader.read(size)

    def readline(self) -> bytes:
        line = self._reader.readline(MAX_LINE + 1)
        if len(line) > MAX_LINE:
            raise self.abort(f"a line of more than {MAX_LINE} bytes")
        return line

    def send(self, data: Any) -> None:
        self.sock.sendall(data)

    def shutdown(self) -> None:
        with suppress(OSError):
            self.sock.shutdown(socket.SHUT_RDWR)
        with suppress(OSError):
            self.sock.close()


def _connected(
    host: str, port: int, timeout: float | None, *, allow_private: bool
) -> socket.socket:
    """A socket to the first address of the host that answers."""
    failure: OSError | None = None
    for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[:_MAX_ADDRESSES]:
        family, kind, protocol, _, address = found
        try:
            made = socket.socket(family, kind, protocol) if allow_private else guarded_socket(found)
        except TargetRefused as error:
            failure = error
            continue
        try:
            made.settimeout(timeout)
            made.connect(address)
        except OSError as error:
            made.close()
            failure = error
        else:
            return made
    raise failure or OSError("no address")


def log_in(connection: Connection, access: Access) -> None:
    if access.token is not None:
        mechanism, answer = _bearer(connection, access.user, access.token)
        connection.authenticate(mechanism, answer)
    elif access.user.isascii() and (access.password or "").isascii():
        connection.login(quoted(access.user), access.password or "")
    else:
        plain = f"\0{access.user}\0{access.password}".encode()
        connection.authenticate("PLAIN", lambda _: plain)


def _bearer(connection: Connection, user: str, token: str) -> tuple[str, Any]:
    """OAUTHBEARER (RFC 7628) where the server has it, else XOAUTH2 of Google and Microsoft."""
    if "AUTH=OAUTHBEARER" in connection.capabilities:
        name = user.replace("=", "=3D").replace(",", "=2C")
        first = f"n,a={name},\x01auth=Bearer {token}\x01\x01"
        mechanism, refused = "OAUTHBEARER", b"\x01"
    else:
        first = f"user={user}\x01auth=Bearer {token}\x01\x01"
        mechanism, refused = "XOAUTH2", b""
    answers = iter([first.encode()])
    # The second question is the reason of a refusal, which is to be acknowledged.
    return mechanism, lambda _: next(answers, refused)

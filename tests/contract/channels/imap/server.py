"""A small IMAP server (RFC 3501) over a real TLS socket, with the faults that real ones have."""

import asyncio
import base64
import re
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date, datetime

_LITERAL = re.compile(rb"\{(\d+)\}$")


@dataclass
class Stored:
    raw: bytes
    arrived: datetime
    seen: bool = False
    claimed: int | None = None
    """The size that the server says; None: the right one."""


@dataclass
class Folder:
    validity: int | None = 1
    next_uid: int = 1
    mails: dict[int, Stored] = field(default_factory=dict)
    read_only: bool = False

    def put(self, raw: bytes, arrived: datetime, uid: int | None = None) -> Stored:
        number = self.next_uid if uid is None else uid
        self.mails[number] = Stored(raw, arrived)
        self.next_uid = max(self.next_uid, number + 1)
        return self.mails[number]


@dataclass
class MailServer:
    """What it holds, and what it does wrong.

    Attributes:
        folders: by their names in modified UTF-7.
        hang_at: commands, as `FETCH 3 BODY`, at whose beginning it stops to answer.
        drop_at: commands at whose beginning it closes the connection.
        answer_with: what it answers to a command instead.
        said: the commands of clients, without their arguments where these are secret.
    """

    password: str = "Xq7-mailbox"
    token: str = "token"
    capabilities: str = "IMAP4rev1 ID STARTTLS AUTH=PLAIN AUTH=XOAUTH2"
    folders: dict[str, Folder] = field(default_factory=lambda: {"INBOX": Folder()})
    hang_at: str | None = None
    drop_at: str | None = None
    answer_with: dict[str, bytes] = field(default_factory=dict)
    said: list[str] = field(default_factory=list)
    connections: int = 0
    hanging: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def inbox(self) -> Folder:
        return self.folders["INBOX"]

    async def hung(self) -> None:
        """When a client waits for an answer that does not come; once for each."""
        await self.hanging.wait()
        self.hanging.clear()

    def times(self, command: str) -> int:
        return sum(one.startswith(command) for one in self.said)


class _Session:
    def __init__(
        self,
        server: MailServer,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        context: ssl.SSLContext,
    ) -> None:
        self._server = server
        self._reader = reader
        self._writer = writer
        self._context = context
        self._folder: Folder | None = None

    async def run(self) -> None:
        self._writer.write(b"* OK ready\r\n")
        while line := await self._line():
            tag, _, command = line.partition(b" ")
            name, _, arguments = command.partition(b" ")
            if name.upper() == b"UID":
                name, _, arguments = arguments.partition(b" ")
            if not await self._faults(name, arguments, tag):
                continue
            ended = await self._answer(name.upper().decode(), arguments, tag)
            await self._writer.drain()
            if ended:
                return

    async def _line(self) -> bytes:
        line = (await self._reader.readline()).rstrip(b"\r\n")
        while (literal := _LITERAL.search(line)) is not None:
            self._writer.write(b"+ go on\r\n")
            line = line[: literal.start()] + await self._reader.readexactly(int(literal[1]))
            line += (await self._reader.readline()).rstrip(b"\r\n")
        return line

    async def _faults(self, name: bytes, arguments: bytes, tag: bytes) -> bool:
        """Whether the command is to be answered as it should be."""
        secret = name.upper() in (b"LOGIN", b"AUTHENTICATE")
        said = f"{name.decode().upper()} {'' if secret else arguments.decode()}".strip()
        server = self._server
        server.said.append(said)
        if server.hang_at is not None and said.startswith(server.hang_at):
            server.hanging.set()
            await asyncio.Event().wait()
        if server.drop_at is not None and said.startswith(server.drop_at):
            raise ConnectionResetError
        for command, answer in server.answer_with.items():
            if said.startswith(command):
                self._writer.write(answer.replace(b"TAG", tag))
                await self._writer.drain()
                return False
        return True

    async def _answer(self, name: str, arguments: bytes, tag: bytes) -> bool:
        answers: dict[str, Callable[[bytes], bytes | None]] = {
            "CAPABILITY": self._capability,
            "LOGIN": self._login,
            "ID": lambda _: b'* ID ("name" "test")',
            "SELECT": lambda given: self._select(given, read_only=False),
            "EXAMINE": lambda given: self._select(given, read_only=True),
            "SEARCH": self._search,
            "FETCH": self._fetch,
            "STORE": self._store,
            "LOGOUT": lambda _: b"* BYE",
        }
        if name == "STARTTLS":
            self._writer.write(tag + b" OK go\r\n")
            await self._writer.start_tls(self._context)
            return False
        if name == "AUTHENTICATE":
            answer = await self._authenticate(arguments)
        else:
            answer = answers[name](arguments)
        said = b"" if not answer else answer + b"\r\n"
        status = b" NO [AUTHENTICATIONFAILED] no, care@shop.example" if answer is None else b" OK"
        self._writer.write(said + tag + status + b" done\r\n")
        return name == "LOGOUT"

    def _capability(self, _: bytes) -> bytes:
        return b"* CAPABILITY " + self._server.capabilities.encode()

    def _login(self, arguments: bytes) -> bytes | None:
        given = arguments.decode()
        return b"" if given == f'"care@shop.example" "{self._server.password}"' else None

    async def _authenticate(self, arguments: bytes) -> bytes | None:
        self._writer.write(b"+ \r\n")
        given = base64.b64decode(await self._reader.readline()).decode()
        wanted = {
            b"PLAIN": f"\0care@shop.example\0{self._server.password}",
            b"XOAUTH2": f"user=care@shop.example\x01auth=Bearer {self._server.token}\x01\x01",
            b"OAUTHBEARER": f"n,a=care@shop.example,\x01auth=Bearer {self._server.token}\x01\x01",
        }[arguments]
        if given == wanted:
            return b""
        if arguments != b"PLAIN":
            self._writer.write(b"+ eyJzdGF0dXMiOiI0MDAifQ==\r\n")
            await self._reader.readline()
        return None

    def _select(self, arguments: bytes, *, read_only: bool) -> bytes | None:
        self._folder = self._server.folders.get(arguments.decode().strip('"'))
        if self._folder is None:
            return None
        validity = self._folder.validity
        lines = [f"* {len(self._folder.mails)} EXISTS", f"* OK [UIDNEXT {self._folder.next_uid}] n"]
        if validity is not None:
            lines.append(f"* OK [UIDVALIDITY {validity}] v")
        self._folder.read_only = read_only
        return "\r\n".join(lines).encode()

    def _search(self, arguments: bytes) -> bytes:
        words = arguments.decode().split()
        low = int(words[words.index("UID") + 1].split(":")[0])
        since = date.min
        if "SINCE" in words:
            day = f"{words[words.index('SINCE') + 1]} +0000"
            since = datetime.strptime(day, "%d-%b-%Y %z").date()
        folder = self._used
        found = {
            uid for uid, mail in folder.mails.items() if uid >= low and mail.arrived.date() >= since
        }
        if since == date.min and folder.mails:
            found.add(max(folder.mails))  # `n:*` names the last mail whatever n is
        return f"* SEARCH {' '.join(map(str, sorted(found)))}".encode()

    def _fetch(self, arguments: bytes) -> bytes:
        which, _, what = arguments.partition(b" ")
        # A server may tell of flags whenever it likes.
        lines = [b"* 1 FETCH (FLAGS (\\Seen))"]
        for number, uid in enumerate(map(int, which.split(b",")), start=1):
            mail = self._used.mails.get(uid)
            if mail is not None:
                lines.append(b"* %d FETCH (%s)" % (number, _data(uid, mail, what)))
        return b"\r\n".join(lines)

    def _store(self, arguments: bytes) -> bytes:
        for uid in map(int, arguments.split(b" ")[0].split(b",")):
            self._used.mails[uid].seen = True
        return b""

    @property
    def _used(self) -> Folder:
        assert self._folder is not None
        return self._folder


def _data(uid: int, mail: Stored, what: bytes) -> bytes:
    if b"RFC822.SIZE" in what:
        size = len(mail.raw) if mail.claimed is None else mail.claimed
        day = mail.arrived.strftime("%d-%b-%Y %H:%M:%S +0000")
        return f'UID {uid} RFC822.SIZE {size} INTERNALDATE "{day}"'.encode()
    head = mail.raw.partition(b"\r\n\r\n")[0] + b"\r\n\r\n"
    name, part = (b"BODY[HEADER]<0>", head) if b"HEADER" in what else (b"BODY[]", mail.raw)
    if b"PEEK" not in what:
        mail.seen = True
    return b"%s {%d}\r\n%s UID %d" % (name, len(part), part, uid)


@asynccontextmanager
async def serving(
    server: MailServer, context: ssl.SSLContext, *, starttls: bool = False
) -> AsyncIterator[int]:
    """The port on which it is served."""

    async def served(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        server.connections += 1
        try:
            await _Session(server, reader, writer, context).run()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    running = await asyncio.start_server(
        served, "127.0.0.1", 0, ssl=None if starttls else context, limit=64 * 1024 * 1024
    )
    try:
        yield running.sockets[0].getsockname()[1]
    finally:
        running.close()

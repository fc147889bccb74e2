"""A mailbox that is asked: its certificate, its connection, its pages."""

import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import aiohttp
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from heedful.ingest.channels import Draft, Failed, Line, Page
from heedful.ingest.channels.imap import Imap, Options, Secrets
from tests.contract.channels.harness import NOW
from tests.contract.channels.imap.server import MailServer, serving


@dataclass(frozen=True)
class Certificate:
    """Of `localhost`, signed by itself."""

    pem: str
    context: ssl.SSLContext


@cache
def certificate() -> Certificate:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = made.public_bytes(serialization.Encoding.PEM)
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with TemporaryDirectory() as folder:
        file = Path(folder) / "both.pem"
        file.write_bytes(pem + private)
        context.load_cert_chain(file)
    return Certificate(pem.decode(), context)


@dataclass
class Asked:
    """A connection to the server, whose cursor goes on from page to page."""

    adapter: Imap
    line: Line
    secrets: Secrets
    options: Options
    cursor: str | None = None
    items: list[Draft | Failed] = field(default_factory=list)

    async def page(self, now: datetime = NOW) -> Page:
        page = await self.adapter.fetch(self.line, self.secrets, self.options, self.cursor, now)
        self.cursor = page.cursor
        self.items += page.items
        return page

    async def all(self, now: datetime = NOW) -> list[str]:
        """Ids of what was read until nothing waits."""
        before = len(self.items)
        while (await self.page(now)).more:
            pass
        return [_id(item) for item in self.items[before:]]

    def again(self, adapter: Imap | None = None, **options: Any) -> "Asked":
        """The same connection in another process, or with other options."""
        changed = Options.model_validate({**self.options.model_dump(), **options})
        return Asked(adapter or Imap(), self.line, self.secrets, changed, self.cursor)


@asynccontextmanager
async def asking(
    server: MailServer,
    *,
    secrets: Secrets | None = None,
    starttls: bool = False,
    allow_private: bool = True,
    base_url: Callable[[str], str] = str,
    **options: Any,
) -> AsyncIterator[Asked]:
    async with (
        serving(server, certificate().context, starttls=starttls) as port,
        aiohttp.ClientSession() as http,
    ):
        given = {
            "host": "localhost",
            "port": port,
            "user": "care@shop.example",
            "security": "starttls" if starttls else "tls",
            "ca_certificate": certificate().pem,
            "own_domains": ["shop.example"],
        }
        yield Asked(
            Imap(),
            Line("connection-1", http, base_url, allow_private=allow_private),
            secrets or Secrets(password=server.password),
            Options.model_validate({**given, **options}),
        )


def mail(number: int, words: str = "漏水", sender: str = "wang@mail.example") -> bytes:
    lines = [f"From: {sender}", "To: care@shop.example", f"Message-ID: <m{number}@mail.example>"]
    return "\r\n".join([*lines, "Content-Type: text/plain; charset=utf-8", "", words, ""]).encode()


def _id(item: Draft | Failed) -> str:
    if isinstance(item, Failed):
        return f"failed: {item.detail}"
    return str(item.values["id"]).partition("@")[0]

"""Mail through a real SMTP server of this machine: plain, with STARTTLS, with TLS, refused."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from heedful.alerting.endpoint_kinds import EndpointKind
from heedful.alerting.formats.base import Mail
from heedful.alerting.smtp import SmtpSecurity, SmtpServer
from tests.integration.alerting.world import Make, World, enriched, feedback, send

HOST = "127.0.0.1"
MAIL = Mail("heedful@example.com", ("ops@example.com",), b"Subject: x\r\n\r\nx\r\n")
NAME = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])


@dataclass
class Mailbox:
    """Takes mail as told."""

    answer: str = "250 OK"
    refused: tuple[str, ...] = ()
    mails: list[Envelope] = field(default_factory=list)

    async def handle_RCPT(  # noqa: N802  # the name is aiosmtpd's
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: Any
    ) -> str:
        if address in self.refused:
            return "550 no such user"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802  # the name is aiosmtpd's
        self, _server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        if self.answer.startswith("250"):
            self.mails.append(envelope)
        return self.answer


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """Contexts of a server of this machine and of who trusts it."""
    key = ec.generate_private_key(ec.SECP256R1())
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(NAME)
        .issuer_name(NAME)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address(HOST))]), False)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path / "both.pem"
    file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + made.public_bytes(serialization.Encoding.PEM)
    )
    serving = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    serving.load_cert_chain(file)
    return serving, ssl.create_default_context(cafile=str(file))


@pytest.fixture
def mailbox() -> Mailbox:
    return Mailbox()


@asynccontextmanager
async def running(
    mailbox: Mailbox, tls: ssl.SSLContext | None = None, **options: Any
) -> AsyncIterator[SmtpServer]:
    """On a free port; `tls` from the first byte."""
    loop = asyncio.get_running_loop()
    serving = await loop.create_server(
        lambda: SMTP(mailbox, hostname=HOST, loop=loop, **options), HOST, 0, ssl=tls
    )
    port = serving.sockets[0].getsockname()[1]
    try:
        yield SmtpServer(HOST, port, "heedful@example.com", SmtpSecurity.NONE, timeout_seconds=5)
    finally:
        serving.close()


@pytest.fixture
async def server(mailbox: Mailbox) -> AsyncIterator[SmtpServer]:
    async with running(mailbox) as plain:
        yield plain


async def tell(world: World, make: Make, smtp: SmtpServer | None) -> Any:
    """A red light to a mail endpoint, tried once; its delivery with the try."""
    await world.add_robot(EndpointKind.EMAIL, "mailto:ops@example.com,second@example.com")
    await world.consume(enriched(feedback()))
    await send(make(smtp=smtp))
    (row,) = await world.query(
        "SELECT d.*, a.error FROM alerting.delivery d"
        " JOIN alerting.attempt a ON a.delivery_id = d.id"
    )
    return row


async def test_a_mail_arrives(
    world: World, make: Make, mailbox: Mailbox, server: SmtpServer
) -> None:
    row = await tell(world, make, server)
    (envelope,) = mailbox.mails
    assert envelope.rcpt_tos == ["ops@example.com", "second@example.com"]
    assert isinstance(envelope.content, bytes)
    parsed = message_from_bytes(envelope.content)
    assert parsed["Message-ID"] == f"<{row.id}@example.com>"
    assert row.state == "delivered"


@pytest.mark.parametrize("security", [SmtpSecurity.STARTTLS, SmtpSecurity.TLS])
async def test_it_is_encrypted_when_so_set_and_only_to_a_known_server(
    world: World,
    make: Make,
    mailbox: Mailbox,
    certificate: tuple[ssl.SSLContext, ssl.SSLContext],
    security: SmtpSecurity,
) -> None:
    serving, trust = certificate
    starttls = security is SmtpSecurity.STARTTLS
    options: dict[str, Any] = (
        {"tls_context": serving, "require_starttls": True} if starttls else {"tls": serving}
    )
    async with running(mailbox, **options) as plain:
        known = replace(plain, security=security, trust=trust)
        assert (await tell(world, make, known)).state == "delivered"
        unknown = await replace(known, trust=None).send(MAIL)
        assert unknown.outcome.value == "retry"
    assert len(mailbox.mails) == 1


@pytest.mark.parametrize(
    ("answer", "refused", "state", "error"),
    [
        ("550 no", (), "failed", "the mail server refused the mail: 550"),
        ("451 later", (), "pending", "the mail server refused the mail: 451"),
        (
            "250 OK",
            ("ops@example.com", "second@example.com"),
            "failed",
            "the mail server refused every recipient: 550",
        ),
        ("250 OK", ("ops@example.com",), "delivered", "1 recipients were refused: 550"),
    ],
)
async def test_what_a_server_refuses(
    world: World,
    make: Make,
    mailbox: Mailbox,
    server: SmtpServer,
    answer: str,
    refused: tuple[str, ...],
    state: str,
    error: str,
) -> None:
    mailbox.answer, mailbox.refused = answer, refused
    row = await tell(world, make, server)
    assert (row.state, row.error) == (state, error)


async def test_without_a_server_it_waits(world: World, make: Make) -> None:
    row = await tell(world, make, None)
    assert (row.state, row.error) == (
        "pending",
        "no mail server is set: HEEDFUL_ALERTING__SMTP_HOST",
    )

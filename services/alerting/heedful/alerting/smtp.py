"""The SMTP server that mail goes through: the operator's, never a tenant's."""

import ssl
from dataclasses import dataclass, field
from enum import StrEnum

import aiosmtplib

from heedful.alerting.formats.base import DELIVERED, Mail, Outcome, Verdict

_PERMANENT = range(500, 600)


class SmtpSecurity(StrEnum):
    STARTTLS = "starttls"
    TLS = "tls"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class SmtpServer:
    """Where mail goes.

    Attributes:
        sender: the address that mail comes from.
        trust: verifies the server; None: the system's certificates.
    """

    host: str
    port: int
    sender: str
    security: SmtpSecurity
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    timeout_seconds: float = 15.0
    trust: ssl.SSLContext | None = field(default=None, repr=False)

    async def send(self, mail: Mail) -> Verdict:
        """Hand one mail over. The reason has codes only: servers quote addresses."""
        if not mail.recipients:
            return Verdict(Outcome.REFUSED, "nobody to send it to")
        try:
            refused, _ = await aiosmtplib.send(
                mail.content,
                sender=mail.sender,
                recipients=list(mail.recipients),
                hostname=self.host,
                port=self.port,
                username=self.username,
                password=self.password,
                use_tls=self.security is SmtpSecurity.TLS,
                start_tls=self.security is SmtpSecurity.STARTTLS,
                timeout=self.timeout_seconds,
                tls_context=self.trust,
            )
        except aiosmtplib.SMTPRecipientsRefused as error:
            codes = {one.code for one in error.recipients}
            return _verdict(codes, "the mail server refused every recipient")
        except aiosmtplib.SMTPAuthenticationError as error:
            return Verdict(Outcome.RETRY, f"the mail server refused the login: {error.code}")
        except aiosmtplib.SMTPResponseException as error:
            return _verdict({error.code}, "the mail server refused the mail")
        except aiosmtplib.SMTPTimeoutError:
            return Verdict(Outcome.RETRY, "no answer of the mail server in time", throttled=True)
        except (aiosmtplib.SMTPException, OSError, ValueError) as error:
            reason = f"the mail server is not reachable: {type(error).__name__}"
            return Verdict(Outcome.RETRY, reason)
        if refused:
            # The others have it: sending it again would repeat it to them.
            codes = {answer.code for answer in refused.values()}
            reason = f"{len(refused)} recipients were refused: {_said(codes)}"
            return Verdict(Outcome.DELIVERED, reason)
        return DELIVERED


def _verdict(codes: set[int], what: str) -> Verdict:
    permanent = all(code in _PERMANENT for code in codes)
    return Verdict(Outcome.REFUSED if permanent else Outcome.RETRY, f"{what}: {_said(codes)}")


def _said(codes: set[int]) -> str:
    return ", ".join(map(str, sorted(codes)))

"""E-mail, as plain text: a client can make nothing of it but text.

RFC 5322 and RFC 6068: the URL is `mailto:` with addresses; who is called by name gets it too.
The Message-ID is made of the webhook id, so that repeats are recognised.
"""

from email import policy
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from urllib.parse import unquote, urlsplit

from heedful.alerting.endpoint_kinds import EndpointKind
from heedful.alerting.formats.answers import by_status
from heedful.alerting.formats.base import Answer, Mail, Message, Target, Verdict
from heedful.alerting.formats.markup import Unmarked
from heedful.alerting.formats.wording import fitting, handles, plain

SUBJECT_CHARACTERS = 200
TEXT_BYTES = 100_000
MOST_RECIPIENTS = 50


class Email(Unmarked):
    kind = EndpointKind.EMAIL
    hosts = ()
    secret_url = False
    budget = None
    templated = True
    digest = 0

    def request(self, message: Message, target: Target) -> Mail:
        called = [handle for handle, _ in handles(message.mentions, self.kind) if "@" in handle]
        recipients = tuple(dict.fromkeys([*addresses(target.url), *called]))[:MOST_RECIPIENTS]
        mail = EmailMessage(policy.SMTP)
        mail["Subject"] = fitting(plain(message.title), SUBJECT_CHARACTERS, len)
        mail["From"] = target.sender
        mail["To"] = ", ".join(recipients)
        mail["Date"] = format_datetime(target.now)
        mail["Message-ID"] = f"<{message.id}@{parseaddr(target.sender)[1].rpartition('@')[2]}>"
        mail["Auto-Submitted"] = "auto-generated"
        lines = [fitting(message.text, TEXT_BYTES)]
        lines += [f"{message.link_label}: {message.link}"] if message.link else []
        mail.set_content("\n".join(lines) + "\n")
        return Mail(target.sender, recipients, mail.as_bytes())

    def verdict(self, answer: Answer) -> Verdict:
        return by_status(answer)


def addresses(url: str) -> list[str]:
    """The addresses of a `mailto:` URL.

    Raises:
        ValueError: one of them is no address.
    """
    parts = urlsplit(url)
    if parts.scheme != "mailto" or parts.query or parts.fragment:
        raise ValueError("the URL of an e-mail endpoint is mailto: with addresses")
    found = [unquote(part) for part in parts.path.split(",") if part]
    for one in found:
        local, at, domain = one.rpartition("@")
        if not (local and at and "." in domain) or parseaddr(one)[1] != one:
            raise ValueError("the URL of an e-mail endpoint has something that is no address")
    if len(found) > MOST_RECIPIENTS:
        raise ValueError(f"an e-mail endpoint has at most {MOST_RECIPIENTS} addresses")
    return found

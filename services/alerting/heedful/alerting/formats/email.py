"""E-mail, as plain text: a client can make nothing of it but text. With buttons also as HTML.

RFC 5322 and RFC 6068: the URL is `mailto:` with addresses; who is called by name gets it too.
The Message-ID is made of the webhook id, so that repeats are recognised.
"""

from collections.abc import Iterable
from email import policy
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from html import escape
from urllib.parse import unquote, urlsplit

from heedful.alerting.endpoint_kinds import EndpointKind
from heedful.alerting.formats.answers import by_status
from heedful.alerting.formats.base import Answer, Button, Mail, Message, Target, Verdict
from heedful.alerting.formats.markup import Unmarked
from heedful.alerting.formats.wording import fitting, handles, plain
from heedful.alerting.recipients import Mention

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
        to = recipients(target.url, message.mentions)
        mail = EmailMessage(policy.SMTP)
        mail["Subject"] = fitting(plain(message.title), SUBJECT_CHARACTERS, len)
        mail["From"] = target.sender
        mail["To"] = ", ".join(to)
        mail["Date"] = format_datetime(target.now)
        mail["Message-ID"] = f"<{message.id}@{parseaddr(target.sender)[1].rpartition('@')[2]}>"
        mail["Auto-Submitted"] = "auto-generated"
        text = fitting(message.text, TEXT_BYTES)
        links = [f"{one.label}: {one.url}" for one in message.all_buttons]
        mail.set_content("\n".join([text, *links]) + "\n")
        if message.buttons:
            mail.add_alternative(_html(text, message.all_buttons), subtype="html")
        return Mail(target.sender, to, mail.as_bytes())

    def verdict(self, answer: Answer) -> Verdict:
        return by_status(answer)


def recipients(url: str, mentions: Iterable[Mention]) -> tuple[str, ...]:
    """Who gets a mail: the addresses of the endpoint and of those who are called by name."""
    called = [handle for handle, _ in handles(mentions, EndpointKind.EMAIL) if "@" in handle]
    return tuple(dict.fromkeys([*addresses(url), *called]))[:MOST_RECIPIENTS]


def _html(text: str, buttons: Iterable[Button]) -> str:
    """The same text; nothing in it but the buttons leads anywhere."""
    links = (f'<p><a href="{escape(one.url)}">{escape(one.label)}</a></p>' for one in buttons)
    return f"<!doctype html><p>{'<br>'.join(escape(text).splitlines())}</p>{''.join(links)}"


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

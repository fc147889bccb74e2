"""A mail as what ingest takes: a customer's feedback, or a contact by the company's people."""

from collections.abc import Sequence
from typing import Annotated

from pydantic import Field, StringConstraints

from heedful.common.contracts.feedback import MAX_IDENTIFIERS, MAX_TEXT_CHARS
from heedful.ingest.channels import Configured, Draft, Failed, Taken
from heedful.ingest.mail.automatic import is_machine
from heedful.ingest.mail.message import Mail, Unreadable, read
from heedful.ingest.mail.quotes import own_words
from heedful.ingest.mail.signatures import without_signature

Domain = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True, to_lower=True, max_length=253, pattern=r"^[^\s@,<>]+\.[^\s@,<>]+$"
    ),
]
_ADAPTER = "adapter"


class MailOptions(Configured):
    """What a connection says of the mails that it gets."""

    own_domains: tuple[Domain, ...] = Field(
        default=(),
        max_length=50,
        description="The company's mail domains: mail from them to others is an answer of your "
        "people. A mail does not prove its From header: name a domain only if your mail server "
        "refuses strangers who write in its name (SPF, DKIM and DMARC).",
    )
    through_group: bool = Field(
        default=False,
        description="The mailbox is fed by a group (Google Groups, Microsoft 365), which marks "
        "every mail as a mailing list's: the marks of mailing lists are then not heeded.",
    )


def drafts(raw: bytes, options: MailOptions) -> Sequence[Draft | Failed]:
    """At most one item: none for mail that a machine sent, or that stays within the company.

    A mail that cannot be read, or has no words, is `Failed`.
    """
    try:
        mail = read(raw, through_group=options.through_group)
    except Unreadable as error:
        return [Failed(raw, str(error))]
    if mail.automatic is not None:
        return []
    if mail.sender is None:
        return [Failed(raw, "header From has no mail address")]
    if not _is_own(mail.sender, options) and not is_machine(mail.sender):
        return [_feedback(raw, mail, mail.sender, "header From")]
    # A form on a site writes in the company's name or in a machine's; who filled it in stands in
    # Reply-To.
    for customer in mail.reply_to:
        if not _is_own(customer, options) and not is_machine(customer):
            return [_feedback(raw, mail, customer, "header Reply-To")]
    return _contact(mail, mail.sender, options) if _is_own(mail.sender, options) else []


def _feedback(raw: bytes, mail: Mail, customer: str, place: str) -> Draft | Failed:
    words = without_signature(own_words(mail.text))
    where = mail.text_place
    # The subject of a reply is the one of the mail that is answered.
    if mail.subject and not mail.is_reply and not words.startswith(mail.subject):
        words = f"{mail.subject}\n\n{words}".strip()
        where = f"header Subject + {where}" if where else "header Subject"
    if not words:
        return Failed(raw, "the mail has no words of its own: only quotations, pictures or files")
    if len(words) > MAX_TEXT_CHARS:
        return Failed(raw, f"the mail has {len(words)} characters, more than {MAX_TEXT_CHARS}")
    return Draft.feedback(
        id=Taken(mail.message_id, mail.id_place),
        channel=Taken("email", _ADAPTER),
        text=Taken(words, where[:200]),
        occurred_at=_sent_at(mail),
        identifiers=Taken(_identifiers([customer]), place),
        conversation_id=_conversation(mail),
        attributes=Taken({"attachments": str(mail.attachments)}, "parts")
        if mail.attachments
        else None,
    )


def _contact(mail: Mail, sender: str, options: MailOptions) -> Sequence[Draft]:
    outside = [one for one in mail.recipients if not _is_own(one, options)]
    if not outside:
        return []
    actor = {"type": "system" if is_machine(sender) else "human", "id": sender[:200]}
    return [
        Draft.interaction(
            id=Taken(mail.message_id, mail.id_place),
            kind=Taken("contact", _ADAPTER),
            direction=Taken("outbound", _ADAPTER),
            channel=Taken("email", _ADAPTER),
            actor=Taken(actor, "header From"),
            occurred_at=_sent_at(mail),
            identifiers=Taken(_identifiers(outside[:MAX_IDENTIFIERS]), "header To + header Cc"),
            conversation_id=_conversation(mail),
        )
    ]


def _sent_at(mail: Mail) -> Taken | None:
    return None if mail.sent_at is None else Taken(mail.sent_at, "header Date")


def _conversation(mail: Mail) -> Taken:
    return Taken(mail.conversation_id, mail.conversation_place)


def _identifiers(addresses: Sequence[str]) -> list[dict[str, str]]:
    # An address of more than 200 characters is none that a contract takes.
    return [{"type": "email", "value": address} for address in addresses if len(address) <= 200]


def _is_own(address: str, options: MailOptions) -> bool:
    domain = address.rpartition("@")[2]
    return any(domain == own or domain.endswith(f".{own}") for own in options.own_domains)

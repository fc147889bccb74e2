"""What stands in a ticket of a support desk, once its adapter has read it: a customer's words are
feedback, an answer of the company's people or bots is a contact, a rating is a score. Pure; the
same for every desk.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from heedful.common.contracts import ActorType, Channel, Direction, InteractionKind, ScoreKind
from heedful.common.contracts.feedback import MAX_IDENTIFIERS, MAX_TEXT_CHARS
from heedful.ingest.channels import Draft, Failed, Taken
from heedful.ingest.channels.reading import Node
from heedful.ingest.mail.quotes import own_words
from heedful.ingest.mail.signatures import without_signature

_MAX_VALUE = 200
_EDITION = 12


class Speaker(StrEnum):
    CUSTOMER = "customer"
    AGENT = "agent"
    BOT = "bot"


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that was said in a ticket or conversation.

    Attributes:
        words: None when there are none, as in a picture.
        speaker: who, and `speaker_id` which of the company's people or bots.
        customer: identifiers of the ticket's customer, best first.
    """

    id: Taken
    at: Taken | None
    conversation: Taken
    channel: Taken
    words: Taken | None
    speaker: Speaker
    speaker_id: Taken | None
    customer: Taken | None
    attributes: Taken | None = None


@dataclass(frozen=True, slots=True)
class Rating:
    """What a customer answered when asked how it went.

    Attributes:
        subject: what was rated, by the desk's id.
        score: `value`, `minimum`, `maximum`.
        label: the score in one word.
    """

    subject: str
    score: Mapping[str, float]
    score_place: str
    label: str
    words: Taken | None
    conversation: Taken
    customer: Taken | None


def entry(said: Entry, raw: bytes) -> Sequence[Draft | Failed]:
    """The item that an entry is."""
    if said.speaker is not Speaker.CUSTOMER:
        actor = ActorType.BOT if said.speaker is Speaker.BOT else ActorType.HUMAN
        return [_contact(said, Direction.OUTBOUND, actor)]
    if said.words is None:
        return [_contact(said, Direction.INBOUND, ActorType.CUSTOMER)]
    if len(said.words.value) > MAX_TEXT_CHARS:
        detail = f"{said.words.place} is longer than {MAX_TEXT_CHARS} characters"
        return [Failed(raw, detail)]
    return [
        Draft.feedback(
            id=said.id,
            channel=said.channel,
            text=said.words,
            occurred_at=said.at,
            identifiers=said.customer,
            conversation_id=said.conversation,
            attributes=said.attributes,
        )
    ]


def rating(given: Rating, raw: bytes) -> Sequence[Draft | Failed]:
    """Two items: the score, and the words if there are some.

    A desk tells of a rating when it is clicked, and again when words are added: the score is the
    same item then, and the words are one of their own. So a score counts once. Neither says when
    it was, for the desk gives another time with each telling.
    """
    score = {"kind": ScoreKind.CSAT.value, **given.score}
    shared = {"channel": Taken(Channel.SURVEY.value, "adapter"), "identifiers": given.customer,
              "conversation_id": given.conversation}  # fmt: skip
    items: list[Draft | Failed] = [
        Draft.feedback(
            id=Taken(f"{given.subject}:{given.label}"[:_MAX_VALUE], given.score_place),
            text=Taken(given.label, given.score_place),
            score=Taken(score, given.score_place),
            **shared,
        )
    ]
    if given.words is None:
        return items
    if len(given.words.value) > MAX_TEXT_CHARS:
        detail = f"{given.words.place} is longer than {MAX_TEXT_CHARS} characters"
        return [*items, Failed(raw, detail)]
    edition = hashlib.sha256(given.words.value.encode()).hexdigest()[:_EDITION]
    words = Draft.feedback(
        id=Taken(f"{given.subject}:words:{edition}"[:_MAX_VALUE], given.words.place),
        text=given.words,
        attributes=Taken({"rating": given.label}, given.score_place),
        **shared,
    )
    return [*items, words]


def identifiers(node: Node, known: Sequence[tuple[str, str | None]]) -> Taken | None:
    """Identifiers of a person, as (type, value) with the best first; None when there are none."""
    found = [
        {"type": kind, "value": value}
        for kind, value in known
        if value and len(value) <= _MAX_VALUE
    ]
    return node.taken(found[:MAX_IDENTIFIERS] or None)


def mailed(words: str) -> str:
    """What an author wrote in a mail that the desk took in; all of it when that is nothing."""
    return without_signature(own_words(words)) or words


def _contact(said: Entry, direction: Direction, actor: ActorType) -> Draft:
    """Without the words: what staff say to a customer is not the customer's voice."""
    described = {"type": actor.value}
    if actor is not ActorType.CUSTOMER and said.speaker_id is not None:
        described["id"] = str(said.speaker_id.value)[:_MAX_VALUE]
    place = said.id.place if said.speaker_id is None else said.speaker_id.place
    return Draft.interaction(
        id=said.id,
        kind=Taken(InteractionKind.CONTACT.value, "adapter"),
        direction=Taken(direction.value, place),
        actor=Taken(described, place),
        channel=said.channel,
        occurred_at=said.at,
        identifiers=said.customer,
        conversation_id=said.conversation,
        attributes=said.attributes,
    )

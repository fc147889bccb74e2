"""What a message of a chat platform becomes, once its adapter has read it: a customer's feedback,
an employee's note, a contact with a customer, or nothing. Pure; the same for every platform.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from heedful.common.contracts import ActorType, Channel, Direction, InteractionKind
from heedful.common.contracts.feedback import MAX_TEXT_CHARS
from heedful.ingest.channels import Configured, Draft, Failed, Taken
from heedful.ingest.channels.notes import note

_BY_SPEAKER = "options.speaker"


class Party(StrEnum):
    """Who spoke, as the platform tells it.

    A colleague is of the robot's own organisation, and anybody there; an agent is one whom the
    platform itself names so.
    """

    CUSTOMER = "customer"
    COLLEAGUE = "colleague"
    AGENT = "agent"
    BOT = "bot"


class Place(StrEnum):
    """Where: in a group, alone with the robot, or in a ticket of a service desk."""

    GROUP = "group"
    ALONE = "alone"
    TICKET = "ticket"


@dataclass(frozen=True, slots=True)
class Said:
    """One message.

    Attributes:
        at: when it was sent; None: the platform does not say.
        form: the platform's name of the kind of message, e.g. `text`, `image`.
        words: None when there are none, as in a picture.
        identities: the sender's identifiers as the contract has them, best first.
        staff_id: the sender's id as it would be of one of staff.
        aside: to the robot or to colleagues; from one of staff it is no answer to a customer.
        raw: the request, for quarantine.
    """

    id: Taken
    at: Taken | None
    chat: Taken
    place: Place
    form: Taken
    words: Taken | None
    party: Party
    identities: Taken | None
    staff_id: Taken | None
    aside: bool
    raw: bytes


class ChatOptions(Configured):
    speaker: Literal["customer", "employee"] = Field(
        default="customer",
        description="Whose words come over this connection: `customer` makes them feedback of the"
        " channel `chat`; `employee` makes each an employee's note.",
    )
    colleagues: Literal["agents", "customers"] = Field(
        default="agents",
        description="What people of your own organisation are in a customers' chat: `agents`, whose"
        " words are no feedback; or `customers`, as at an inner service desk.",
    )
    customer_chats: tuple[Annotated[str, StringConstraints(min_length=1, max_length=256)], ...] = (
        Field(
            default=(),
            max_length=1000,
            description="Ids of the groups in which customers speak; what is said in other groups"
            " is no customer's. Empty: all groups.",
        )
    )
    notes_command: Annotated[str, StringConstraints(pattern=r"^\S{2,32}$")] | None = Field(
        default=None,
        description="A colleague's message that begins with this, e.g. `/voc`, is an employee's"
        " note.",
    )

    @model_validator(mode="after")
    def _customers_only(self) -> Self:
        if self.speaker == "employee" and self.customer_chats:
            raise ValueError(
                "customer_chats says where customers speak; with speaker employee leave it out"
            )
        return self


def drafts(said: Said, options: ChatOptions) -> Sequence[Draft | Failed]:
    """What the message becomes: one item or none."""
    if said.words is not None and len(said.words.value) > MAX_TEXT_CHARS:
        detail = f"{said.words.place} is longer than {MAX_TEXT_CHARS} characters"
        return [Failed(said.raw, detail)]
    item = _note(said, options)
    if item is None and options.speaker == "customer" and _of_customers(said, options):
        item = _of_customer(said) if _is_customer(said, options) else _of_staff(said)
    return [] if item is None else [item]


def _of_customers(said: Said, options: ChatOptions) -> bool:
    """It was said where customers speak."""
    listed = options.customer_chats
    return said.place is not Place.GROUP or not listed or said.chat.value in listed


def _is_customer(said: Said, options: ChatOptions) -> bool:
    if said.party is Party.COLLEAGUE:
        return options.colleagues == "customers"
    return said.party is Party.CUSTOMER


def _note(said: Said, options: ChatOptions) -> Draft | None:
    if said.words is None or said.party is Party.BOT:
        return None
    fields = None
    if options.notes_command is not None and _may_note(said, options):
        fields = note(said.words, options.notes_command, said.staff_id)
    if fields is None and options.speaker == "employee":
        fields = note(said.words, None, said.staff_id)
    return None if fields is None else Draft.feedback(id=said.id, occurred_at=said.at, **fields)


def _may_note(said: Said, options: ChatOptions) -> bool:
    """A customer who knows the command makes no note with it."""
    return said.party is Party.COLLEAGUE and not (
        options.speaker == "customer"
        and _is_customer(said, options)
        and _of_customers(said, options)
    )


def _of_customer(said: Said) -> Draft:
    if said.words is None:
        return _contact(said, Direction.INBOUND, ActorType.CUSTOMER)
    return Draft.feedback(
        id=said.id,
        channel=_channel(said),
        text=said.words,
        occurred_at=said.at,
        identifiers=said.identities,
        conversation_id=said.chat,
        attributes=_form(said),
    )


def _of_staff(said: Said) -> Draft | None:
    if said.party is Party.COLLEAGUE and (said.aside or said.place is Place.ALONE):
        # As a contact it would stop a respond clock, and the customer was told nothing.
        return None
    actor = ActorType.BOT if said.party is Party.BOT else ActorType.HUMAN
    return _contact(said, Direction.OUTBOUND, actor)


def _contact(said: Said, direction: Direction, actor: ActorType) -> Draft:
    """Without the words: what staff say to a customer is not the customer's voice."""
    by_customer = actor is ActorType.CUSTOMER
    who = said.identities if by_customer else said.staff_id
    place = said.form.place if who is None else who.place
    described = {"type": actor.value}
    if not by_customer and said.staff_id is not None:
        described["id"] = said.staff_id.value
    return Draft.interaction(
        id=said.id,
        kind=Taken(InteractionKind.CONTACT.value, said.form.place),
        direction=Taken(direction.value, place),
        actor=Taken(described, place),
        channel=_channel(said),
        occurred_at=said.at,
        identifiers=said.identities if by_customer else None,
        conversation_id=said.chat,
        attributes=_form(said),
    )


def _channel(said: Said) -> Taken:
    if said.place is Place.TICKET:
        return Taken(Channel.TICKET.value, said.chat.place)
    return Taken(Channel.CHAT.value, _BY_SPEAKER)


def _form(said: Said) -> Taken:
    return Taken({"message_type": said.form.value}, said.form.place)

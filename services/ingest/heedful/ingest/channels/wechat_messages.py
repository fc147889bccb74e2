"""What the messages of 微信客服 and of 公众号 have in common once they are read. Pure."""

import hashlib
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from pydantic import Field, FiniteFloat, model_validator

from heedful.common.contracts import (
    ActorType,
    Channel,
    Direction,
    IdentifierType,
    InteractionKind,
    ScoreKind,
)
from heedful.common.contracts.feedback import MAX_TEXT_CHARS
from heedful.ingest.channels import Configured, Malformed, Taken
from heedful.ingest.channels.reading import Node

Fields = dict[str, Taken | None]
"""Named as in PostedFeedback and PostedInteraction."""

_SECOND = timedelta(seconds=1)
_MAX_ATTRIBUTE = 500
_MAX_SUMMARY = 2000
_CUT = "…"


class MenuScores(Configured):
    """How a tap on a menu item (满意, 不满意, …) becomes a score."""

    menu_scores: dict[str, FiniteFloat] = Field(
        default_factory=dict,
        max_length=100,
        description=(
            "The satisfaction that a menu item stands for, by the id that you gave the item when "
            'you sent the menu, e.g. `{"101": 5, "102": 1}`. The tapped words stay the text.'
        ),
    )
    menu_scale: tuple[FiniteFloat, FiniteFloat] = Field(
        default=(1, 5), description="The lowest and the highest of these scores."
    )

    @model_validator(mode="after")
    def _on_the_scale(self) -> "MenuScores":
        lowest, highest = self.menu_scale
        if lowest >= highest:
            raise ValueError("menu_scale should be the lowest score, then the highest")
        if any(not lowest <= score <= highest for score in self.menu_scores.values()):
            raise ValueError("menu_scores should be within menu_scale")
        return self

    def score(self, menu_id: Node) -> Taken | None:
        """The score of the item that was tapped; None when nothing was, or it stands for none."""
        value = self.menu_scores.get(menu_id.text() or "")
        if value is None:
            return None
        lowest, highest = self.menu_scale
        return menu_id.taken(
            {"kind": ScoreKind.CSAT.value, "value": value, "minimum": lowest, "maximum": highest}
        )


def fingerprint(*parts: str) -> str:
    """Stands for these parts where none of them may stand: ids and conversations travel more
    widely than identifiers do. 32 hexadecimal digits of SHA-256."""
    return hashlib.sha256("\x00".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:32]


def told(
    identity: Taken, sent: Node, account: Node, customer: Node, known_as: IdentifierType
) -> Fields:
    """What every item says: which it is, when, where and of whom.

    Args:
        sent: a Unix time in seconds.
        known_as: the type of the customer's identifier.

    Raises:
        Malformed: the time or the customer is missing.
    """
    name = customer.needed(customer.text()).value
    return {
        "id": identity,
        "occurred_at": sent.needed(sent.unix_time(_SECOND)),
        "channel": constant(Channel.CHAT.value),
        "identifiers": customer.taken([{"type": known_as.value, "value": name}]),
        "conversation_id": _conversation(account, customer),
    }


def done(kind: InteractionKind, direction: Direction, actor: Taken) -> Fields:
    """What an interaction says besides."""
    return {
        "kind": constant(kind.value),
        "direction": constant(direction.value),
        "actor": actor,
    }


def by_customer(kind: InteractionKind) -> Fields:
    return done(kind, Direction.INBOUND, constant({"type": ActorType.CUSTOMER.value}))


def attributes(found: Mapping[str, Node]) -> Taken | None:
    """Those that were sent, each at most 500 characters."""
    texts = {name: node.text() for name, node in found.items()}
    values = {name: shortened(text, _MAX_ATTRIBUTE) for name, text in texts.items() if text}
    places = ", ".join(node.place for name, node in found.items() if name in values)
    return Taken(values, places[:200]) if values else None


def words(text: Node) -> Taken | None:
    """What the customer said; None when there are no words.

    Raises:
        Malformed: longer than a feedback may be.
    """
    said = text.text()
    if said is not None and len(said) > MAX_TEXT_CHARS:
        raise Malformed(f"{text.place} is longer than {MAX_TEXT_CHARS} characters")
    return text.taken(said)


def summary(text: Node) -> Taken | None:
    """The beginning of words that are not the customer's own, e.g. of a title."""
    written = text.text()
    return text.taken(written and shortened(written, _MAX_SUMMARY))


def shortened(text: str, limit: int) -> str:
    """At most so many characters; what was cut ends with a sign that it was."""
    return text if len(text) <= limit else text[: limit - len(_CUT)] + _CUT


def constant(value: Any) -> Taken:
    """What every message of the channel has."""
    return Taken(value, "fixed")


def _conversation(account: Node, customer: Node) -> Taken | None:
    """One customer's talk with one account: neither vendor numbers the talks."""
    where, who = account.text(), customer.text()
    if where is None or who is None:
        return None
    return Taken(fingerprint(where, who), f"{account.place}, {customer.place}")

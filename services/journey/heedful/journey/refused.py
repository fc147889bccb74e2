"""Why nothing was decided of who is who."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from heedful.common.contracts import IdentifierType
from heedful.common.errors import HeedfulError
from heedful.journey.identifiers import Node


@dataclass(frozen=True, slots=True)
class Named:
    """An identifier as a person names it.

    Attributes:
        values: the forms in which it may be stored.
        source: whose it is; None: of any.
    """

    type: IdentifierType
    values: tuple[str, ...]
    source: str | None

    def names(self, node: Node) -> bool:
        return (
            node.type is self.type
            and node.value in self.values
            and self.source in (None, node.scope)
        )


class NoCustomer(HeedfulError):
    """The tenant has no such customer."""


class OneAlready(HeedfulError):
    """The two are one customer."""


class TwoCustomerIds(HeedfulError):
    """Each has a customer id, and nobody said that this is no mistake."""


class KeptApart(HeedfulError):
    """Decisions in force say that they are two."""

    def __init__(self, decisions: Sequence[uuid.UUID]) -> None:
        super().__init__("decided to be two customers")
        self.decisions = decisions


class NotTheirs(HeedfulError):
    """Identifiers that are not the customer's alone."""

    def __init__(self, named: Sequence[Named]) -> None:
        super().__init__("not the customer's")
        self.named = named


class NobodyLeft(HeedfulError):
    """All that the customer has would be parted from it."""


class TooMany(HeedfulError):
    """More identifiers than a decision takes."""


class NoDecision(HeedfulError):
    """The tenant has no such decision."""


class Revoked(HeedfulError):
    """It is in force no longer."""

"""Whom a notice is for: positions of a ladder's step, and the people who were found for them."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Recipient(StrEnum):
    OWNER = "owner"
    LEAD = "lead"
    MANAGER = "manager"
    DIRECTOR = "director"
    BOARD = "board"


@dataclass(frozen=True, slots=True)
class Mention:
    """Somebody whom a message calls by name.

    Attributes:
        handles: how each kind of endpoint knows the person: a user id, or an address for e-mail.
    """

    member_id: str
    name: str
    handles: Mapping[str, str]

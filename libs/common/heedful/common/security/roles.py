"""The roles of people."""

from enum import Enum
from functools import total_ordering
from typing import Final


@total_ordering
class Role(Enum):
    """Of a person, the lowest first: each may do what those before it may.

    No StrEnum: its members would compare by the alphabet, in which an admin is the least.
    """

    AGENT = "agent"
    LEAD = "lead"
    MANAGER = "manager"
    ADMIN = "admin"

    def __lt__(self, other: object) -> bool:
        if not isinstance(other, Role):
            return NotImplemented
        return _ORDER[self] < _ORDER[other]

    def __str__(self) -> str:
        return self.value


_ORDER: Final = {role: number for number, role in enumerate(Role)}

"""Addresses of pages with what was chosen in them."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode


@dataclass(frozen=True, slots=True)
class Address:
    """A path and its query, without what is empty.

    Attributes:
        chosen: by name; a name stands once.
    """

    path: str
    chosen: Mapping[str, str]

    def at(self, path: str) -> "Address":
        """The same choice on another page."""
        return Address(path, self.chosen)

    def but(self, **changes: object) -> "Address":
        """With other values; None takes one out. `from` is written `from_`."""
        given = {name.rstrip("_"): value for name, value in changes.items()}
        kept = {name: value for name, value in self.chosen.items() if name not in given}
        added = {name: str(value) for name, value in given.items() if value is not None}
        return Address(self.path, {**kept, **added})

    def __str__(self) -> str:
        query = urlencode({name: value for name, value in self.chosen.items() if value != ""})
        return f"{self.path}?{query}" if query else self.path

"""Why journey computed nothing, for who asked. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from heedful.console.upstream.errors import Invalid

_TOO_MANY: Final = "too-many-events"
_IN_QUERY: Final = "query."


@dataclass(frozen=True, slots=True)
class Refused:
    """
    Attributes:
        faults: parameters with what is wrong with them.
        first_day: the period has too many events, and this first day would do.
        detail: in the words of the service.
    """

    faults: Mapping[str, str]
    first_day: str | None
    detail: str


def refused(error: Invalid) -> Refused:
    """What the problem says, with its members."""
    told = error.members.get("errors")
    faults = {
        str(one.get("at", "")).removeprefix(_IN_QUERY): str(one.get("message", ""))
        for one in (told if isinstance(told, list) else [])
        if isinstance(one, dict)
    }
    since = error.members.get("from")
    first_day = since[:10] if error.code == _TOO_MANY and isinstance(since, str) else None
    return Refused(faults, first_day, error.detail)

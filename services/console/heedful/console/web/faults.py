"""What a service finds wrong with a form, by field."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from heedful.console.upstream.errors import UpstreamError

_FIELD_FIRST: Final = re.compile(r"^([a-z_]+(?:\.[\w-]+)*): (.+)$", re.DOTALL)
_BODY: Final = "body."


@dataclass(frozen=True, slots=True)
class Fault:
    """`at`: the field, as `rules.0.clocks.respond.target`; empty: the whole."""

    at: str
    message: str


def faults(error: UpstreamError) -> tuple[Fault, ...]:
    """Of its member `errors`; where it has none, of its detail, which may begin with the field."""
    found = error.members.get("errors")
    if isinstance(found, Sequence) and found and not isinstance(found, str):
        return tuple(
            Fault(str(one.get("at", "")).removeprefix(_BODY), str(one.get("message", "")))
            for one in found
            if isinstance(one, dict)
        )
    first = _FIELD_FIRST.match(error.detail)
    return (Fault("", error.detail),) if first is None else (Fault(*first.groups()),)

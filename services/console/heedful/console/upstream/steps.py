"""Steps that are taken with a case."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from heedful.console.upstream.caller import Caller
from heedful.console.upstream.paths import part
from heedful.console.upstream.reading import Read


class Actor(Read):
    """`human` alone is a person."""

    type: str
    id: str | None = None

    @property
    def is_person(self) -> bool:
        return self.type == "human"


class Taken(Read):
    """The case that a step has led to: of a split, the new one."""

    id: str
    sequence: int


class Moved(Read):
    """Who did the last step of a case that has moved on, and when: members of a 412."""

    sequence: int
    state: str
    by: Actor
    at: datetime


@dataclass(frozen=True, slots=True)
class Seen:
    """A case as who acts saw it."""

    id: str
    sequence: int


async def take(
    alerting: Caller, seen: Seen, step: str, body: Mapping[str, Any] | None = None
) -> Taken:
    """Take this step, unless the case has moved on.

    Args:
        step: the last part of the step's path.

    Raises:
        Conflict: it has, or its state does not allow it.
        UpstreamError: it was not done.
    """
    path = f"/v1/cases/{part(seen.id)}/{step}"
    return await alerting.post(Taken, path, body, headers={"If-Match": f'"{seen.sequence}"'})

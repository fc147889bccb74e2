"""Somebody who works on cases, or is told of them. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from heedful.alerting.endpoint_kinds import EndpointKind
from heedful.alerting.recipients import Mention


class Position(StrEnum):
    """Where somebody stands on the ladder. What they may do is their role, another thing."""

    AGENT = "agent"
    LEAD = "lead"
    MANAGER = "manager"
    DIRECTOR = "director"


@dataclass(frozen=True, slots=True)
class Absence:
    """[since, until), in UTC; no end is an end that nobody knows."""

    since: datetime
    until: datetime | None = None

    def covers(self, at: datetime) -> bool:
        return self.since <= at and (self.until is None or at < self.until)


@dataclass(frozen=True, slots=True)
class Member:
    """A person of a tenant.

    Attributes:
        id: of the person, as tokens have it in `sub`.
        teams: none is all of them.
        deputy: id of who is told while this one is absent.
        handles: how each kind of endpoint knows the person; e-mail stands in `email`.
    """

    id: str
    name: str
    position: Position
    teams: tuple[str, ...] = ()
    deputy: str | None = None
    absences: tuple[Absence, ...] = ()
    handles: Mapping[EndpointKind, str] = field(default_factory=dict)
    email: str | None = None

    def absent(self, at: datetime) -> bool:
        return any(one.covers(at) for one in self.absences)

    def works_for(self, team: str | None) -> bool:
        """Whether cases of a team are theirs; what is of no team is everybody's."""
        return team is None or not self.teams or team in self.teams

    @property
    def mention(self) -> Mention:
        """As messages call this person."""
        email = {} if self.email is None else {EndpointKind.EMAIL.value: self.email}
        handles = {kind.value: handle for kind, handle in self.handles.items()}
        return Mention(self.id, self.name, {**email, **handles})


def without_deputy(members: Sequence[Member]) -> list[str]:
    """Ids of those whose deputy is none of these members, or themselves."""
    known = {one.id for one in members}
    return [
        one.id
        for one in members
        if one.deputy is not None and (one.deputy == one.id or one.deputy not in known)
    ]

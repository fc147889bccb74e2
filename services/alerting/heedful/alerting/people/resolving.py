"""Who the recipients of a notice are at a moment. Pure.

Stands on reference/sla.md §4.8: who is out of office is replaced by the deputy, and a case that is
nobody's is the lead's.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Final

from heedful.alerting.people.member import Member, Position
from heedful.alerting.recipients import Recipient

_POSITIONS: Final = {
    Recipient.LEAD: Position.LEAD,
    Recipient.MANAGER: Position.MANAGER,
    Recipient.DIRECTOR: Position.DIRECTOR,
}
_LADDER: Final = tuple(_POSITIONS)


class Present:
    """The members of a tenant at a moment, with who stands in for whom; of many notices one is
    enough."""

    def __init__(self, members: Sequence[Member], now: datetime) -> None:
        self._by_id = {one.id: one for one in sorted(members, key=lambda one: one.id)}
        self._now = now

    def resolve(
        self, recipients: Iterable[Recipient], owner: str | None, team: str | None
    ) -> tuple[Member, ...]:
        """The people who are told, each once: recipients in their order, and people by their ids.

        An absent one is replaced by the deputy, by the deputy's deputy, and so on; a circle of
        absent ones ends. When nobody is left of a rung, the next higher one is told: of the owner
        the leads of the team, then managers, then directors. The board is a screen and no person.

        Args:
            owner: id of the case's owner; None, or nobody's id: the lead's.
            team: of the case; None: people of all teams.
        """
        found: dict[str, Member] = {}
        for recipient in recipients:
            for one in self._of(recipient, owner, team):
                found.setdefault(one.id, one)
        return tuple(found.values())

    def _of(self, recipient: Recipient, owner: str | None, team: str | None) -> Sequence[Member]:
        if recipient is Recipient.BOARD:
            return ()
        if recipient is Recipient.OWNER:
            held = self._stand_in(self._by_id.get(owner or ""))
            if held is not None:
                return (held,)
            recipient = Recipient.LEAD
        for rung in _LADDER[_LADDER.index(recipient) :]:
            if found := list(self._on(_POSITIONS[rung], team)):
                return found
        return ()

    def _on(self, position: Position, team: str | None) -> Iterator[Member]:
        for one in self._by_id.values():
            if one.position is position and one.works_for(team):
                found = self._stand_in(one)
                if found is not None:
                    yield found

    def _stand_in(self, member: Member | None) -> Member | None:
        """The first who is there, along the deputies."""
        asked: set[str] = set()
        while member is not None and member.absent(self._now):
            asked.add(member.id)
            member = self._by_id.get(member.deputy or "")
            if member is not None and member.id in asked:
                return None
        return member

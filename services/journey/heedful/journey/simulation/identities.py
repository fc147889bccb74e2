"""How systems know each person, and what of it an event carries: shared phones, typos, changes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from heedful.common.contracts import Identifier, IdentifierType
from heedful.journey.insights.facts import Facts, Flags, Ints
from heedful.journey.simulation.draws import stream

FAMILY: Final = 0.06
"""Share of people who use the phone of the person before them, and that person's device."""
CHANGED: Final = 0.04
"""Share of people whose phone changes halfway."""
TYPO: Final = 0.01
"""Share of the phones of events in which a digit is wrong."""

HAVING: Final = {
    IdentifierType.CUSTOMER_ID: 1.0,
    IdentifierType.PHONE: 1.0,
    IdentifierType.WECHAT_OPENID: 0.6,
    IdentifierType.MEMBER_CARD: 0.5,
    IdentifierType.EMAIL: 0.3,
    IdentifierType.DEVICE: 0.7,
}
"""Share of people who have one."""

_TYPES: Final = tuple(HAVING)

_CARRIED: Final[Mapping[str, tuple[float, ...]]] = {
    # customer_id, phone, openid, card, email, device
    "call": (0.0, 1.0, 0.0, 0.0, 0.0, 0.0),
    "chat": (0.1, 0.0, 1.0, 0.0, 0.0, 0.0),
    "ticket": (0.5, 0.3, 0.0, 0.0, 0.5, 0.0),
    "survey": (0.4, 0.6, 0.0, 0.0, 0.1, 0.0),
    "review": (0.0, 0.2, 0.6, 0.0, 0.0, 0.2),
    "social": (0.0, 0.0, 0.7, 0.0, 0.0, 0.0),
    "app": (0.9, 0.3, 0.2, 0.0, 0.1, 0.9),
    "store": (0.1, 0.5, 0.0, 0.7, 0.0, 0.0),
    "employee": (0.0, 0.3, 0.0, 0.3, 0.0, 0.0),
}
"""By channel: the chance that an event carries an identifier of each type, of those there are."""


@dataclass(frozen=True, slots=True, eq=False)
class Identities:
    """
    Attributes:
        phone: by person, whose number they use.
        changed: their number is another one in the second half of the period.
        has: people x types of `HAVING`.
    """

    phone: Ints
    changed: Flags
    has: Flags

    def all(self, person: int) -> list[Identifier]:
        """Everything that names a person, also what they share with another."""
        found = [self.one(person, place) for place in np.flatnonzero(self.has[person]).tolist()]
        if self.changed[person]:
            found.append(Identifier(type=IdentifierType.PHONE, value=_number(person, 1)))
        return found

    def one(self, person: int, place: int, *, late: bool = False) -> Identifier:
        """One identifier, by its place in `HAVING`."""
        kind = _TYPES[place]
        if kind is IdentifierType.PHONE:
            renewed = late and bool(self.changed[person])
            owner = person if renewed else int(self.phone[person])
            return Identifier(type=kind, value=_number(owner, int(renewed)))
        owner = int(self.phone[person]) if kind is IdentifierType.DEVICE else person
        return Identifier(type=kind, value=_spelled(kind, owner))


def identities(people: int, seed: int) -> Identities:
    rng = stream(seed, "identities")
    phone = np.arange(people, dtype=np.int32)
    family = rng.random(people) < FAMILY
    family[:1] = False
    # Nobody uses the phone of somebody who uses another's.
    family[1:] &= ~family[:-1]
    phone[family] -= 1
    changed = ~family & (rng.random(people) < CHANGED)
    has = rng.random((people, len(HAVING))) < np.array(list(HAVING.values()))
    return Identities(phone, changed, has)


class Carried:
    """Which identifiers each event carries; the same for a seed."""

    def __init__(self, facts: Facts, of: Identities, seed: int) -> None:
        rng = stream(seed, "carried")
        chances = np.array(
            [_CARRIED.get(name, (0.5,) * len(_TYPES)) for name in facts.channel.names]
        )
        drawn = rng.random((len(facts), len(_TYPES))) < chances[facts.channel.codes]
        self._flags = drawn & of.has[facts.customer]
        self._late = facts.at > (facts.since + facts.until) / 2
        self._typo = np.where(rng.random(len(facts)) < TYPO, rng.integers(1, 10**6, len(facts)), 0)
        self._person, self._of = facts.customer, of

    def by(self, event: int) -> list[Identifier]:
        person, late = int(self._person[event]), bool(self._late[event])
        places = np.flatnonzero(self._flags[event]).tolist()
        found = [self._of.one(person, place, late=late) for place in places]
        typo = int(self._typo[event])
        return [_mistyped(one, typo) for one in found] if typo else found


def _number(person: int, which: int) -> str:
    # No network has numbers that begin with 12: nobody can be called.
    return f"12{which}{person:08}"


def _spelled(kind: IdentifierType, person: int) -> str:
    match kind:
        case IdentifierType.CUSTOMER_ID:
            return f"FC-{person:06}"
        case IdentifierType.WECHAT_OPENID:
            return f"oSim{person:08x}"
        case IdentifierType.MEMBER_CARD:
            return f"88{person:08}"
        case IdentifierType.EMAIL:
            return f"customer{person}@example.com"
        case _:
            return f"dev-{person:06x}"


def _mistyped(one: Identifier, typo: int) -> Identifier:
    """A phone with one of its last eight digits wrong."""
    if one.type is not IdentifierType.PHONE:
        return one
    place, by = 3 + typo % 8, 1 + typo // 8 % 9
    wrong = (int(one.value[place]) + by) % 10
    return Identifier(type=one.type, value=f"{one.value[:place]}{wrong}{one.value[place + 1 :]}")

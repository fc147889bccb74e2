"""Pairs of customers that the rules leave apart and that may be one person. Pure.

A pair meets in identifiers that belong to nobody: a shared phone, a mail address of two customers,
a device. Each meeting and each likeness says a little; together they say `1 - (1 - p1)(1 - p2)…`,
as if they were independent (a noisy or, Pearl 1988, §4.3.2), and what speaks against it takes a
part of that away. The weights are set by hand; docs/identity.md says how right the scores are on
simulated people. No score merges anybody.
"""

import uuid
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations
from typing import Final

from heedful.common.contracts import IdentifierType
from heedful.common.identifiers import is_hashed

MAX_BESIDE: Final = 6
"""Customers that meet in one identifier; where more do, it is a shop's or a call centre's."""
MIN_SCORE: Final = 0.25
_MAX_OF_A_KIND: Final = 3
"""Meetings of a kind that count: a family has many devices."""
_MIN_LOCAL: Final = 6
"""Characters of a mail address before the @, below which two are alike by chance."""


class Why(StrEnum):
    SHARED_PHONE = "shared_phone"
    SHARED_IDENTIFIER = "shared_identifier"
    SHARED_DEVICE = "shared_device"
    SAME_NAME = "same_name"
    SIMILAR_EMAIL = "similar_email"
    OTHER_NAME = "other_name"
    TWO_CUSTOMER_IDS = "two_customer_ids"


FOR: Final[Mapping[Why, float]] = {
    Why.SHARED_PHONE: 0.3,
    Why.SHARED_IDENTIFIER: 0.3,
    Why.SHARED_DEVICE: 0.15,
    Why.SAME_NAME: 0.5,
    Why.SIMILAR_EMAIL: 0.5,
}
AGAINST: Final[Mapping[Why, float]] = {Why.OTHER_NAME: 0.3, Why.TWO_CUSTOMER_IDS: 0.8}
"""What is left of the score."""


@dataclass(frozen=True, slots=True)
class Profile:
    """What is known of one customer.

    Attributes:
        names: as events gave them, in one spelling.
        customer_id: it has one.
    """

    customer: uuid.UUID
    names: frozenset[str]
    emails: tuple[str, ...]
    customer_id: bool


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Two customers, the smaller id first.

    Attributes:
        score: 0 to 1; says which to look at first, and is no probability.
        reasons: what speaks for it, then what speaks against it.
    """

    a: uuid.UUID
    b: uuid.UUID
    score: float
    reasons: tuple[Why, ...]

    @property
    def place(self) -> tuple[float, uuid.UUID, uuid.UUID]:
        """Sorts the likeliest first."""
        return -self.score, self.a, self.b


Pair = tuple[uuid.UUID, uuid.UUID]


def meetings(
    beside: Iterable[tuple[IdentifierType, Collection[uuid.UUID]]],
) -> Mapping[Pair, Counter[Why]]:
    """How often and in what each pair meets.

    Args:
        beside: identifiers of nobody: their type, and the customers they were seen with.
    """
    found: dict[Pair, Counter[Why]] = defaultdict(Counter)
    for kind, customers in beside:
        if len(customers) > MAX_BESIDE:
            continue
        for a, b in combinations(sorted(customers), 2):
            found[a, b][_MEETING.get(kind, Why.SHARED_IDENTIFIER)] += 1
    return found


def suggestion(one: Profile, other: Profile, met: Counter[Why]) -> Suggestion | None:
    """None where too little speaks for it."""
    first, second = sorted((one, other), key=lambda each: each.customer)
    counts = Counter({why: min(count, _MAX_OF_A_KIND) for why, count in met.items()})
    against = []
    if one.names and other.names:
        if one.names & other.names:
            counts[Why.SAME_NAME] = 1
        else:
            against.append(Why.OTHER_NAME)
    if any(similar(a, b) for a in one.emails for b in other.emails):
        counts[Why.SIMILAR_EMAIL] = 1
    if one.customer_id and other.customer_id:
        against.append(Why.TWO_CUSTOMER_IDS)
    doubt = 1.0
    for why, count in counts.items():
        doubt *= (1 - FOR[why]) ** count
    score = 1 - doubt
    for why in against:
        score *= AGAINST[why]
    if score < MIN_SCORE:
        return None
    favouring = sorted(counts, key=lambda why: (-FOR[why], why))
    return Suggestion(first.customer, second.customer, round(score, 4), (*favouring, *against))


def similar(one: str, other: str) -> bool:
    """Whether two mail addresses differ by one slip: a character that is another, missing, too many
    or changed places with the next one (Damerau 1964). Hashed ones are never alike."""
    if one == other or is_hashed(one) or is_hashed(other):
        return False
    if min(len(each.partition("@")[0]) for each in (one, other)) < _MIN_LOCAL:
        return False
    return _one_slip(*sorted((one, other), key=len))


def _one_slip(short: str, long: str) -> bool:
    if len(long) - len(short) > 1:
        return False
    at = next((i for i, (a, b) in enumerate(zip(short, long, strict=False)) if a != b), len(short))
    rest, others = short[at:], long[at:]
    if len(short) < len(long):
        return rest == others[1:]
    return rest[1:] == others[1:] or (rest[:2] == others[1::-1] and rest[2:] == others[2:])


_MEETING: Final[Mapping[IdentifierType, Why]] = {
    IdentifierType.PHONE: Why.SHARED_PHONE,
    IdentifierType.DEVICE: Why.SHARED_DEVICE,
}

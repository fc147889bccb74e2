"""Union-find over identifiers that knows what keeps two groups from being one person."""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping

from heedful.common.contracts import IdentifierType
from heedful.journey.decisions import Side, opposite

Kind = tuple[IdentifierType, str]
"""Of what a person has one: type and scope."""

CUSTOMER: Kind = (IdentifierType.CUSTOMER_ID, "")


class Forest:
    """Groups that grow by joining.

    Args:
        kinds: every identifier, with the kinds of which it is the one of its person.
        sides: where people keep it apart from others.
    """

    def __init__(
        self,
        kinds: Mapping[uuid.UUID, frozenset[Kind]],
        sides: Mapping[uuid.UUID, frozenset[Side]],
    ) -> None:
        self._parent = {key: key for key in kinds}
        self._kinds = dict(kinds)
        self._sides = {key: sides.get(key, frozenset()) for key in kinds}

    def __contains__(self, key: uuid.UUID) -> bool:
        return key in self._parent

    def apart(self, a: uuid.UUID, b: uuid.UUID) -> bool:
        """Whether people keep the groups of the two apart."""
        return not opposite(self._sides[self.root(a)]).isdisjoint(self._sides[self.root(b)])

    def join_unless_two_customers(self, a: uuid.UUID, b: uuid.UUID) -> None:
        first, second = self.root(a), self.root(b)
        if CUSTOMER not in self._kinds[first] or CUSTOMER not in self._kinds[second]:
            self.join_unless_apart(first, second)

    def join_unless_apart(self, a: uuid.UUID, b: uuid.UUID) -> None:
        if not self.apart(a, b):
            self._join(self.root(a), self.root(b))

    def join_unless_two_people(self, one: uuid.UUID, others: Iterable[uuid.UUID]) -> bool:
        """Join all or none; False when two of the groups are evidently different people."""
        roots = {self.root(one), *map(self.root, others)}
        seen: set[Kind] = set()
        excluded: set[Side] = set()
        for root in roots:
            if seen & self._kinds[root] or excluded & self._sides[root]:
                return False
            seen |= self._kinds[root]
            excluded |= opposite(self._sides[root])
        for root in roots:
            self._join(self.root(one), root)
        return True

    def groups(self, without: set[uuid.UUID]) -> tuple[frozenset[uuid.UUID], ...]:
        found: dict[uuid.UUID, set[uuid.UUID]] = defaultdict(set)
        for key in self._parent:
            if key not in without:
                found[self.root(key)].add(key)
        return tuple(frozenset(group) for group in found.values())

    def root(self, key: uuid.UUID) -> uuid.UUID:
        """The same of all that are in one group, until it grows."""
        while self._parent[key] != key:
            self._parent[key] = self._parent[self._parent[key]]
            key = self._parent[key]
        return key

    def _join(self, first: uuid.UUID, second: uuid.UUID) -> None:
        if first == second:
            return
        self._parent[second] = first
        self._kinds[first] |= self._kinds.pop(second)
        self._sides[first] |= self._sides.pop(second)

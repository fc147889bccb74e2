"""Identifiers: one spelling per person, and how much each type says."""

import uuid
from dataclasses import dataclass
from functools import lru_cache

from heedful.common.contracts import Identifier, Identifiers, IdentifierType
from heedful.common.events import deterministic_id
from heedful.common.identifiers import normalised

STRENGTH: dict[IdentifierType, int] = {
    IdentifierType.CUSTOMER_ID: 0,
    IdentifierType.WECHAT_UNIONID: 1,
    IdentifierType.MEMBER_CARD: 2,
    IdentifierType.EXTERNAL: 3,
    IdentifierType.WECHAT_OPENID: 4,
    IdentifierType.EMAIL: 5,
    IdentifierType.PHONE: 6,
    IdentifierType.DEVICE: 7,
}
"""Strongest first: an event belongs to the customer of its strongest identifier."""


@dataclass(frozen=True, slots=True)
class Node:
    """One identifier of one tenant.

    Attributes:
        id: the same for the same tenant, type, scope and value, for ever.
        scope: the source whose identifier it is; empty where a value means the same everywhere.
    """

    id: uuid.UUID
    tenant: str
    type: IdentifierType
    scope: str
    value: str

    @property
    def strength(self) -> tuple[int, str, str]:
        """Sorts the strongest first; no two identifiers of a tenant are equal."""
        return STRENGTH[self.type], self.value, self.scope


def nodes(tenant: str, source: str, identifiers: Identifiers, region: str) -> tuple[Node, ...]:
    """The distinct identifiers of one event, strongest first; without those that name nobody.

    Args:
        region: country of phone numbers without a country code.
    """
    found = {_node(tenant, source, identifier, region) for identifier in identifiers}
    return tuple(sorted((one for one in found if one.value), key=lambda one: one.strength))


def _node(tenant: str, source: str, identifier: Identifier, region: str) -> Node:
    kind = identifier.type
    scope = source if kind is IdentifierType.EXTERNAL else ""
    value = normalised(kind, identifier.value, region)
    return Node(_node_id(tenant, kind, scope, value), tenant, kind, scope, value)


@lru_cache(maxsize=8192)
def _node_id(tenant: str, kind: IdentifierType, scope: str, value: str) -> uuid.UUID:
    # The length keeps (scope, value) apart where one of them holds the separator.
    return uuid.UUID(deterministic_id(tenant, "identifier", kind, str(len(scope)), scope, value))

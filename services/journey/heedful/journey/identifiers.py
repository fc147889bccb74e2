"""Identifiers: one spelling per person, and how much each type says.

Phones become E.164 (ITU-T E.164, as Segment and Twilio do before matching). A value that ingest
replaced by a hash stays as it is.
"""

import re
import unicodedata
import uuid
from dataclasses import dataclass
from functools import lru_cache

import phonenumbers

from heedful.common.contracts import Identifier, Identifiers, IdentifierType
from heedful.common.events import deterministic_id

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

_DIALLED = re.compile(r"[+\d\s().\-/]+")
_NOT_DIGITS = re.compile(r"[^\d+]")


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


def node(tenant: str, source: str, identifier: Identifier, region: str) -> Node:
    """The identifier as journey knows it."""
    kind = identifier.type
    scope = source if kind is IdentifierType.EXTERNAL else ""
    value = normalised(kind, identifier.value, region)
    return Node(_node_id(tenant, kind, scope, value), tenant, kind, scope, value)


def nodes(tenant: str, source: str, identifiers: Identifiers, region: str) -> tuple[Node, ...]:
    """The distinct identifiers of one event, strongest first."""
    found = {node(tenant, source, identifier, region) for identifier in identifiers}
    return tuple(sorted(found, key=lambda one: one.strength))


def normalised(kind: IdentifierType, value: str, region: str) -> str:
    """One spelling of a value.

    Args:
        region: country of phone numbers without a country code.
    """
    plain = unicodedata.normalize("NFKC", value).strip()
    if kind is IdentifierType.PHONE:
        return _phone(plain, region)
    if kind is IdentifierType.EMAIL:
        return plain.casefold()
    return plain


@lru_cache(maxsize=8192)
def _phone(value: str, region: str) -> str:
    if not _DIALLED.fullmatch(value):
        return value
    try:
        number = phonenumbers.parse(value, region)
    except phonenumbers.NumberParseException:
        return _NOT_DIGITS.sub("", value) or value
    if not phonenumbers.is_possible_number(number):
        return _NOT_DIGITS.sub("", value) or value
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


@lru_cache(maxsize=8192)
def _node_id(tenant: str, kind: IdentifierType, scope: str, value: str) -> uuid.UUID:
    # The length keeps (scope, value) apart where one of them holds the separator.
    return uuid.UUID(deterministic_id(tenant, "identifier", kind, str(len(scope)), scope, value))

"""Which contact belongs to which case: by conversation, or by any equal identifier.

What is compared and stored is a keyed hash, so that the schema of alerting holds no identifier.
"""

import hashlib
import hmac
from dataclasses import dataclass, field
from functools import cached_property
from typing import Protocol

import phonenumbers

from heedful.common.contracts import Identifier, Identifiers, IdentifierType
from heedful.common.identifiers import is_hashed

_REGION = "CN"
_KEY_HEX = 32


class Customer(Protocol):
    """Whose an item is, as far as alerting knows it.

    Attributes:
        keys: match keys of the identifiers and the conversation.
        talk: the match key of the conversation alone.
        anonymous: no key is of an identifier that names somebody.
    """

    @property
    def keys(self) -> tuple[str, ...]: ...

    @property
    def talk(self) -> str | None: ...

    @property
    def anonymous(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class Hashed:
    """A customer whose keys are known."""

    keys: tuple[str, ...]
    talk: str | None = None
    anonymous: bool = False


@dataclass(frozen=True)
class Named:
    """A customer whose keys are made when somebody asks for them: of most items nobody does."""

    secret: bytes = field(repr=False)
    tenant: str
    source: str
    conversation_id: str | None = field(repr=False)
    identifiers: Identifiers = field(repr=False)

    @cached_property
    def keys(self) -> tuple[str, ...]:
        return match_keys(
            self.secret, self.tenant, self.source, self.conversation_id, self.identifiers
        )

    @cached_property
    def talk(self) -> str | None:
        if self.conversation_id is None:
            return None
        return talk_key(self.secret, self.tenant, self.conversation_id)

    @property
    def anonymous(self) -> bool:
        return anonymous(self.identifiers)


def normalised(identifier: Identifier) -> str:
    """One spelling per person: phones as E.164 (numbers without a country are Chinese)."""
    value = identifier.value.strip()
    if is_hashed(value):
        return value
    if identifier.type is IdentifierType.PHONE:
        return _phone(value)
    if identifier.type is IdentifierType.EMAIL:
        return value.casefold()
    return value


def match_keys(
    secret: bytes,
    tenant: str,
    source: str,
    conversation_id: str | None,
    identifiers: Identifiers,
) -> tuple[str, ...]:
    """Two items that share a key are about one customer or one conversation.

    Args:
        source: of the item, which an external id means nothing without: each system counts its
            customers from 1.
    """
    keys = {_hashed(secret, tenant, _name(one, source)) for one in identifiers}
    if conversation_id is not None:
        keys.add(talk_key(secret, tenant, conversation_id))
    return tuple(sorted(keys))


def _name(identifier: Identifier, source: str) -> str:
    scope = f"{source}\x1f" if identifier.type is IdentifierType.EXTERNAL else ""
    return f"i:{identifier.type}:{scope}{normalised(identifier)}"


def talk_key(secret: bytes, tenant: str, conversation_id: str) -> str:
    """The match key of a conversation."""
    return _hashed(secret, tenant, f"c:{conversation_id}")


def anonymous(identifiers: Identifiers) -> bool:
    """Whether none of them names somebody: a device may be anybody's."""
    return all(one.type is IdentifierType.DEVICE for one in identifiers)


def _hashed(secret: bytes, tenant: str, name: str) -> str:
    message = f"{tenant}\x1f{name}".encode()
    return hmac.new(secret, message, hashlib.sha256).hexdigest()[:_KEY_HEX]


def _phone(value: str) -> str:
    try:
        number = phonenumbers.parse(value, _REGION)
    except phonenumbers.NumberParseException:
        return value.casefold()
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)

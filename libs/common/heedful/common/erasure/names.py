"""What a customer is known by, sealed on its way through the log."""

import base64

from heedful.common.contracts import Contract, IdentifierType, Name
from heedful.common.errors import ConfigurationError, Retryable
from heedful.common.security.secrets import SecretBox


class KnownName(Contract):
    """An identifier. `scope` is the source whose identifier it is; None where a value means the
    same everywhere."""

    type: IdentifierType
    value: Name
    scope: Name | None = None


class Names(Contract):
    """Every spelling of every identifier that is the customer's alone, and the conversations that
    nobody else took part in."""

    identifiers: tuple[KnownName, ...] = ()
    conversations: tuple[Name, ...] = ()


def seal(box: SecretBox, names: Names, erasure_id: str, part: int) -> str | None:
    """Base64 of the names, which only opens for this part; None when there are none."""
    if names == Names():
        return None
    return base64.b64encode(box.seal(names.encode(), _context(erasure_id, part))).decode()


def unseal(box: SecretBox, sealed: str | None, erasure_id: str, part: int) -> Names:
    """The names of one part.

    Raises:
        Retryable: the key that sealed them is not configured here; nothing is erased by halves.
    """
    if sealed is None:
        return Names()
    try:
        return Names.parse(box.open(base64.b64decode(sealed), _context(erasure_id, part)))
    except ConfigurationError as error:
        raise Retryable(f"erasure {erasure_id} cannot be read: {error}") from error


def _context(erasure_id: str, part: int) -> str:
    return f"erasure:{erasure_id}:{part}"

"""The scopes of a person who signs in without an API key. With one, the key's scopes hold."""

from collections.abc import Mapping
from typing import Final

from heedful.common.security.keys import EVERYTHING, Scope
from heedful.common.security.roles import Role

_AGENT: Final = frozenset(
    {
        Scope.CASES_READ,
        Scope.CASES_WRITE,
        Scope.CORRECTIONS_READ,
        Scope.CORRECTIONS_WRITE,
        Scope.ENRICH,
        Scope.JOURNEY_READ,
        Scope.MEMBERS_READ,
    }
)
_LEAD: Final = _AGENT | {
    Scope.JOURNEY_WRITE,
    Scope.MEMBERS_WRITE,
    Scope.QUARANTINE_READ,
    Scope.QUARANTINE_WRITE,
}
_MANAGER: Final = _LEAD | {
    Scope.CONNECTIONS_READ,
    Scope.ENDPOINTS_WRITE,
    Scope.POLICIES_WRITE,
    Scope.PRIVACY_READ,
}

SCOPES: Final[Mapping[Role, frozenset[str]]] = {
    Role.AGENT: frozenset(map(str, _AGENT)),
    Role.LEAD: frozenset(map(str, _LEAD)),
    Role.MANAGER: frozenset(map(str, _MANAGER)),
    Role.ADMIN: frozenset({EVERYTHING}),
}

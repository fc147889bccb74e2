"""What a token says once its signature holds. Pure; the time is passed in.

Texts of errors name claims and never quote them: a token is a credential, and its claims are
personal data.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from joserfc.errors import ClaimError, ExpiredTokenError, MissingClaimError
from joserfc.jwt import ClaimsOption, JWTClaimsRegistry

from heedful.common.errors import HeedfulError
from heedful.common.security.roles import Role

MAX_ID_CHARS: Final = 200

Claims = Mapping[str, Any]


class BadToken(HeedfulError):
    """It proves nothing. The text says why, and how to get a better one."""


class NotEntitled(HeedfulError):
    """It proves who somebody is, and they have no role or tenant here. The text says what lacks."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who signed in. `id` is unique within the tenant, and stays theirs."""

    tenant: str
    id: str
    role: Role


def check(claims: Claims, now: datetime, leeway_s: int, **expected: str) -> None:
    """See that the token is for us, from whom it should be, and of this time (RFC 7519 §4.1).

    Args:
        leeway_s: how far the clocks of two machines may be apart.
        expected: values that claims must have, `aud` at least.

    Raises:
        BadToken: names the claim.
    """
    demanded: dict[str, ClaimsOption] = {
        name: {"essential": True, "value": value} for name, value in expected.items()
    }
    for name in ("sub", "exp"):
        demanded[name] = {"essential": True}
    try:
        JWTClaimsRegistry(int(now.timestamp()), leeway_s, **demanded).validate(dict(claims))
    except ExpiredTokenError as error:
        raise BadToken("the actor token has expired; sign in again, or make a new one") from error
    except MissingClaimError as error:
        raise BadToken(f"the actor token lacks the claim {error.claim}") from error
    except ClaimError as error:
        raise BadToken(
            f"the claim {error.claim} of the actor token {_wrong(error.claim)}"
        ) from error


def person_id(claims: Claims) -> str:
    """`sub`, as an id that events and tables can hold.

    Raises:
        BadToken: it is none.
    """
    found = claims.get("sub")
    if not isinstance(found, str) or not found.strip() or "\x00" in found:
        raise BadToken("the claim sub of the actor token must be a text that is not empty")
    if len(found) > MAX_ID_CHARS:
        raise BadToken(f"the claim sub of the actor token has more than {MAX_ID_CHARS} characters")
    return found.strip()


def role_of(claims: Claims, name: str, prefix: str = "") -> Role:
    """The highest of our roles in a claim, which is one name or a list of them.

    Args:
        name: of the claim; with dots it may lead into objects, as `realm_access.roles`.
        prefix: stands before the names of our roles there; names without it are not ours.

    Raises:
        NotEntitled: none is.
    """
    found = claim(claims, name)
    names = found if isinstance(found, list) else [found]
    known = {prefix + role.value: role for role in Role}
    ours = [known[one] for one in names if isinstance(one, str) and one in known]
    if not ours:
        raise NotEntitled(
            f"the claim {name} of the actor token names none of the roles {', '.join(known)}; "
            "have one assigned to you"
        )
    return max(ours)


def tenant_of(claims: Claims, name: str) -> str:
    """The tenant in a claim.

    Raises:
        NotEntitled: there is none.
    """
    found = claim(claims, name)
    if isinstance(found, list) and len(found) == 1:
        # How some providers write an attribute of a user.
        found = found[0]
    if not isinstance(found, str) or not found or len(found) > MAX_ID_CHARS:
        raise NotEntitled(
            f"the claim {name} of the actor token names no tenant; have one assigned to you"
        )
    return found


def claim(claims: Claims, name: str) -> Any:
    """A claim by its name, or by the way to it through objects; None when there is none."""
    if name in claims:
        # Names such as https://example.com/tenant have dots of their own.
        return claims[name]
    found: Any = claims
    for part in name.split("."):
        found = found.get(part) if isinstance(found, Mapping) else None
    return found


def _wrong(name: str) -> str:
    match name:
        case "aud":
            return "does not name us; have the token made for the configured audience"
        case "iss":
            return "is not the configured issuer"
        case "iat" | "nbf":
            return "lies in the future or is no time; are the clocks right?"
        case _:
            return "has not the form that RFC 7519 gives it"

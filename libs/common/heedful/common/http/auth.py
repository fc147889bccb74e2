"""Authentication by API key: `X-API-Key: …` or `Authorization: Bearer …`."""

from collections.abc import Awaitable, Callable, Sequence

from fastapi import Request

from heedful.common.http.problems import Problem
from heedful.common.security import ApiKeys, Principal, Scope


class Authenticator:
    """Makes FastAPI dependencies that demand a scope."""

    def __init__(self, keys: ApiKeys) -> None:
        self._keys = keys

    def requires(self, scope: Scope) -> Callable[[Request], Awaitable[Principal]]:
        """A dependency that gives the principal, or answers 401 or 403."""
        return self.requires_any((scope,))

    def requires_any(self, scopes: Sequence[Scope]) -> Callable[[Request], Awaitable[Principal]]:
        """As `requires`, for a route that serves several scopes and judges per item."""

        async def authenticate(request: Request) -> Principal:
            key = credential(request)
            if key is None:
                raise _unauthorized("give an API key as X-API-Key or Authorization: Bearer")
            principal = await self._keys.find(key)
            if principal is None:
                raise _unauthorized("the API key is unknown or revoked")
            if not any(principal.may(scope) for scope in scopes):
                raise Problem(
                    403, "forbidden", f"this API key lacks the scope {' or '.join(scopes)}"
                )
            return principal

        return authenticate


def credential(request: Request) -> str | None:
    """The key as sent, from either header."""
    sent = request.headers.get("x-api-key")
    if sent:
        return sent.strip()
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() or None if kind.lower() == "bearer" else None


def _unauthorized(detail: str) -> Problem:
    return Problem(401, "unauthorized", detail, headers={"WWW-Authenticate": "Bearer"})

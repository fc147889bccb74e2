"""Authentication by API key: `X-API-Key: …` or `Authorization: Bearer …`."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Annotated

from fastapi import Request, Security
from fastapi.security import APIKeyHeader, HTTPAuthorizationCredentials, HTTPBearer
from starlette.datastructures import Headers

from heedful.common.http.problems import Problem
from heedful.common.security import ApiKeys, Principal, Scope

# Declared so that the OpenAPI document names them and /docs has its Authorize button; the
# credential itself is read by `_credential`, which takes either.
_API_KEY = APIKeyHeader(name="X-API-Key", scheme_name="apiKey", auto_error=False)
_BEARER = HTTPBearer(scheme_name="bearer", auto_error=False)

Dependency = Callable[..., Awaitable[Principal]]


class Authenticator:
    """Makes FastAPI dependencies that demand a scope."""

    def __init__(self, keys: ApiKeys) -> None:
        self._keys = keys

    async def principal(self, headers: Headers) -> Principal:
        """Whose request this is.

        Raises:
            Problem: 401 without a key, or with an unknown or revoked one.
        """
        key = _credential(headers)
        if key is None:
            raise _unauthorized("give an API key as X-API-Key or Authorization: Bearer")
        found = await self._keys.find(key)
        if found is None:
            raise _unauthorized("the API key is unknown or revoked")
        return found

    def requires(self, scope: Scope) -> Dependency:
        """A dependency that gives the principal, or answers 401 or 403."""
        return self.requires_any((scope,))

    def requires_any(self, scopes: Sequence[Scope]) -> Dependency:
        """As `requires`, for a route that serves several scopes and judges per item."""

        async def authenticate(
            request: Request,
            _key: Annotated[str | None, Security(_API_KEY)] = None,
            _bearer: Annotated[HTTPAuthorizationCredentials | None, Security(_BEARER)] = None,
        ) -> Principal:
            principal = await self.principal(request.headers)
            if not any(principal.may(scope) for scope in scopes):
                raise Problem(
                    403, "forbidden", f"this API key lacks the scope {' or '.join(scopes)}"
                )
            return principal

        return authenticate


def _credential(headers: Headers) -> str | None:
    """The key as sent, from either header."""
    sent = headers.get("x-api-key")
    if sent:
        return sent.strip()
    kind, _, token = headers.get("authorization", "").partition(" ")
    return token.strip() or None if kind.lower() == "bearer" else None


def _unauthorized(detail: str) -> Problem:
    return Problem(401, "unauthorized", detail, headers={"WWW-Authenticate": "Bearer"})

"""Authentication by API key: `X-API-Key: …` or `Authorization: Bearer …`."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import Request, Security
from fastapi.security import APIKeyHeader, HTTPAuthorizationCredentials, HTTPBearer
from starlette.datastructures import Headers
from starlette.requests import HTTPConnection

from heedful.common.http.problems import Problem
from heedful.common.security import ApiKeys, Principal, Scope

# Declared so that the OpenAPI document names them and /docs has its Authorize button; the
# credential itself is read by `_credential`, which takes either.
_API_KEY = APIKeyHeader(name="X-API-Key", scheme_name="apiKey", auto_error=False)
_BEARER = HTTPBearer(scheme_name="bearer", auto_error=False)


class Authenticator:
    """Makes FastAPI dependencies that demand a scope."""

    def __init__(self, keys: ApiKeys) -> None:
        self.keys = keys

    async def principal(self, connection: HTTPConnection) -> Principal:
        """Whose request this is.

        Raises:
            Problem: 401 without a key, or with an unknown, revoked or expired one; 403 from an
                address that the key is not for.
            NotRead: the keys cannot be read.
        """
        key = _credential(connection.headers)
        if key is None:
            raise _unauthorized("give an API key as X-API-Key or Authorization: Bearer")
        found = await self.keys.find(key)
        if found is None:
            raise _unauthorized("the API key is unknown, revoked or expired")
        if not found.may_come_from(connection.client.host if connection.client else None):
            raise Problem(403, "forbidden", "this API key may not be used from this address")
        return found

    def requires(self, scope: Scope) -> "Admission":
        """A dependency that gives the principal, or answers 401 or 403."""
        return self.requires_any((scope,))

    def requires_any(self, scopes: Sequence[Scope]) -> "Admission":
        """As `requires`, for a route that serves several scopes and judges per item."""
        return Admission(self, tuple(scopes))


class Admission:
    """A dependency that gives the principal of a request.

    A route asks it before the body is read (see route.py); FastAPI asks again when it calls the
    route's function, and gets the same principal.
    """

    def __init__(self, auth: Authenticator, scopes: tuple[Scope, ...]) -> None:
        self.scopes = scopes
        self._auth = auth

    async def __call__(
        self,
        request: Request,
        _key: Annotated[str | None, Security(_API_KEY)] = None,
        _bearer: Annotated[HTTPAuthorizationCredentials | None, Security(_BEARER)] = None,
    ) -> Principal:
        admitted: Principal | None = getattr(request.state, "principal", None)
        return admitted or await self.admit(request)

    async def admit(self, connection: HTTPConnection) -> Principal:
        """The principal.

        Raises:
            Problem: 401 or 403.
        """
        principal = await self._auth.principal(connection)
        if not any(principal.may(scope) for scope in self.scopes):
            raise Problem(
                403, "forbidden", f"this API key lacks the scope {' or '.join(self.scopes)}"
            )
        return principal


def _credential(headers: Headers) -> str | None:
    """The key as sent, from either header."""
    sent = headers.get("x-api-key")
    if sent:
        return sent.strip()
    kind, _, token = headers.get("authorization", "").partition(" ")
    return token.strip() or None if kind.lower() == "bearer" else None


def _unauthorized(detail: str) -> Problem:
    return Problem(401, "unauthorized", detail, headers={"WWW-Authenticate": "Bearer"})

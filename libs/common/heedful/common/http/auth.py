"""Who asks: an API key as `X-API-Key: …` or `Authorization: Bearer …`, with the token of a person
in `X-Actor-Token: …` when one acts; or a person alone, with the access token of an identity
provider as `Authorization: Bearer …`."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated

from fastapi import Request, Security
from fastapi.security import APIKeyHeader, HTTPAuthorizationCredentials, HTTPBearer
from starlette.datastructures import Headers
from starlette.requests import HTTPConnection

from heedful.common.contracts import Actor, ActorType
from heedful.common.http.problems import Problem, unavailable
from heedful.common.security import Principal, Role, Scope
from heedful.common.security.actors import ActorTokens, BadToken, KeysAway, NotEntitled, Person
from heedful.common.security.actors.signature import looks_like_token
from heedful.common.security.key_ring import ApiKeys
from heedful.common.security.role_scopes import SCOPES

# Declared so that the OpenAPI document names them and /docs has its Authorize button; the
# credential itself is read by `_credential`, which takes either.
_API_KEY = APIKeyHeader(name="X-API-Key", scheme_name="apiKey", auto_error=False)
_BEARER = HTTPBearer(scheme_name="bearer", auto_error=False)
_ACTOR = APIKeyHeader(name="X-Actor-Token", scheme_name="actorToken", auto_error=False)


class Authenticator:
    """Makes FastAPI dependencies that demand a scope.

    Args:
        actors: proves people; by default nobody can be proven.
    """

    def __init__(self, keys: ApiKeys, actors: ActorTokens | None = None) -> None:
        self.keys = keys
        self._actors = actors or ActorTokens()

    async def principal(self, connection: HTTPConnection) -> Principal:
        """Whose request this is.

        Raises:
            Problem: 401 without a key, or with an unknown, revoked or expired one, or with a
                token that proves nothing; 403 from an address that the key is not for, for a
                person of another tenant, or without a role; 503 when a token cannot be judged.
            NotRead: the keys cannot be read.
        """
        token = _actor_token(connection.headers)
        key = _credential(connection.headers)
        if key is None:
            raise _unauthorized("give an API key as X-API-Key or Authorization: Bearer")
        alone = self._actors.signs_in and "x-api-key" not in connection.headers
        if alone and looks_like_token(key):
            return await self._alone(key, token)
        found = await self._machine(key, connection)
        return found if token is None else await self._acting(found, token)

    async def _machine(self, key: str, connection: HTTPConnection) -> Principal:
        found = await self.keys.find(key)
        if found is None:
            raise _unauthorized("the API key is unknown, revoked or expired")
        if not found.may_come_from(connection.client.host if connection.client else None):
            raise Problem(403, "forbidden", "this API key may not be used from this address")
        return found

    async def _acting(self, machine: Principal, token: str) -> Principal:
        person = await self._person(token)
        if person.tenant != machine.tenant:
            raise Problem(403, "forbidden", "the actor token is of another tenant than the API key")
        return replace(machine, actor=_actor(person), role=person.role)

    async def _alone(self, token: str, another: str | None) -> Principal:
        if another is not None:
            raise _bad_token("there are two tokens of people; send one, or an API key with one")
        person = await self._person(token, alone=True)
        return Principal(
            tenant=person.tenant,
            key_id=f"oidc:{person.id}",
            scopes=SCOPES[person.role],
            actor=_actor(person),
            role=person.role,
        )

    async def _person(self, token: str, *, alone: bool = False) -> Person:
        try:
            return await self._actors.person(token, alone=alone)
        except BadToken as error:
            raise _bad_token(str(error)) from error
        except NotEntitled as error:
            raise Problem(403, "not-entitled", str(error)) from error
        except KeysAway as error:
            raise unavailable(str(error)) from error

    def requires(self, scope: Scope, role: Role | None = None) -> "Admission":
        """A dependency that gives the principal, or answers 401 or 403.

        Args:
            role: who asks must be a person of this role, or of a higher one.
        """
        return Admission(self, (scope,), role)

    def requires_any(self, scopes: Sequence[Scope]) -> "Admission":
        """As `requires`, for a route that serves several scopes and judges per item."""
        return Admission(self, tuple(scopes))


class Admission:
    """A dependency that gives the principal of a request.

    A route asks it before the body is read (see route.py); FastAPI asks again when it calls the
    route's function, and gets the same principal.
    """

    def __init__(
        self, auth: Authenticator, scopes: tuple[Scope, ...], role: Role | None = None
    ) -> None:
        self.scopes = scopes
        self.role = role
        self._auth = auth

    async def __call__(
        self,
        request: Request,
        _key: Annotated[str | None, Security(_API_KEY)] = None,
        _bearer: Annotated[HTTPAuthorizationCredentials | None, Security(_BEARER)] = None,
        _actor: Annotated[str | None, Security(_ACTOR)] = None,
    ) -> Principal:
        admitted: Principal | None = getattr(request.state, "principal", None)
        return admitted or await self.admit(request)

    async def admit(self, connection: HTTPConnection) -> Principal:
        """The principal.

        Raises:
            Problem: 401, 403 or 503.
        """
        principal = await self._auth.principal(connection)
        if not any(principal.may(scope) for scope in self.scopes):
            whose = "this API key" if principal.key_id[:5] != "oidc:" else f"{principal.role}"
            raise Problem(403, "forbidden", f"{whose} lacks the scope {' or '.join(self.scopes)}")
        if self.role is not None:
            require_role(principal, self.role)
        return principal


def require_role(principal: Principal, role: Role) -> None:
    """See that a person of at least this role asks.

    Raises:
        Problem: 403.
    """
    if principal.role is None:
        raise Problem(
            403,
            "role-required",
            f"this needs a person of the role {role} or a higher one; send their token as "
            "X-Actor-Token",
            role=role.value,
        )
    require_role_of_people(principal, role)


def require_role_of_people(principal: Principal, role: Role) -> None:
    """As `require_role`, but a machine that acts by itself may do it as well.

    Raises:
        Problem: 403.
    """
    if principal.role is not None and principal.role < role:
        raise Problem(
            403,
            "role-required",
            f"this needs the role {role} or a higher one; the actor has the role {principal.role}",
            role=role.value,
        )


def _credential(headers: Headers) -> str | None:
    """The key as sent, from either header."""
    sent = headers.get("x-api-key")
    if sent:
        return sent.strip()
    kind, _, token = headers.get("authorization", "").partition(" ")
    return token.strip() or None if kind.lower() == "bearer" else None


def _actor_token(headers: Headers) -> str | None:
    """As sent; an empty one is none.

    Raises:
        Problem: 401, there are several.
    """
    sent = [one.strip() for one in headers.getlist("x-actor-token") if one.strip()]
    if len(sent) > 1:
        raise _bad_token("there are several X-Actor-Token headers; send one")
    return sent[0] if sent else None


def _actor(person: Person) -> Actor:
    return Actor(type=ActorType.HUMAN, id=person.id)


def _bad_token(detail: str) -> Problem:
    """RFC 6750 §3.1."""
    headers = {"WWW-Authenticate": 'Bearer error="invalid_token"'}
    return Problem(401, "bad-actor-token", detail, headers=headers)


def _unauthorized(detail: str) -> Problem:
    return Problem(401, "unauthorized", detail, headers={"WWW-Authenticate": "Bearer"})

"""Who acts: the token of a person beside an API key, or alone."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated, Any

import httpx
import pytest
from fastapi import APIRouter, Depends
from sqlalchemy.ext.asyncio import AsyncEngine

from heedful.common.http.auth import Authenticator, require_role, require_role_of_people
from heedful.common.http.route import Route
from heedful.common.security import Principal, Role, Scope
from heedful.common.security.actors import ActorTokens
from heedful.common.service import Platform, Service
from tests.integration.common.world import client_of, post, problem, replayed
from tests.integration.conftest import OTHER_API_KEY, TENANT
from tests.keys import make_key
from tests.people import Console, IdentityProvider

NOW = datetime.now(UTC)
CONSOLE = Console()


@pytest.fixture(scope="module")
def provider() -> IdentityProvider:
    return IdentityProvider()


@pytest.fixture
async def client(
    platform: Platform, provider: IdentityProvider
) -> AsyncIterator[httpx.AsyncClient]:
    """Of a desk where people and machines act; both kinds of token are taken."""
    actors = ActorTokens(CONSOLE.tokens(NOW).console, provider.oidc(), lambda: NOW)
    given = replace(platform, auth=Authenticator(platform.auth.keys, actors))
    async with client_of(given, [desk(given.auth)]) as made:
        yield made


def desk(auth: Authenticator) -> Service:
    routes = APIRouter(route_class=Route)
    Writer = Annotated[Principal, Depends(auth.requires(Scope.CASES_WRITE))]  # noqa: N806  # a type
    Lead = Annotated[  # noqa: N806  # a type
        Principal, Depends(auth.requires(Scope.CASES_WRITE, Role.LEAD))
    ]
    Admin = Annotated[Principal, Depends(auth.requires(Scope.KEYS_WRITE))]  # noqa: N806  # a type

    @routes.post("/v1/orders")
    async def order(principal: Writer) -> dict[str, Any]:
        actor = principal.acting
        return {"type": actor.type, "id": actor.id, "role": str(principal.role)}

    @routes.post("/v1/approvals")
    async def approve(principal: Lead) -> None:
        """Only a lead."""

    @routes.post("/v1/absences")
    async def leave(principal: Writer) -> None:
        require_role_of_people(principal, Role.MANAGER)

    @routes.post("/v1/dismissals")
    async def dismiss(principal: Writer) -> None:
        require_role(principal, Role.MANAGER)

    @routes.post("/v1/secrets")
    async def reveal(principal: Admin) -> None:
        """Only with the scope."""

    return Service(name="desk", routers=[routes])


async def test_a_key_by_itself_acts_as_a_machine(client: httpx.AsyncClient) -> None:
    answer = (await client.post("/v1/orders")).json()
    assert (answer["type"], answer["role"]) == ("system", "None")


@pytest.mark.parametrize("kind", ["console", "shared", "oidc"])
async def test_with_a_token_a_person_acts(
    client: httpx.AsyncClient, provider: IdentityProvider, kind: str
) -> None:
    token = {
        "console": CONSOLE.token(NOW),
        "shared": CONSOLE.shared_token(NOW),
        "oidc": provider.token(NOW),
    }[kind]
    answer = await client.post("/v1/orders", headers={"X-Actor-Token": token})
    assert answer.json() == {"type": "human", "id": "wang.fang", "role": "lead"}


async def test_a_bad_token_is_401_and_does_nothing_as_a_machine(client: httpx.AsyncClient) -> None:
    token = CONSOLE.token(NOW, aud="shop")
    answer = await client.post("/v1/orders", headers={"X-Actor-Token": token})
    body = problem(answer, 401, "bad-actor-token")
    assert "aud" in body["detail"]
    assert answer.headers["www-authenticate"] == 'Bearer error="invalid_token"'
    assert not [part for part in token.split(".") if part in answer.text]


async def test_a_person_of_another_tenant_is_403(client: httpx.AsyncClient) -> None:
    headers = {"X-API-Key": OTHER_API_KEY, **CONSOLE.headers(NOW)}
    body = problem(await client.post("/v1/orders", headers=headers), 403, "forbidden")
    assert TENANT not in body["detail"]


async def test_a_person_without_a_role_is_403(client: httpx.AsyncClient) -> None:
    answer = await client.post("/v1/orders", headers=CONSOLE.headers(NOW, role="cook"))
    problem(answer, 403, "not-entitled")


async def test_a_token_needs_a_key_beside_it(client: httpx.AsyncClient) -> None:
    del client.headers["x-api-key"]
    problem(await client.post("/v1/orders", headers=CONSOLE.headers(NOW)), 401, "unauthorized")
    bearer = {"Authorization": f"Bearer {CONSOLE.token(NOW)}"}
    problem(await client.post("/v1/orders", headers=bearer), 401, "bad-actor-token")


async def test_who_signs_in_needs_no_key(
    client: httpx.AsyncClient, provider: IdentityProvider
) -> None:
    del client.headers["x-api-key"]
    client.headers["authorization"] = f"Bearer {provider.token(NOW, role='agent')}"
    answer = await client.post("/v1/orders")
    assert answer.json() == {"type": "human", "id": "wang.fang", "role": "agent"}
    body = problem(await client.post("/v1/secrets"), 403, "forbidden")
    assert body["detail"] == "agent lacks the scope keys:write"
    twice = await client.post("/v1/orders", headers=CONSOLE.headers(NOW))
    problem(twice, 401, "bad-actor-token")


async def test_a_bearer_key_goes_on_to_be_a_key(client: httpx.AsyncClient) -> None:
    key = client.headers.pop("x-api-key")
    client.headers["authorization"] = f"Bearer {key}"
    assert (await client.post("/v1/orders")).json()["type"] == "system"
    acting = await client.post("/v1/orders", headers=CONSOLE.headers(NOW))
    assert acting.json()["type"] == "human"


async def test_a_token_beside_a_key_as_authorization_is_not_looked_at(
    client: httpx.AsyncClient,
) -> None:
    """A proxy may put its own there."""
    headers = {"Authorization": f"Bearer {CONSOLE.token(NOW)}"}
    assert (await client.post("/v1/orders", headers=headers)).json()["type"] == "system"


async def test_two_tokens_prove_nobody(client: httpx.AsyncClient) -> None:
    both = httpx.Headers([("x-actor-token", CONSOLE.token(NOW))] * 2)
    problem(await client.post("/v1/orders", headers=both), 401, "bad-actor-token")


async def test_an_unknown_key_of_a_provider_that_is_away_is_503(
    client: httpx.AsyncClient, provider: IdentityProvider
) -> None:
    provider.away = True
    try:
        headers = {"X-Actor-Token": provider.token(NOW)}
        answer = await client.post("/v1/orders", headers=headers)
    finally:
        provider.away = False
    problem(answer, 503, "unavailable")
    assert int(answer.headers["retry-after"]) > 0


@pytest.mark.parametrize(
    ("role", "approvals", "absences", "dismissals"),
    [
        (None, 403, 200, 403),
        ("agent", 403, 403, 403),
        ("lead", 200, 403, 403),
        ("manager", 200, 200, 200),
        ("admin", 200, 200, 200),
    ],
)
async def test_a_role_opens_what_it_is_for(
    client: httpx.AsyncClient, role: str | None, approvals: int, absences: int, dismissals: int
) -> None:
    if role is not None:
        client.headers.update(CONSOLE.headers(NOW, role=role))
    expected = {"approvals": approvals, "absences": absences, "dismissals": dismissals}
    for path, status in expected.items():
        answer = await client.post(f"/v1/{path}")
        assert answer.status_code == status, (path, answer.text)
        if status == 403:
            assert problem(answer, 403, "role-required")["role"] in ("lead", "manager")


async def test_a_token_adds_no_scope_to_a_key(
    client: httpx.AsyncClient, engine: AsyncEngine
) -> None:
    _, key = await make_key(engine, TENANT, ["cases:read"], NOW)
    headers = {"X-API-Key": key, **CONSOLE.headers(NOW, role="admin")}
    problem(await client.post("/v1/orders", headers=headers), 403, "forbidden")


async def test_another_persons_repeated_request_is_another_request(
    client: httpx.AsyncClient,
) -> None:
    for sub in ("wang.fang", "li.si"):
        first = await post(client, "click", {}, **CONSOLE.headers(NOW, sub=sub))
        again = await post(client, "click", {}, **CONSOLE.headers(NOW, sub=sub))
        assert (replayed(first), replayed(again)) == (False, True)
        assert again.json()["id"] == sub


async def test_the_document_names_the_token_and_the_role(client: httpx.AsyncClient) -> None:
    document = (await client.get("/openapi.json")).json()
    assert document["components"]["securitySchemes"]["actorToken"]["name"] == "X-Actor-Token"
    approve = document["paths"]["/v1/approvals"]["post"]
    assert {"apiKey": ["cases:write"], "actorToken": []} in approve["security"]
    assert "Role of a person: `lead` or higher" in approve["description"]
    assert "role-required" in approve["responses"]["403"]["$ref"]
    assert "bad-actor-token" in approve["responses"]["401"]["$ref"]
    assert "x-role" not in approve

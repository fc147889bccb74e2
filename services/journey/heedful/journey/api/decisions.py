"""Decisions of people on who is who: merge, unmerge, keep apart, and take any of them back."""

import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Annotated, Final

from fastapi import APIRouter, Depends

from heedful.common.errors import HeedfulError
from heedful.common.http import Authenticator, Problem
from heedful.common.http.auth import require_role
from heedful.common.http.openapi import ROLE_REQUIRED, Refusal, missing, refusing
from heedful.common.http.problems import not_found
from heedful.common.http.route import Route
from heedful.common.security import Principal, Role, Scope
from heedful.journey.api.current import survivor
from heedful.journey.api.decision_models import (
    Deciding,
    DecisionView,
    IdentifierBody,
    KeepApartBody,
    MergeCustomersBody,
    RevokeDecisionBody,
    UnmergeCustomerBody,
)
from heedful.journey.api.decision_views import view
from heedful.journey.deciding import MAX_MEMBERS, Decisions
from heedful.journey.lookup import Lookup
from heedful.journey.queries import Queries
from heedful.journey.refused import (
    KeptApart,
    Named,
    NobodyLeft,
    NoCustomer,
    NoDecision,
    NotTheirs,
    OneAlready,
    Revoked,
    TooMany,
    TwoCustomerIds,
)
from heedful.journey.store_customers import SharedIdentifier
from heedful.journey.store_decisions import Said

_SHARED = Refusal(
    409,
    "shared-identifier",
    "The id stands for an identifier that several customers share",
    "this id stands for an identifier that several customers share; name a customer by the id that "
    "/v1/customers?identifier=type:value gives",
)
_ONE_ALREADY = Refusal(
    409, "one-customer", "The two are one customer", "the two are one customer; nothing to decide"
)
_TWO_IDS = Refusal(
    409,
    "two-customer-ids",
    "Each of the two has a customer id",
    "each of the two has a customer id, and the rules never join these; when it is one person with "
    "two accounts, send two_customer_ids: true",
)
_KEPT_APART = Refusal(
    409,
    "kept-apart",
    "Decisions in force say that they are two people; `decisions` names them",
    "it was decided that they are two people; revoke the decisions first",
    {"decisions": ["5b0e0c5e-4f0d-5d8e-9a53-3a9c8d0f1b11"]},
)
_NOT_THEIRS = Refusal(
    409,
    "not-theirs",
    "An identifier is not the customer's alone",
    "the customer has no identifier phone:13900001234 of its own; /identities says which it has",
)
_NOBODY_LEFT = Refusal(
    409,
    "nobody-left",
    "These are all identifiers that the customer has",
    "these are all identifiers that the customer has; name those of them that are somebody else's",
)
_TOO_MANY = Refusal(
    409,
    "too-many-identifiers",
    "The customers have more identifiers than a decision can keep apart",
    f"the customers have more than {MAX_MEMBERS} identifiers, which no person has",
)
_REVOKED = Refusal(
    409, "revoked", "It is in force no longer", "the decision has been revoked already"
)
_DECIDING = (missing("customer"), _SHARED, ROLE_REQUIRED)


def router(
    queries: Queries, decisions: Decisions, auth: Authenticator, lookup: Lookup
) -> APIRouter:
    """The routes of decisions. Who is who is for people to say: a lead, or a higher role."""
    routes = APIRouter(tags=["journey"], route_class=Route)
    may_write = Depends(auth.requires(Scope.JOURNEY_WRITE))
    Writer = Annotated[Principal, may_write]  # noqa: N806  # a type

    async def decider(principal: Principal, customer: uuid.UUID) -> None:
        await survivor(queries, principal.tenant, customer)
        require_role(principal, Role.LEAD)

    async def shown(tenant: str, decision: uuid.UUID) -> DecisionView:
        found = await view(queries, tenant, decision)
        if found is None:
            raise not_found("decision")
        return found

    @routes.post(
        "/v1/customers/{customer_id}/merge",
        status_code=201,
        responses=refusing(*_DECIDING, _ONE_ALREADY, _TWO_IDS, _KEPT_APART),
    )
    async def merge_customer(
        customer_id: uuid.UUID, body: MergeCustomersBody, principal: Writer
    ) -> DecisionView:
        """Two customers are one person. Which id the customer has is said by the rules."""
        await decider(principal, customer_id)
        with _refused():
            made = await decisions.merge(
                principal.tenant,
                customer_id,
                body.other,
                _said(principal, body),
                two_customers=body.two_customer_ids,
            )
        return await shown(principal.tenant, made)

    @routes.post(
        "/v1/customers/{customer_id}/unmerge",
        status_code=201,
        responses=refusing(*_DECIDING, _NOT_THEIRS, _NOBODY_LEFT, _TOO_MANY),
    )
    async def unmerge_customer(
        customer_id: uuid.UUID, body: UnmergeCustomerBody, principal: Writer
    ) -> DecisionView:
        """Identifiers are somebody else's. What was the customer's only by way of them goes with
        them. To take a merge back, revoke it."""
        await decider(principal, customer_id)
        named = [_named(principal.tenant, one, lookup) for one in body.identifiers]
        with _refused():
            made = await decisions.unmerge(
                principal.tenant, customer_id, named, _said(principal, body)
            )
        return await shown(principal.tenant, made)

    @routes.post(
        "/v1/customers/{customer_id}/keep-apart",
        status_code=201,
        responses=refusing(*_DECIDING, _ONE_ALREADY, _KEPT_APART, _TOO_MANY),
    )
    async def keep_customers_apart(
        customer_id: uuid.UUID, body: KeepApartBody, principal: Writer
    ) -> DecisionView:
        """Two customers are two people: no event joins them, and nobody suggests it again."""
        await decider(principal, customer_id)
        with _refused():
            made = await decisions.keep_apart(
                principal.tenant, customer_id, body.other, _said(principal, body)
            )
        return await shown(principal.tenant, made)

    @routes.post(
        "/v1/identities/decisions/{decision_id}/revoke",
        responses=refusing(missing("decision"), ROLE_REQUIRED, _REVOKED),
    )
    async def revoke_decision(
        decision_id: uuid.UUID, body: RevokeDecisionBody, principal: Writer
    ) -> DecisionView:
        """Take a decision back: everything is as if it had not been made."""
        await shown(principal.tenant, decision_id)
        require_role(principal, Role.LEAD)
        with _refused():
            await decisions.revoke(
                principal.tenant, decision_id, Said(principal.acting, body.reason)
            )
        return await shown(principal.tenant, decision_id)

    return routes


def _said(principal: Principal, body: Deciding) -> Said:
    return Said(principal.acting, body.reason, body.evidence)


def _named(tenant: str, given: IdentifierBody, lookup: Lookup) -> Named:
    return Named(given.type, lookup.values(tenant, given.type, given.value), given.source)


_REFUSED: Final[Mapping[type[HeedfulError], Refusal]] = {
    SharedIdentifier: _SHARED,
    OneAlready: _ONE_ALREADY,
    TwoCustomerIds: _TWO_IDS,
    NobodyLeft: _NOBODY_LEFT,
    TooMany: _TOO_MANY,
    Revoked: _REVOKED,
}


@contextmanager
def _refused() -> Iterator[None]:
    """Why nothing was decided, as a problem."""
    try:
        yield
    except NoCustomer as error:
        raise not_found("customer") from error
    except NoDecision as error:
        raise not_found("decision") from error
    except KeptApart as error:
        held = [str(one) for one in error.decisions]
        raise Problem(409, _KEPT_APART.code, _KEPT_APART.detail, decisions=held) from error
    except NotTheirs as error:
        detail = f"the customer has no identifier {_written(error.named)} of its own"
        raise Problem(409, _NOT_THEIRS.code, f"{detail}; /identities says which it has") from error
    except tuple(_REFUSED) as error:
        refusal = _REFUSED[type(error)]
        raise Problem(refusal.status, refusal.code, refusal.detail) from error


def _written(named: Sequence[Named]) -> str:
    return ", ".join(f"{one.type}:{next(iter(one.values), '')}" for one in named)

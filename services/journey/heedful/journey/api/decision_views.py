"""Decisions as the API shows them."""

import uuid
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row

from heedful.common.contracts import Actor, ActorType
from heedful.journey.api.decision_models import DecisionView, RevocationView, SideView
from heedful.journey.api.models import IdentifierView
from heedful.journey.queries import Queries, Rows
from heedful.journey.store_decisions import DecisionKind


async def views(queries: Queries, decisions: Rows) -> list[DecisionView]:
    """With what each of them names now."""
    members = await queries.decision_members([row.id for row in decisions])
    return [_view(row, [one for one in members if one.decision_id == row.id]) for row in decisions]


async def view(queries: Queries, tenant: str, decision: uuid.UUID) -> DecisionView | None:
    """One of the tenant's; None when it has none of that id."""
    found = await queries.decision(tenant, decision)
    return None if found is None else (await views(queries, [found]))[0]


def _view(row: Row[Any], members: Sequence[Row[Any]]) -> DecisionView:
    return DecisionView(
        id=row.id,
        kind=DecisionKind(row.kind),
        at=row.at,
        actor=Actor(type=ActorType(row.actor_type), id=row.actor_id),
        reason=row.reason,
        evidence=row.evidence,
        two_customer_ids=row.two_customers,
        in_force=row.revoked_id is None,
        revoked=None
        if row.revoked_id is None
        else RevocationView(
            at=row.revoked_at,
            actor=Actor(type=ActorType(row.revoked_actor_type), id=row.revoked_actor_id),
            reason=row.revoked_reason,
        ),
        left=_side([one for one in members if not one.on_right]),
        right=_side([one for one in members if one.on_right]),
    )


def _side(members: Sequence[Row[Any]]) -> SideView:
    return SideView(
        customers=sorted({one.customer_id for one in members if one.customer_id is not None}),
        identifiers=[
            IdentifierView(
                type=one.type, value=one.value, source=one.scope or None, shared=one.shared
            )
            for one in members
        ],
    )

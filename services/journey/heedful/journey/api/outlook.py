"""`/v1/customers/{id}/signals` and `…/value`: what a journey shows, and what it has brought."""

import uuid
from collections.abc import Callable, Collection
from dataclasses import asdict
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends

from heedful.common.contracts import SIGNAL_LABELS
from heedful.common.http import Authenticator
from heedful.common.http.route import Route
from heedful.common.security import Principal, Scope
from heedful.journey import queries_value, store_told
from heedful.journey.api.current import NO_CUSTOMER, Current, survivor
from heedful.journey.api.models import EventRef
from heedful.journey.api.outlook_models import SignalsView, SignalView, Standing, ValueView
from heedful.journey.lifecycle.events import Key
from heedful.journey.signals.sign import Sign
from heedful.journey.signals.signs import NEWS, Told, is_told, signs

_MOST = 100


def router(current: Current, auth: Authenticator, clock: Callable[[], datetime]) -> APIRouter:
    """The routes of one customer's outlook."""
    routes = APIRouter(tags=["journey"], prefix="/v1/customers/{customer_id}", route_class=Route)
    may_read = Depends(auth.requires(Scope.JOURNEY_READ))

    @routes.get("/signals", responses=NO_CUSTOMER)
    async def list_customer_signals(
        customer_id: uuid.UUID, principal: Annotated[Principal, may_read]
    ) -> SignalsView:
        """What the journey shows beyond its single events: contacts on one matter, praise of
        somebody who is leaving, silence, standstill, the beginning of a pattern."""
        tenant = principal.tenant
        customer = await survivor(current.queries, tenant, customer_id)
        async with current.engine.connect() as connection:
            found = await current.folded_of(connection, tenant, customer)
            told = (await store_told.told(connection, [customer])).get(customer, set())
        shown = signs(found, current.lifecycles.of(tenant))
        now = clock()
        return SignalsView(
            customer_id=customer,
            signals=[_view(sign, told, now) for sign in reversed(shown[-_MOST:])],
        )

    @routes.get("/value", responses=NO_CUSTOMER)
    async def get_customer_value(
        customer_id: uuid.UUID, principal: Annotated[Principal, may_read]
    ) -> ValueView:
        """What the customer has bought and paid so far. What customers are expected to bring
        is an insight over all of them: `customer-value`."""
        customer = await survivor(current.queries, principal.tenant, customer_id)
        found = await queries_value.bought(current.engine, customer, clock())
        return ValueView(customer_id=customer, days_between=found.days_between, **asdict(found))

    return routes


def _view(sign: Sign, told: Collection[Told], now: datetime) -> SignalView:
    zh, en = SIGNAL_LABELS[sign.kind]
    return SignalView(
        kind=sign.kind,
        label_zh=zh,
        label_en=en,
        standing=_standing(sign, told, now),
        at=sign.at,
        colour=sign.colour,
        confidence=sign.confidence,
        summary_zh=sign.summary_zh,
        summary_en=sign.summary_en,
        topics=sorted(sign.trigger.topics),
        trigger=_ref(sign.trigger.key),
        evidence=[_ref(event.key) for event in sign.evidence],
    )


def _standing(sign: Sign, told: Collection[Told], now: datetime) -> Standing:
    if is_told(sign, told):
        return Standing.TOLD
    return Standing.DUE if sign.live and sign.at > now - NEWS else Standing.HISTORY


def _ref(key: Key) -> EventRef:
    kind, source, id_ = key
    return EventRef(kind=kind, source=source, id=id_)

"""`/v1/records`: one feedback as journey remembers it."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from heedful.common.contracts import Enrichment, Name
from heedful.common.http import Authenticator, Problem
from heedful.common.http.openapi import Refusal, refusing
from heedful.common.http.route import Route
from heedful.common.security import Principal, Scope
from heedful.journey.api.record_models import RecordView, record_view
from heedful.journey.queries import Queries

_NO_RECORD = refusing(
    Refusal(
        404,
        "not-found",
        "journey has no such feedback of this tenant, or no longer",
        "journey has no feedback 'call-20261124-0815' of source 'callcentre'; what was just posted "
        "is there once it is labelled, what was erased or is too old is not",
        name="no-such-record",
    )
)


def router(queries: Queries, auth: Authenticator) -> APIRouter:
    """The route of one feedback."""
    routes = APIRouter(tags=["journey"], route_class=Route)
    may_read = Depends(auth.requires(Scope.JOURNEY_READ))

    @routes.get("/v1/records", responses=_NO_RECORD)
    async def get_record(
        principal: Annotated[Principal, may_read],
        source: Annotated[Name, Query(description="As it was posted; it may hold slashes.")],
        id_: Annotated[Name, Query(alias="id", description="As it was posted.")],
    ) -> RecordView:
        """One feedback: its words, its labels with the evidence in them, and whose it is."""
        row = await queries.record(principal.tenant, source, id_)
        if row is None:
            raise Problem(
                404,
                "not-found",
                f"journey has no feedback {id_!r} of source {source!r}; what was just posted is "
                "there once it is labelled, what was erased or is too old is not",
            )
        enrichment = Enrichment.parse(row.payload.encode())
        return record_view(enrichment, row.customer_id, identified=row.identified)

    return routes

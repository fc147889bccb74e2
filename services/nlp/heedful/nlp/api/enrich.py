"""`POST /v1/enrich` and `GET /v1/labels`."""

from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field

from heedful.common.contracts import Channel, Enrichment, Feedback, Name, Score, UtcTime
from heedful.common.contracts.feedback import Text
from heedful.common.http.auth import Authenticator
from heedful.common.http.problems import RETRY_AFTER_S, Problem
from heedful.common.http.route import Route
from heedful.common.security import Principal, Scope
from heedful.nlp.labels import catalogue
from heedful.nlp.policy import LightPolicy
from heedful.nlp.taxonomy import Taxonomy
from heedful.nlp.workers import Overloaded, Workers

MAX_TEXTS = 256


class TextToEnrich(BaseModel):
    """One text; nothing of it is stored."""

    model_config = ConfigDict(extra="forbid")

    id: Name
    text: Text
    channel: Channel = Channel.OTHER
    score: Score | None = None
    occurred_at: UtcTime | None = None


class EnrichRequest(BaseModel):
    model_config = ConfigDict(extra="forbid")

    items: list[TextToEnrich] = Field(min_length=1, max_length=MAX_TEXTS)


class EnrichResponse(BaseModel):
    items: list[Enrichment]


def router(
    workers: Workers, policy: LightPolicy, taxonomy: Taxonomy, auth: Authenticator
) -> APIRouter:
    """The synchronous routes of nlp."""
    routes = APIRouter(tags=["nlp"], route_class=Route)
    may_enrich = Depends(auth.requires(Scope.ENRICH))

    @routes.post("/v1/enrich", response_model_exclude_none=True)
    async def enrich(
        body: EnrichRequest, principal: Annotated[Principal, may_enrich]
    ) -> EnrichResponse:
        """Label up to 256 texts now; results in the order of the request. Evidence points into
        the text that comes back, in which names and addresses are masked.

        429 while too many texts are waiting: send them again after `Retry-After`.
        """
        now = datetime.now(UTC)
        feedback = [
            Feedback(
                tenant=principal.tenant,
                source="enrich",
                id=item.id,
                channel=item.channel,
                text=item.text,
                score=item.score,
                occurred_at=item.occurred_at or now,
                received_at=now,
            )
            for item in body.items
        ]
        try:
            return EnrichResponse(items=await workers.offer(feedback))
        except Overloaded as error:
            wait = {"Retry-After": str(RETRY_AFTER_S)}
            detail = f"{error}; send them again later"
            raise Problem(429, "overloaded", detail, headers=wait) from error

    @routes.get("/v1/labels", dependencies=[may_enrich])
    async def labels() -> dict[str, Any]:
        """Every label that an enrichment can carry, in Chinese and English, with its version."""
        return {"items": catalogue(policy, taxonomy)}

    return routes

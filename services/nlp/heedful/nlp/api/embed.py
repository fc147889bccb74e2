"""`POST /v1/embed`: where texts lie among texts."""

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field

from heedful.common.contracts import Embedding
from heedful.common.contracts.feedback import Text
from heedful.common.http.auth import Authenticator
from heedful.common.http.route import Route
from heedful.common.security import Scope
from heedful.nlp.api.enrich import MAX_TEXTS, OVERLOADED, refused_in_time
from heedful.nlp.workers import Workers


class EmbedRequest(BaseModel):
    """Texts; nothing of them is stored."""

    model_config = ConfigDict(extra="forbid")

    texts: list[Text] = Field(min_length=1, max_length=MAX_TEXTS)


class EmbedResponse(BaseModel):
    items: list[Embedding | None] = Field(
        description="In the order of the request; null for a text that the model does not read."
    )


def router(workers: Workers, auth: Authenticator) -> APIRouter:
    """The route of embeddings."""
    routes = APIRouter(tags=["nlp"], route_class=Route)
    may_enrich = Depends(auth.requires(Scope.ENRICH))

    @routes.post("/v1/embed", dependencies=[may_enrich], responses=OVERLOADED)
    async def embed_texts(body: EmbedRequest) -> EmbedResponse:
        """Embed up to 256 texts now, as enrichments carry it: what means about the same lies in
        about the same direction.

        429 while too many texts are waiting: send them again after `Retry-After`.
        """
        with refused_in_time():
            return EmbedResponse(items=await workers.offer_to_embed(body.texts))

    return routes

"""`POST /v1/enrich` and `GET /v1/labels`."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field

from heedful.common.contracts import Channel, Enrichment, Feedback, Name, Score, WrittenTime
from heedful.common.contracts.feedback import Text
from heedful.common.http.auth import Authenticator
from heedful.common.http.openapi import Refusal, refusing
from heedful.common.http.problems import RETRY_AFTER_S, Problem
from heedful.common.http.route import Route
from heedful.common.security import Principal, Scope
from heedful.nlp.api.enrich_example import REQUEST, RESPONSE
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
    occurred_at: WrittenTime | None = None


class EnrichRequest(BaseModel):
    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [REQUEST]})

    items: list[TextToEnrich] = Field(min_length=1, max_length=MAX_TEXTS)


class EnrichResponse(BaseModel):
    model_config = ConfigDict(json_schema_extra={"examples": [RESPONSE]})

    items: list[Enrichment]


class LabelOut(BaseModel):
    """One label; `version` is of what defines it."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "kind": "light",
                    "code": "red",
                    "zh": "红灯",
                    "en": "Red",
                    "version": "v1",
                }
            ]
        }
    )

    kind: str = Field(description="sentiment, emotion, urgency, intent, topic, light, reason, …")
    code: str
    zh: str
    en: str
    version: str


class Labels(BaseModel):
    items: list[LabelOut]


OVERLOADED = refusing(
    Refusal(
        429,
        "overloaded",
        "Too many texts are waiting",
        "2048 texts are waiting; send them again later",
    )
)


@contextmanager
def refused_in_time() -> Iterator[None]:
    """Too many texts wait: 429, and when to come again."""
    try:
        yield
    except Overloaded as error:
        wait = {"Retry-After": str(RETRY_AFTER_S)}
        detail = f"{error}; send them again later"
        raise Problem(429, "overloaded", detail, headers=wait) from error


def router(
    workers: Workers, policy: LightPolicy, taxonomy: Taxonomy, auth: Authenticator
) -> APIRouter:
    """The synchronous routes of nlp."""
    routes = APIRouter(tags=["nlp"], route_class=Route)
    may_enrich = Depends(auth.requires(Scope.ENRICH))

    @routes.post(
        "/v1/enrich",
        response_model_exclude_none=True,
        # `POST /v1/embed` is for who wants it.
        response_model_exclude={"items": {"__all__": {"embedding"}}},
        responses=OVERLOADED,
    )
    async def enrich_texts(
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
        with refused_in_time():
            return EnrichResponse(items=await workers.offer(feedback))

    @routes.get("/v1/labels", dependencies=[may_enrich])
    async def list_labels() -> Labels:
        """Every label that an enrichment can carry, in Chinese and English, with its version."""
        return Labels.model_validate({"items": catalogue(policy, taxonomy)})

    return routes

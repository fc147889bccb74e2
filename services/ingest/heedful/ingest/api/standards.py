"""`/v1/standards`: the data standard of a tenant's channels; try an item against it."""

from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from heedful.common.http.auth import Authenticator
from heedful.common.http.openapi import missing, refusing
from heedful.common.http.problems import Problem, not_found
from heedful.common.http.route import Route
from heedful.common.security import Principal, Scope
from heedful.common.wording import describe
from heedful.ingest.directory import Directory
from heedful.ingest.models import Posted, PostedFeedback, PostedInteraction
from heedful.ingest.records import Submission
from heedful.ingest.standards import ChannelName, Standard
from heedful.ingest.store_standards import StandardStore

_NO_STANDARD = refusing(missing("standard"))


class StandardOut(BaseModel):
    channel: str
    version: int
    standard: Standard
    created_at: datetime
    created_by: str


class ItemToTry(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"kind": "feedback", "item": {"channel": "call", "text": "等了一个小时没人接"}}
            ]
        },
    )

    kind: Literal["feedback", "interaction"]
    item: dict[str, Any] = Field(description="As it would be posted.")


class ViolationOut(BaseModel):
    field: str
    problem: str
    mend: str


class Judgement(BaseModel):
    fits: bool
    touchpoint: str | None = Field(description="The one it would get.")
    violations: list[ViolationOut]


def router(store: StandardStore, directory: Directory, auth: Authenticator) -> APIRouter:
    """The routes of data standards."""
    routes = APIRouter(tags=["standards"], route_class=Route)
    Reader = Annotated[Principal, Depends(auth.requires(Scope.CONNECTIONS_READ))]  # noqa: N806  # a type
    Writer = Annotated[Principal, Depends(auth.requires(Scope.CONNECTIONS_WRITE))]  # noqa: N806  # a type

    async def newest(tenant: str) -> list[StandardOut]:
        return [
            StandardOut(
                channel=one.channel,
                version=one.version,
                standard=one.standard,
                created_at=one.created_at,
                created_by=one.created_by,
            )
            for one in await store.of_tenant(tenant)
            if one.standard is not None
        ]

    async def found(tenant: str, channel: str) -> StandardOut:
        for one in await newest(tenant):
            if one.channel == channel:
                return one
        raise not_found("standard")

    @routes.get("/v1/standards")
    async def list_standards(principal: Reader) -> list[StandardOut]:
        """What counts now, by channel."""
        return await newest(principal.tenant)

    @routes.post("/v1/standards/try")
    async def try_item(body: ItemToTry, principal: Reader) -> Judgement:
        """What the standard says of an item. Nothing is stored."""
        posted = _posted(body)
        rules = await directory.of(principal.tenant)
        placed, violations = rules.judge(Submission(posted), datetime.now(UTC))
        return Judgement(
            fits=not violations,
            touchpoint=placed.posted.touchpoint,
            violations=[
                ViolationOut(field=one.field, problem=one.problem, mend=one.mend)
                for one in violations
            ],
        )

    @routes.get("/v1/standards/{channel}", responses=_NO_STANDARD)
    async def get_standard(channel: str, principal: Reader) -> StandardOut:
        """The standard of one channel, or of `*`."""
        return await found(principal.tenant, channel)

    @routes.put("/v1/standards/{channel}")
    async def put_standard(channel: ChannelName, body: Standard, principal: Writer) -> StandardOut:
        """A new version; it counts from now on, within ten seconds in every process."""
        now, by = datetime.now(UTC), principal.author
        version = await store.add(principal, channel, body, now)
        directory.changed()
        # As it was put, and not as it is read: somebody may take it back at this moment.
        return StandardOut(
            channel=channel, version=version, standard=body, created_at=now, created_by=by
        )

    @routes.delete("/v1/standards/{channel}", status_code=204, responses=_NO_STANDARD)
    async def delete_standard(channel: str, principal: Writer) -> None:
        """Take it back. Its versions stay on record."""
        await found(principal.tenant, channel)
        await store.add(principal, channel, None, datetime.now(UTC))
        directory.changed()

    return routes


def _posted(body: ItemToTry) -> Posted:
    model = PostedFeedback if body.kind == "feedback" else PostedInteraction
    try:
        return model.model_validate(body.item)
    except ValidationError as error:
        raise Problem(422, "invalid", f"item: {describe(error)}") from error

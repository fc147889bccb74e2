"""`POST /v1/notes`: what an employee heard and writes down in a sentence.

It is feedback of the channel `employee`: understood, alerted on and kept like any other, and never
counted as a customer's own voice. `about` names the customer whom it concerns, if it does.
"""

from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from heedful.common.contracts import Identifiers, Name
from heedful.common.contracts.feedback import Text
from heedful.common.http.auth import Authenticator
from heedful.common.http.problems import Problem
from heedful.common.http.route import Route
from heedful.common.quota.quota import Quota
from heedful.common.security import Principal, Scope
from heedful.common.wording import describe
from heedful.ingest.accept import Acceptor
from heedful.ingest.api import answers
from heedful.ingest.api.answers import Accepted
from heedful.ingest.channels import Taken
from heedful.ingest.channels.notes import note
from heedful.ingest.models import PostedFeedback, Written
from heedful.ingest.records import Submission

SOURCE = "notes"


class Note(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "text": "这周第三个顾客问有没有儿童座椅",
                    "reported_by": "staff-17",
                    "touchpoint": "store.visit",
                }
            ]
        },
    )

    text: Text
    reported_by: Name = Field(description="Who writes it; never taken for a customer.")
    id: Name | None = Field(default=None, description="Yours; makes the note repeatable.")
    occurred_at: Written | None = Field(default=None, description="Default: now.")
    about: Identifiers = Field(default=(), description="The customer whom it concerns.")
    conversation_id: Name | None = None
    touchpoint: Name | None = None
    department: Name | None = None


def router(acceptor: Acceptor, auth: Authenticator, quota: Quota) -> APIRouter:
    """The route of quick notes."""
    routes = APIRouter(tags=["ingest"], route_class=Route)
    Writer = Annotated[Principal, Depends(auth.requires(Scope.FEEDBACK_WRITE))]  # noqa: N806  # a type

    @routes.post("/v1/notes", status_code=202, response_model=Accepted, responses=answers.ONE)
    async def post_note(body: Note, principal: Writer, request: Request) -> Response:
        """Accept an employee's note. 202 only after the log has it."""
        await quota.take(principal, items=1)
        results = await acceptor.accept(
            principal.tenant,
            [Submission(_posted(body))],
            now=datetime.now(UTC),
            traceparent=request.state.traceparent,
        )
        return answers.single(results[0])

    return routes


def _posted(body: Note) -> PostedFeedback:
    fields = note(Taken(body.text, "text"), None, Taken(body.reported_by, "reported_by"))
    if fields is None:
        raise Problem(422, "invalid", "text: says nothing")
    given: dict[str, Any] = {name: taken.value for name, taken in fields.items()}
    given |= body.model_dump(exclude={"text", "reported_by", "about"}, exclude_none=True)
    try:
        return PostedFeedback.model_validate({**given, "source": SOURCE, "identifiers": body.about})
    except ValidationError as error:
        raise Problem(422, "invalid", describe(error)) from error

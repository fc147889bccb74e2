"""Problems as the OpenAPI document shows them: which there are, and how a route says that it has
some of its own.

What every operation of a kind may answer stands in `sharing.py`. A route adds what is only its own:

    @routes.post("/v1/cases/{case_id}/close", responses=refusing(missing("case"), WRONG_STATE))
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from heedful.common.http.problems import MEDIA_TYPE, TYPE_PREFIX

PROBLEM = {"$ref": "#/components/schemas/Problem"}


@dataclass(frozen=True, slots=True)
class Refusal:
    """One problem that an operation may answer with.

    Attributes:
        code: as `Problem` has it.
        when: what happened, in one sentence without a full stop.
        detail: an example of it.
        members: an example of further members.
        name: of the example in the document; two refusals with one name are the same. Default:
            the code.
    """

    status: int
    code: str
    when: str
    detail: str
    members: Mapping[str, Any] = field(default_factory=dict)
    name: str = ""

    @property
    def example(self) -> dict[str, Any]:
        """An Example Object of OpenAPI."""
        value = {
            "type": TYPE_PREFIX + self.code,
            "title": HTTPStatus(self.status).phrase,
            "status": self.status,
            "detail": self.detail,
            **self.members,
        }
        return {"summary": self.when, "value": value}


def refusing(*refusals: Refusal) -> dict[int | str, dict[str, Any]]:
    """The `responses=` of a route or router."""
    found: dict[int | str, dict[str, Any]] = {}
    for one in refusals:
        response = found.setdefault(
            one.status, {"content": {MEDIA_TYPE: {"schema": PROBLEM, "examples": {}}}}
        )
        response["content"][MEDIA_TYPE]["examples"][one.name or one.code] = one.example
    return found


def missing(what: str) -> Refusal:
    """404: the tenant has none of this id."""
    return Refusal(
        404,
        "not-found",
        f"The tenant has no such {what}",
        f"there is no such {what}",
        name=f"no-such-{what.replace(' ', '-')}",
    )


UNAUTHORIZED = Refusal(
    401,
    "unauthorized",
    "No API key, or one that is unknown, revoked or expired",
    "the API key is unknown, revoked or expired",
)
FORBIDDEN = Refusal(
    403,
    "forbidden",
    "The API key lacks the scope, or may not be used from this address",
    "this API key lacks the scope cases:write",
)
BAD_ACTOR_TOKEN = Refusal(
    401,
    "bad-actor-token",
    "The token of a person proves nothing: it is forged, expired, or for somebody else",
    "the actor token has expired; sign in again, or make a new one",
)
NOT_ENTITLED = Refusal(
    403,
    "not-entitled",
    "The token proves who somebody is, and they have no role or tenant here",
    "the claim role of the actor token names none of the roles agent, lead, manager, admin; have "
    "one assigned to you",
)
ROLE_REQUIRED = Refusal(
    403,
    "role-required",
    "This is for people of a role, or of a higher one",
    "this needs the role lead or a higher one; the actor has the role agent",
    {"role": "lead"},
)
QUOTA_EXCEEDED = Refusal(
    429,
    "quota-exceeded",
    "A quota is used up",
    "this API key may send 1000 requests a second and 5000 at once; send this again in 1 s",
    {"violated-policies": ["key-requests"]},
)
UNAVAILABLE = Refusal(
    503,
    "unavailable",
    "A server behind this one does not answer; nothing was lost",
    "a server behind this one does not answer; send it again",
)
BAD_CURSOR = Refusal(
    400,
    "bad-cursor",
    "The cursor is not one of this list's",
    "pass next_cursor of the previous page unchanged, or none",
)
INVALID = Refusal(
    422,
    "invalid",
    "The request does not have the documented shape",
    "the request does not have the documented shape",
    {"errors": [{"at": "body.text", "message": "is missing"}]},
)
TOO_DEEP = Refusal(
    422,
    "too-deep",
    "The JSON is nested too deeply",
    "objects and arrays are nested deeper than 32 levels",
)
BAD_ENCODING = Refusal(
    400,
    "bad-encoding",
    "The body is not what Content-Encoding says",
    "the body is not gzip; see Content-Encoding",
)
SLOW_BODY = Refusal(
    408,
    "slow-body",
    "The body did not come in time",
    "the body did not come in time; send it again",
)
TOO_LARGE = Refusal(
    413,
    "too-large",
    "The body is too large",
    "a body has at most 8000000 bytes; split it",
)
TOO_MANY = Refusal(
    413,
    "too-many",
    "There are more items than one request or a quota takes",
    "a batch has at most 5000 items, this one 6000",
)
UNKNOWN_ENCODING = Refusal(
    415,
    "unknown-encoding",
    "Content-Encoding names a coding that is not known",
    "Content-Encoding may be gzip or deflate, or left out",
)
BAD_IDEMPOTENCY_KEY = Refusal(
    400,
    "bad-idempotency-key",
    "The Idempotency-Key is empty or too long",
    "Idempotency-Key has 1 to 255 characters, this one 300",
)
IDEMPOTENCY_IN_PROGRESS = Refusal(
    409,
    "in-progress",
    "The first request with this Idempotency-Key is under way",
    "the first request with this Idempotency-Key is under way; send it again later",
)
IDEMPOTENCY_ANSWER_LOST = Refusal(
    409,
    "answer-lost",
    "The first request with this Idempotency-Key was done, and its answer is lost",
    "the first request with this Idempotency-Key was done, but its answer cannot be read any "
    "more; do not send it again",
)
IDEMPOTENCY_KEY_REUSED = Refusal(
    422,
    "idempotency-key-reused",
    "The Idempotency-Key was used with another body",
    "this Idempotency-Key was used with another body; give a new request a new key",
)

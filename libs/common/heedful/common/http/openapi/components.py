"""What the document declares once and refers to: the problem, headers, parameters, keys, tags."""

from collections.abc import Mapping
from typing import Any, Final

DESCRIPTION: Final = """\
Voice of the customer: every channel heard, every red light answered.

- **Keys**: `X-API-Key: …` or `Authorization: Bearer …`. The scope that an operation demands stands
  at its security.
- **People**: with the token of a person in `X-Actor-Token` they are who acts, without one the
  machine is; see docs/actors.md.
- **Errors** are `application/problem+json` (RFC 9457). The last part of `type` is stable, `detail`
  says how to mend it. A path that does not exist is 404, a method that a path does not take 405
  with `Allow`. 500 is a fault of heedful's own; it was logged.
- **Sending again**: every write takes `Idempotency-Key`. 429 and 503 carry `Retry-After`.
- **Bodies** may come with `Content-Encoding: gzip` or `deflate`. JSON is strict (RFC 8259) and has
  at most 32 levels.
- **Quotas**: every answer to a known key carries `RateLimit` and `RateLimit-Policy`.
- **Lists**: `limit` and `cursor`; `next_cursor` is null on the last page. Times are ISO 8601, UTC.
- **Versions**: what `/v1` promises stands in docs/http.md, "Versions". New fields, and new values
  of open enums, are no break.
"""

TAGS: Final[Mapping[str, str]] = {
    "ingest": "Feedback, interactions and notes that your systems post.",
    "channels": "What channels themselves send; proven by the connection's secret, without a key.",
    "connections": "A tenant's configured channels.",
    "standards": "What items of a channel must have.",
    "imports": "Files of reviews and of history.",
    "quarantine": "What could not be taken, to look at, mend and send again.",
    "privacy": "How personal data is treated, and its erasure.",
    "keys": "API keys.",
    "nlp": "Labels at once, and which there are.",
    "corrections": "Labels that people set, and the weekly sample that they judge.",
    "journey": "Customers, their timelines and the map of touchpoints.",
    "insights": "What only stitched journeys tell, with how sure it is.",
    "cases": "Cases, their clocks and the board.",
    "issues": "One matter of many customers: it speaks for its cases and is planned for them.",
    "members": "People of the tenant: who is told, who stands in for whom.",
    "calendars": "When work is done.",
    "policies": "Which items become cases, by which clocks, and who hears when.",
    "audit": "What was administered, by whom.",
    "endpoints": "Where webhooks go.",
    "deliveries": "What was sent to endpoints.",
    "health": "For the platform that runs heedful. No key.",
}

PROBLEM: Final[Mapping[str, Any]] = {
    "title": "Problem",
    "description": "RFC 9457: what is wrong and how to mend it. Some problems have more members.",
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {
            "type": "string",
            "format": "uri",
            "description": "Stable; its last part is the name of the problem.",
        },
        "title": {"type": "string", "description": "The phrase of the status."},
        "status": {"type": "integer", "minimum": 400, "maximum": 599},
        "detail": {"type": "string", "description": "What is wrong with this request."},
        "errors": {
            "type": "array",
            "description": "Where, and what is wrong there.",
            "items": {
                "type": "object",
                "required": ["at", "message"],
                "properties": {"at": {"type": "string"}, "message": {"type": "string"}},
            },
        },
    },
}

HEADERS: Final[Mapping[str, Mapping[str, Any]]] = {
    "Retry-After": {
        "description": "Seconds after which to send it again.",
        "required": True,
        "schema": {"type": "integer", "minimum": 1},
        "example": 2,
    },
    "RateLimit": {
        "description": "What is left of each quota; see draft-ietf-httpapi-ratelimit-headers.",
        "schema": {"type": "string"},
        "example": '"key-requests";r=4999;t=1',
    },
    "RateLimit-Policy": {
        "description": "The quotas that hold.",
        "schema": {"type": "string"},
        "example": '"key-requests";q=5000;w=5',
    },
    "Idempotent-Replayed": {
        "description": "true: the answer to an earlier request with this Idempotency-Key.",
        "schema": {"type": "string", "const": "true"},
        "example": "true",
    },
    "WWW-Authenticate": {
        "description": "How to authenticate.",
        "schema": {"type": "string"},
        "example": "Bearer",
    },
    "Accept-Encoding": {
        "description": "Content codings that are taken (RFC 9110 §12.5.3).",
        "schema": {"type": "string"},
        "example": "gzip, deflate",
    },
}

IDEMPOTENCY_KEY: Final[Mapping[str, Any]] = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": "Yours. The same key with the same body gives the first answer again, for two "
    "days.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255},
    "example": "5f0c8b1e-7d2a-4a52-9a6f-0a4d6d1f2b3c",
}

SECURITY: Final[Mapping[str, str]] = {
    "apiKey": "An API key of the tenant; see docs/security.md.",
    "bearer": "The same API key as a bearer token; or, where people sign in at an OpenID provider, "
    "their access token, which then decides tenant and role.",
    "actorToken": "The token of a person who acts, beside an API key; see docs/actors.md.",
}

PARAMETERS: Final[Mapping[str, str]] = {
    "cursor": "`next_cursor` of the previous page, unchanged.",
    "limit": "Most items of a page.",
}
"""Descriptions of parameters that mean the same everywhere, by name."""


def header(name: str) -> dict[str, str]:
    """A reference to a header that is declared above."""
    return {"$ref": f"#/components/headers/{name}"}

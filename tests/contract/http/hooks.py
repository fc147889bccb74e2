"""What schemathesis cannot know: which objects there are, how a channel proves itself, how NDJSON
is written, and that a problem has to be one of those that are documented.

Schemathesis loads this module in its own process.
"""

import json
import os
import uuid
from collections.abc import Iterator, Mapping
from functools import cache
from itertools import count, cycle
from typing import Any

import httpx
import requests
import schemathesis
from schemathesis import Case, CheckContext, HookContext, Response
from schemathesis.core.failures import Failure
from schemathesis.core.parameters import ParameterLocation
from schemathesis.transport import SerializationContext

from tests.contract.http.objects import CHANNEL, RECEIVING, Objects, posted, signed
from tests.integration.conftest import API_KEY

URL = "LIVE_URL"
"""The variable that says where the app is."""
IDS = "LIVE_IDS"
"""The variable with what there is, as JSON: ids by their names in paths."""
NDJSON = "application/x-ndjson"
PROBLEM = "application/problem+json"
_UNKNOWN_EVERY = 5
"""Every so many requests keep the id that was made up, and get the 404."""
_COUNTED = 1000
"""Characters; longer bounds are not looked at."""
_turns = count(1)

AnyCase = Case[Any]


@schemathesis.serializer(NDJSON)
def ndjson(context: SerializationContext, value: Any) -> bytes:
    """The schema says a text; a negative value is written as JSON is."""
    return value.encode(errors="surrogatepass") if isinstance(value, str) else str(value).encode()


@schemathesis.serializer("*/*")
def anything(context: SerializationContext, value: Any) -> bytes:
    return json.dumps(value).encode()


@schemathesis.check
def documented_problem(ctx: CheckContext, response: Response, case: AnyCase) -> None:
    """A refusal is one of the problems that the operation's examples name for its status."""
    media = (response.headers.get("content-type") or [""])[0]
    known = _documented(case, str(response.status_code))
    if not media.startswith(PROBLEM) or known is None:
        return
    code = response.json()["type"].rsplit("/", 1)[-1]
    if code not in known:
        raise Failure(
            operation=case.operation.label,
            title="Undocumented problem",
            message=f"{response.status_code} {code!r} is none of {sorted(known)}",
        )


def _documented(case: AnyCase, status: str) -> set[str] | None:
    """Codes of the problems that are documented; None when the status is not."""
    document = case.operation.schema.raw_schema
    path = document["paths"].get(case.operation.path, {})
    responses = path.get(case.method.lower(), {}).get("responses", {})
    name = responses.get(status, {}).get("$ref", "").rsplit("/", 1)[-1]
    if not name:
        return None
    examples = document["components"]["responses"][name]["content"][PROBLEM]["examples"]
    return {one["value"]["type"].rsplit("/", 1)[-1] for one in examples.values()}


@schemathesis.hook
def before_load_schema(context: HookContext, raw_schema: dict[str, Any]) -> None:
    """A text of up to 100,000 characters is tried with few: a regular expression that counts so
    far is compiled for a second, each time. What is longer has tests of its own."""
    _uncounted(raw_schema)


def _uncounted(value: Any) -> None:
    if isinstance(value, dict):
        if isinstance(longest := value.get("maxLength"), int) and longest > _COUNTED:
            del value["maxLength"]
        for inner in value.values():
            _uncounted(inner)
    elif isinstance(value, list):
        for inner in value:
            _uncounted(inner)


@schemathesis.hook
def filter_case(context: HookContext, case: AnyCase) -> bool:
    # JSON Schema cannot say that blanks around a name are taken off.
    return not _positive(case) or not any(map(_blank, _texts(case.body)))


@schemathesis.hook
def before_call(context: HookContext, case: AnyCase, kwargs: dict[str, Any]) -> None:
    """Let a case go beyond 404 and 401."""
    # No token that is made up proves a person, and no sequence is the case's by chance.
    case.headers.pop("X-Actor-Token", None)
    if _positive(case):
        case.headers.pop("If-Match", None)
    if not _negated(case, ParameterLocation.PATH) and next(_turns) % _UNKNOWN_EVERY:
        case.path_parameters = {**case.path_parameters, **_ids(case)}
    if _positive(case):
        _made_fit(case)
        if case.operation.path == "/v1/corrections" and case.method == "POST":
            case.body = next(_corrections())
        if case.operation.path == "/v1/records":
            case.query = next(_feedback())
    elif _negated(case, ParameterLocation.BODY):
        # A wrong key would be refused before the body is looked at.
        case.headers.pop("Idempotency-Key", None)
    if case.operation.path == RECEIVING:
        case.headers.update(signed(_written(case), str(uuid.uuid4())))


def _ids(case: AnyCase) -> dict[str, str]:
    """An object for each name in the path; what is deleted is made for it."""
    pools, path = _pools(), case.operation.path
    found = {name: next(pools[name]) for name in case.path_parameters if name in pools}
    if path in pools:
        found[list(case.path_parameters)[-1]] = next(pools[path])
    if path == RECEIVING:
        found["channel"] = CHANNEL
    if case.method.lower() == "delete" and (fresh := _objects().fresh(path)) is not None:
        found = dict.fromkeys(found, fresh)
    return found


def _written(case: AnyCase) -> bytes:
    """The body as it is sent. Of a form it is not: each time it gets another boundary."""
    given = case.as_transport_kwargs()
    request = requests.Request("POST", given["url"], json=given.get("json"), data=given.get("data"))
    body = request.prepare().body
    return body if isinstance(body, bytes) else str(body or "").encode()


@cache
def _corrections() -> Iterator[dict[str, Any]]:
    return cycle(_objects().corrections())


@cache
def _feedback() -> Iterator[dict[str, str]]:
    return cycle(posted())


@cache
def _pools() -> Mapping[str, Iterator[str]]:
    return {name: cycle(ids) for name, ids in json.loads(os.environ[IDS]).items()}


@cache
def _objects() -> Objects:
    headers = {"X-API-Key": API_KEY}
    return Objects(httpx.Client(base_url=os.environ[URL], headers=headers, timeout=30))


def _made_fit(case: AnyCase) -> None:
    """What a schema cannot say: cursors and positions are ours, Idempotency-Keys are new."""
    for name in {"cursor", "after"} & set(case.query or ()):
        del case.query[name]
    if case.headers and "Idempotency-Key" in case.headers:
        case.headers["Idempotency-Key"] = str(uuid.uuid4())


def _positive(case: AnyCase) -> bool:
    return case.meta is not None and case.meta.generation.mode.is_positive


def _negated(case: AnyCase, location: ParameterLocation) -> bool:
    return case.meta is not None and case.meta.is_negative_at(location)


def _blank(text: str) -> bool:
    return not text.strip()


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        yield from value
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)

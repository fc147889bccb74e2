"""No tenant sees or changes what is another's, on any route.

Every route of the all-in-one app stands in the table below. A new one has to be added, or the
first test fails.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import Enum, auto
from typing import Any

import httpx
import pytest

from heedful.alerting.case_changes import Position, Snapshot
from heedful.cli.documents_openapi import builds, document
from tests.integration.tenancy.world import (
    CALENDAR,
    CONSOLE,
    FORM,
    MARK,
    OFFICE,
    POLICY,
    REVIEWS,
    WORD,
    World,
)

_METHODS = frozenset({"get", "put", "post", "patch", "delete"})
_DUE = "2027-01-01T00:00:00Z"
_MEMBER = {"name": "Li", "position": "lead"}
_ANOTHER = "5b0e0c5e-4f0d-5d8e-9a53-3a9c8d0f1b11"
_WHY = {"reason": "the same person"}


class Is(Enum):
    """What a route is to another tenant."""

    OF_AN_OBJECT = auto()
    """It names an object: 404 to the other tenant, and something else to its own."""
    LIST = auto()
    """It is empty for a tenant that has nothing."""
    OWN = auto()
    """It is about the caller alone: nothing of another tenant stands in its answer."""
    PROVEN = auto()
    """It takes no key: what is sent is proven by the connection's own secret."""


@dataclass(frozen=True)
class Route:
    """A route and how to ask it.

    Attributes:
        last: it ends the object, so the owner asks it after all others.
        ids: in its path, instead of the usual ones.
    """

    kind: Is
    body: Any = None
    query: str = ""
    last: bool = False
    files: Any = None
    form: Mapping[str, str] | None = None
    ids: Mapping[str, str] = field(default_factory=dict)


BEGINNING = Position(Snapshot("1:1:", 1)).written()
"""Before anything happened to a case."""
SURVEY = {"channel": "survey"}
NIGHTS = {"calendar": CALENDAR, "version": "1"}
FIRST = {"version": "1"}
OBJECT, LIST, OWN, PROVEN = Is.OF_AN_OBJECT, Is.LIST, Is.OWN, Is.PROVEN
ROUTES: Mapping[tuple[str, str], Route] = {
    ("post", "/v1/feedback"): Route(OWN, {"channel": "app", "text": "很好"}),
    ("post", "/v1/feedback/batch"): Route(OWN, [{"channel": "app", "text": "很好"}]),
    ("post", "/v1/interactions"): Route(OWN, {"kind": "visit"}),
    ("post", "/v1/interactions/batch"): Route(OWN, [{"kind": "visit"}]),
    ("post", "/v1/events"): Route(OWN, {}),
    ("post", "/v1/notes"): Route(OWN, {"text": "客人在等", "reported_by": "e-1"}),
    ("get", "/v1/imports"): Route(LIST),
    ("post", "/v1/imports"): Route(OWN, files=REVIEWS, form=FORM),
    ("get", "/v1/imports/{import_id}"): Route(OBJECT),
    ("get", "/v1/imports/{import_id}/report"): Route(OBJECT),
    ("post", "/v1/imports/{import_id}/cancel"): Route(OBJECT, last=True),
    ("get", "/v1/channels"): Route(OWN),
    ("get", "/v1/channels/{channel}/{connection_id}"): Route(PROVEN, query="?echo=1"),
    ("post", "/v1/channels/{channel}/{connection_id}"): Route(PROVEN, {"items": []}),
    ("get", "/v1/connections"): Route(LIST),
    ("post", "/v1/connections"): Route(
        OWN, {"channel": "parrot", "name": "mine", "secrets": {"word": "another"}}
    ),
    ("get", "/v1/connections/{connection_id}"): Route(OBJECT),
    ("put", "/v1/connections/{connection_id}"): Route(OBJECT, {"name": "taken over"}),
    ("delete", "/v1/connections/{connection_id}"): Route(OBJECT, last=True),
    ("post", "/v1/connections/{connection_id}/secrets"): Route(
        OBJECT, {"secrets": {"word": "taken over"}}
    ),
    ("get", "/v1/standards"): Route(LIST),
    ("post", "/v1/standards/try"): Route(
        OWN, {"kind": "feedback", "item": {"channel": "app", "text": "很好"}}
    ),
    ("get", "/v1/standards/{channel}"): Route(OBJECT, ids=SURVEY),
    ("put", "/v1/standards/{channel}"): Route(OWN, {}, ids=SURVEY),
    ("delete", "/v1/standards/{channel}"): Route(OWN, ids=SURVEY),
    ("get", "/v1/privacy"): Route(OWN),
    ("put", "/v1/privacy"): Route(OWN, {}),
    ("get", "/v1/privacy/changes"): Route(LIST),
    ("get", "/v1/quarantine"): Route(LIST),
    ("post", "/v1/quarantine"): Route(
        OWN,
        {
            "import_id": f"im-{1:032x}",
            "source": "shop",
            "rows": [{"row": 2, "reason": "invalid", "detail": "text: is empty"}],
        },
    ),
    ("post", "/v1/quarantine/replay"): Route(OWN, {}),
    ("post", "/v1/quarantine/discard"): Route(OWN, {"reason": "malformed"}),
    ("get", "/v1/quarantine/{entry_id}"): Route(OBJECT),
    ("put", "/v1/quarantine/{entry_id}"): Route(OBJECT, {"item": {"text": "x"}}),
    ("post", "/v1/quarantine/{entry_id}/replay"): Route(OBJECT),
    ("post", "/v1/quarantine/{entry_id}/discard"): Route(OBJECT, last=True),
    ("get", "/v1/keys"): Route(LIST),
    ("post", "/v1/keys"): Route(OWN, {"scopes": ["enrich"]}),
    ("get", "/v1/keys/{key_id}"): Route(OBJECT),
    ("post", "/v1/keys/{key_id}/rotate"): Route(OBJECT),
    ("delete", "/v1/keys/{key_id}"): Route(OBJECT, last=True),
    ("post", "/v1/enrich"): Route(OWN, {"items": [{"id": "1", "text": "很好"}]}),
    ("post", "/v1/embed"): Route(OWN, {"texts": ["很好"]}),
    ("get", "/v1/labels"): Route(OWN),
    ("get", "/v1/corrections"): Route(LIST),
    ("post", "/v1/corrections"): Route(
        OBJECT,
        {
            "feedback": {"source": "callcentre", "id": "call-1"},
            "enrichment_id": "another",
            "label": "light",
            "value": "green",
        },
    ),
    ("get", "/v1/audit-sample"): Route(LIST),
    ("post", "/v1/audit-sample/{sample_id}"): Route(OBJECT, {"right": True}),
    ("get", "/v1/customers"): Route(LIST),
    ("get", "/v1/customers/{customer_id}"): Route(OBJECT),
    ("get", "/v1/customers/{customer_id}/identities"): Route(OBJECT),
    ("get", "/v1/customers/{customer_id}/timeline"): Route(OBJECT),
    ("post", "/v1/customers/{customer_id}/merge"): Route(OBJECT, {"other": _ANOTHER, **_WHY}),
    ("post", "/v1/customers/{customer_id}/keep-apart"): Route(OBJECT, {"other": _ANOTHER, **_WHY}),
    ("post", "/v1/customers/{customer_id}/unmerge"): Route(
        OBJECT, {"identifiers": [{"type": "phone", "value": "13900001234"}], **_WHY}
    ),
    ("post", "/v1/identities/decisions/{decision_id}/revoke"): Route(OBJECT, _WHY),
    ("get", "/v1/identities/suggestions"): Route(LIST),
    ("delete", "/v1/customers/{customer_id}"): Route(OBJECT, last=True),
    ("get", "/v1/erasures"): Route(LIST),
    ("get", "/v1/erasures/{erasure_id}"): Route(OBJECT, last=True),
    ("get", "/v1/customers/{customer_id}/signals"): Route(OBJECT),
    ("get", "/v1/customers/{customer_id}/value"): Route(OBJECT),
    ("get", "/v1/journeys"): Route(OWN),
    ("get", "/v1/journeys/{customer_id}"): Route(OBJECT),
    ("get", "/v1/journeys/{customer_id}/sessions"): Route(OBJECT),
    ("get", "/v1/records"): Route(OBJECT, query="?source=callcentre&id=call-1"),
    ("get", "/v1/search"): Route(LIST, query="?q=刹车"),
    ("get", "/v1/stages"): Route(OWN),
    ("get", "/v1/summary"): Route(OWN),
    ("get", "/v1/insights"): Route(OWN),
    ("get", "/v1/insights/{insight}"): Route(OWN, ids={"insight": "employee-voice"}),
    ("get", "/v1/alignment/answers"): Route(LIST),
    ("post", "/v1/alignment/answers"): Route(OWN, {"role": "sales", "topics": ["price"]}),
    ("get", "/v1/priorities"): Route(LIST),
    ("post", "/v1/priorities"): Route(OWN, {"topic": "price", "ability": 3}),
    ("get", "/v1/touchpoints"): Route(OWN),
    ("get", "/v1/cases"): Route(LIST),
    ("get", "/v1/cases/changes"): Route(LIST, query=f"?after={BEGINNING}"),
    ("get", "/v1/cases/{case_id}"): Route(OBJECT),
    ("post", "/v1/cases/{case_id}/acknowledge"): Route(OBJECT),
    ("post", "/v1/cases/{case_id}/plan"): Route(
        OBJECT, {"owner": "me", "action": "nothing", "due": _DUE}
    ),
    ("post", "/v1/cases/{case_id}/land"): Route(
        OBJECT, {"root_cause": "none", "action_taken": "nothing"}
    ),
    ("post", "/v1/cases/{case_id}/close"): Route(OBJECT),
    ("post", "/v1/cases/{case_id}/assign"): Route(OBJECT, {"owner": "me"}),
    ("post", "/v1/cases/{case_id}/claim"): Route(OBJECT),
    ("post", "/v1/cases/{case_id}/notes"): Route(OBJECT, {"note": "nothing"}),
    ("post", "/v1/cases/{case_id}/contacts"): Route(OBJECT, {"kind": "call"}),
    ("post", "/v1/cases/{case_id}/start"): Route(OBJECT),
    ("post", "/v1/cases/{case_id}/wait"): Route(
        OBJECT, {"state": "waiting_customer", "reason": "away"}
    ),
    ("post", "/v1/cases/{case_id}/resume"): Route(OBJECT),
    ("post", "/v1/cases/{case_id}/verify"): Route(OBJECT, {"method": "measured"}),
    ("post", "/v1/cases/{case_id}/dismiss"): Route(OBJECT, {"reason": "test"}),
    ("post", "/v1/cases/{case_id}/approve-dismissal"): Route(OBJECT),
    ("post", "/v1/cases/{case_id}/reopen"): Route(OBJECT),
    ("post", "/v1/cases/{case_id}/merge"): Route(OBJECT, {"into": "another"}),
    ("post", "/v1/cases/{case_id}/unmerge"): Route(OBJECT),
    ("post", "/v1/cases/{case_id}/split"): Route(OBJECT, {"source": "app", "id": "none"}),
    ("get", "/v1/applications"): Route(LIST),
    ("get", "/v1/applications/{application_id}"): Route(OBJECT),
    ("get", "/v1/issues"): Route(LIST),
    ("post", "/v1/issues"): Route(OWN, {"case_ids": ["another"]}),
    ("get", "/v1/issues/{issue_id}"): Route(OBJECT),
    ("post", "/v1/issues/{issue_id}/cases"): Route(OBJECT, {"case_ids": ["another"]}),
    ("delete", "/v1/issues/{issue_id}/cases/{case_id}"): Route(OBJECT, last=True),
    ("post", "/v1/issues/{issue_id}/plan"): Route(
        OBJECT, {"owner": "me", "action": "nothing", "due": _DUE}
    ),
    ("post", "/v1/issues/{issue_id}/answers"): Route(OBJECT, {"text": "nothing"}),
    ("post", "/v1/issues/{issue_id}/close"): Route(OBJECT, last=True),
    ("get", "/v1/policies"): Route(LIST),
    ("post", "/v1/policies"): Route(OWN, POLICY),
    ("get", "/v1/policies/active"): Route(OWN),
    ("get", "/v1/policies/{version}"): Route(OBJECT, ids=FIRST),
    ("post", "/v1/policies/{version}/activate"): Route(OBJECT, ids=FIRST),
    ("post", "/v1/policies/{version}/apply"): Route(OBJECT, ids=FIRST),
    ("post", "/v1/policies/{version}/dry-run"): Route(OBJECT, ids=FIRST),
    ("post", "/v1/policies/{version}/try"): Route(OBJECT, {"received_at": _DUE}, ids=FIRST),
    ("get", "/v1/calendars"): Route(LIST),
    ("put", "/v1/calendars/{calendar}"): Route(OWN, OFFICE, ids={"calendar": "mine"}),
    ("get", "/v1/calendars/{calendar}"): Route(OBJECT, ids=NIGHTS),
    ("get", "/v1/calendars/{calendar}/versions"): Route(OBJECT, ids=NIGHTS),
    ("get", "/v1/calendars/{calendar}/versions/{version}"): Route(OBJECT, ids=NIGHTS),
    ("post", "/v1/calendars/{calendar}/versions/{version}/activate"): Route(OBJECT, ids=NIGHTS),
    ("post", "/v1/calendars/{calendar}/versions/{version}/apply"): Route(OBJECT, ids=NIGHTS),
    ("get", "/v1/calendars/{calendar}/versions/{version}/due"): Route(
        OBJECT, query="?start=2026-11-24T08:00:00Z&target_seconds=14400", ids=NIGHTS
    ),
    ("get", "/v1/calendars/{calendar}/versions/{version}/days"): Route(
        OBJECT, query="?year=2026&month=11", ids=NIGHTS
    ),
    ("get", "/v1/calendars/{calendar}/versions/{version}/preview"): Route(OBJECT, ids=NIGHTS),
    ("get", "/v1/audit"): Route(OWN),
    ("get", "/v1/board"): Route(OWN),
    ("get", "/v1/board/cases.csv"): Route(OWN),
    ("get", "/v1/reports/monthly"): Route(OWN),
    ("get", "/v1/members"): Route(LIST),
    ("put", "/v1/members"): Route(OWN, {"members": [{"id": "mine", **_MEMBER}]}),
    ("get", "/v1/members/{member_id}"): Route(OBJECT),
    ("put", "/v1/members/{member_id}"): Route(OWN, _MEMBER, ids={"member_id": "mine"}),
    ("put", "/v1/members/{member_id}/absences"): Route(OBJECT, {"absences": []}),
    ("delete", "/v1/members/{member_id}"): Route(OBJECT, last=True),
    ("get", "/v1/endpoints"): Route(LIST),
    ("post", "/v1/endpoints"): Route(OWN, {"url": "https://example.org/"}),
    ("get", "/v1/endpoints/{endpoint_id}"): Route(OBJECT),
    ("patch", "/v1/endpoints/{endpoint_id}"): Route(OBJECT, {"description": "taken over"}),
    ("post", "/v1/endpoints/{endpoint_id}/rotate"): Route(OBJECT),
    ("post", "/v1/endpoints/{endpoint_id}/preview"): Route(OBJECT, {}),
    ("post", "/v1/endpoints/{endpoint_id}/test"): Route(OBJECT),
    ("delete", "/v1/endpoints/{endpoint_id}"): Route(OBJECT, last=True),
    ("get", "/v1/deliveries"): Route(LIST),
    ("post", "/v1/deliveries/replay"): Route(OWN, {}),
    ("get", "/v1/deliveries/{delivery_id}"): Route(OBJECT),
    ("post", "/v1/deliveries/{delivery_id}/replay"): Route(OBJECT),
}


async def ask(
    client: httpx.AsyncClient, at: tuple[str, str], ids: Mapping[str, str]
) -> httpx.Response:
    """Ask a route, with the first tenant's ids in its path."""
    (method, path), route = at, ROUTES[at]
    url = path.format(**{**ids, **route.ids}) + route.query
    if route.files is not None:
        return await client.request(method, url, files=route.files, data=route.form)
    return await client.request(method, url, json=route.body)


def of_kind(*kinds: Is) -> list[tuple[str, str]]:
    return sorted(
        (at for at, route in ROUTES.items() if route.kind in kinds),
        key=lambda at: ROUTES[at].last,
    )


def test_every_route_stands_in_the_table() -> None:
    paths = document(builds())["paths"]
    routes = {
        (method, path)
        for path, operations in paths.items()
        if path.startswith("/v1/")
        for method in operations
        if method in _METHODS
    }
    assert routes == set(ROUTES)


async def test_what_is_another_tenants_is_not_there(world: World) -> None:
    ids = {"erasure_id": "", **world.ids}
    erased = await world.owner.delete(f"/v1/customers/{ids['customer_id']}")
    assert erased.status_code < 300, erased.text
    ids["erasure_id"] = erased.json()["id"]
    seen = {at: (await ask(world.stranger, at, ids)).status_code for at in of_kind(OBJECT)}
    assert seen == dict.fromkeys(of_kind(OBJECT), 404)


async def test_an_id_that_no_text_of_the_database_can_hold_is_of_nothing(world: World) -> None:
    with_id = [at for at in ROUTES if "{" in at[1] and not ROUTES[at].ids]
    nul = dict.fromkeys(re.findall(r"{(\w+)}", " ".join(path for _, path in with_id)), "%00")
    seen = {at: (await ask(world.owner, at, nul)).status_code for at in with_id}
    # An id that is a UUID or a date is wrong in form before it is of nothing.
    assert {at: status for at, status in seen.items() if status not in (404, 422)} == {}


async def test_its_own_tenant_finds_it(world: World) -> None:
    """The test above would be content with ids of nothing at all."""
    ids = dict(world.ids)
    for at in of_kind(OBJECT):
        if at == ("get", "/v1/erasures/{erasure_id}"):
            ids["erasure_id"] = (await world.owner.get("/v1/erasures")).json()["items"][0]["id"]
        answer = await ask(world.owner, at, ids)
        assert answer.status_code < 500, (at, answer.text)
        assert answer.status_code != 404, (at, answer.text)


async def test_lists_of_a_tenant_that_has_nothing_are_empty(world: World) -> None:
    lists = {at: (await ask(world.stranger, at, world.ids)).json() for at in of_kind(LIST)}
    full = {
        at: (await ask(world.owner, at, world.ids)).json()
        for at in of_kind(LIST)
        if at != ("get", "/v1/erasures")
    }
    assert [at for at, found in lists.items() if items(found)] == []
    assert [at for at, found in full.items() if not items(found)] == []


def items(answer: Any) -> Any:
    return answer["items"] if isinstance(answer, dict) else answer


async def test_nothing_of_another_tenant_stands_in_any_answer(world: World) -> None:
    for at in of_kind(OWN):
        answer = await ask(world.stranger, at, world.ids)
        assert answer.status_code not in (401, 403, 405, 500), (at, answer.text)
        assert MARK not in answer.text, at
        assert not [one for one in world.ids.values() if one in answer.text and one != "parrot"], at


async def test_what_one_tenant_sets_holds_for_it_alone(world: World) -> None:
    before = [
        (await world.owner.get(path)).json() for path in ("/v1/privacy", "/v1/standards/survey")
    ]
    for at in of_kind(OWN):
        await ask(world.stranger, at, world.ids)
    after = [
        (await world.owner.get(path)).json() for path in ("/v1/privacy", "/v1/standards/survey")
    ]
    assert before == after


async def test_no_key_speaks_for_a_person_of_another_tenant(world: World) -> None:
    """On no route, whatever the person's role; their own tenant's key does."""
    world.stranger.headers.update(CONSOLE.headers(datetime.now(UTC), role="admin"))
    keyed = of_kind(OBJECT, LIST, OWN)
    seen = {at: (await ask(world.stranger, at, {"erasure_id": "any", **world.ids})) for at in keyed}
    assert {at: answer.status_code for at, answer in seen.items()} == dict.fromkeys(keyed, 403)
    assert not [at for at, answer in seen.items() if "another tenant" not in answer.text]
    world.owner.headers.update(CONSOLE.headers(datetime.now(UTC), role="admin"))
    assert (await world.owner.get("/v1/cases")).status_code == 200


@pytest.mark.parametrize("headers", [{}, {"x-word": "another"}])
async def test_a_connection_takes_only_what_its_secret_proves(
    world: World, headers: dict[str, str]
) -> None:
    """Another tenant's API key, or its own connection's secret, proves nothing."""
    mine = await ask(world.stranger, ("post", "/v1/connections"), world.ids)
    assert mine.status_code == 201
    for at in of_kind(PROVEN):
        (method, path), route = at, ROUTES[at]
        for client in (world.stranger, world.owner):
            url = path.format(**world.ids) + route.query
            answer = await client.request(method, url, json=route.body, headers=headers)
            assert answer.status_code == 401, at
        proven = await world.stranger.request(method, url, json=route.body, headers=WORD)
        assert proven.status_code == 200, at

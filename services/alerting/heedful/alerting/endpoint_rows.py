"""An endpoint as a row of its table, there and back."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row

from heedful.alerting.endpoint import Endpoint
from heedful.alerting.endpoint_kinds import ActionLinks, EndpointKind, Language, StormNotices
from heedful.alerting.recipients import Recipient
from heedful.alerting.templates.builtin import Templates
from heedful.alerting.webhook import EventType

COLUMNS = """
    id, tenant, url, description, events, enabled, created_at, kind, audiences, language, failover,
    fallback, keyword, timezone, template_title, template_text, action_links, robot,
    previous_until, first_failure_at, disabled_at, disabled_reason, storms
"""


@dataclass(frozen=True, slots=True)
class Sealed:
    """Secrets of an endpoint as they are stored. `url` where the URL is one."""

    secret: bytes
    url: bytes | None = None


def values_of(endpoint: Endpoint, sealed: Sealed) -> dict[str, Any]:
    """Parameters of an insert or update."""
    own = endpoint.own
    return {
        "id": endpoint.id,
        "tenant": endpoint.tenant,
        "url": endpoint.url,
        "description": endpoint.description,
        "events": [event.value for event in endpoint.events],
        "enabled": endpoint.enabled,
        "created_at": endpoint.created_at,
        "kind": endpoint.kind.value,
        "audiences": [one.value for one in endpoint.audiences],
        "language": endpoint.language.value,
        "failover": endpoint.failover,
        "fallback": endpoint.fallback,
        "keyword": endpoint.keyword,
        "timezone": endpoint.timezone,
        "template_title": None if own is None else own.title,
        "template_text": None if own is None else own.text,
        "action_links": None if endpoint.action_links is None else endpoint.action_links.value,
        "robot": endpoint.robot,
        "storms": None if endpoint.storms is None else endpoint.storms.value,
        "sealed": sealed.secret,
        "sealed_url": sealed.url,
    }


def endpoint_of(row: Row[Any]) -> Endpoint:
    """Of a row that has `COLUMNS`."""
    return Endpoint(
        id=row.id,
        tenant=row.tenant,
        url=row.url,
        description=row.description,
        events=tuple(EventType(event) for event in row.events),
        enabled=row.enabled,
        created_at=row.created_at,
        kind=EndpointKind(row.kind),
        audiences=tuple(Recipient(one) for one in row.audiences),
        language=Language(row.language),
        failover=row.failover,
        fallback=row.fallback,
        keyword=row.keyword,
        timezone=row.timezone,
        own=None
        if row.template_text is None
        else Templates(row.template_title or "", row.template_text),
        action_links=action_links_of(row),
        robot=row.robot,
        storms=None if row.storms is None else StormNotices(row.storms),
        previous_until=row.previous_until,
        failing_since=row.first_failure_at,
        disabled_at=row.disabled_at,
        disabled_reason=row.disabled_reason,
    )


def action_links_of(row: Row[Any]) -> ActionLinks | None:
    return None if row.action_links is None else ActionLinks(row.action_links)

"""Endpoints of alerting: where notices go."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from urllib.parse import quote

from heedful.console.upstream.caller import Caller
from heedful.console.upstream.reading import Read

_PATH: Final = "/v1/endpoints"


class Template(Read):
    title: str
    text: str


class Endpoint(Read):
    """
    Attributes:
        url: where it is a secret (robots), its host only.
        events: empty: those that ask somebody to act.
        audiences: empty: whomever a notice is for.
    """

    id: str
    url: str
    description: str | None
    kind: str
    enabled: bool
    events: list[str]
    audiences: list[str]
    keyword: str | None
    language: str
    timezone: str
    failover: str | None
    fallback: bool
    storms: str
    template: Template | None
    action_links: str | None
    created_at: datetime
    previous_secret_until: datetime | None
    failing_since: datetime | None
    disabled_at: datetime | None
    disabled_reason: str | None

    @property
    def name(self) -> str:
        return self.description or self.url


class MadeEndpoint(Endpoint):
    """`secret`: shown this once; empty where the vendor's own is used."""

    secret: str


class EndpointPage(Read):
    items: list[Endpoint]
    next_cursor: str | None = None


class Message(Read):
    """What would be sent: as people read it, and as the wire carries it."""

    title: str
    text: str
    body: str


class Sent(Read):
    """`id`: of the delivery."""

    id: str


async def listed(alerting: Caller, cursor: str | None = None, limit: int = 50) -> EndpointPage:
    """The newest first."""
    return await alerting.get(EndpointPage, _PATH, {"cursor": cursor, "limit": limit})


async def get(alerting: Caller, id_: str) -> Endpoint:
    return await alerting.get(Endpoint, _of(id_))


async def make(alerting: Caller, body: Mapping[str, Any]) -> MadeEndpoint:
    return await alerting.post(MadeEndpoint, _PATH, body)


async def change(alerting: Caller, id_: str, body: Mapping[str, Any]) -> Endpoint:
    return await alerting.patch(Endpoint, _of(id_), body)


async def delete(alerting: Caller, id_: str) -> None:
    await alerting.send("DELETE", _of(id_))


async def rotate(alerting: Caller, id_: str, secret: str | None) -> MadeEndpoint:
    """Another secret: this one, or one that alerting makes."""
    return await alerting.post(MadeEndpoint, _of(id_) + "/rotate", {"secret": secret})


async def preview(alerting: Caller, id_: str, event: str) -> Message:
    return await alerting.post(Message, _of(id_) + "/preview", {"type": event})


async def test(alerting: Caller, id_: str) -> Sent:
    """Send a test message; what becomes of it its delivery says."""
    return await alerting.post(Sent, _of(id_) + "/test")


def _of(id_: str) -> str:
    return f"{_PATH}/{quote(id_, safe='')}"

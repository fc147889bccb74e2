"""How events write identifiers, and taking some of them out of a payload. Pure."""

import uuid
from collections.abc import Collection, Iterable
from typing import Any, NamedTuple

import orjson

from heedful.common.contracts import Identifier, IdentifierType
from heedful.common.erasure import KnownName
from heedful.journey.identifiers import Node, nodes

MAX_NAME_CHARS = 200
"""Of a `Name` in the contracts."""


class Spelling(NamedTuple):
    """An identifier as a source wrote it."""

    type: str
    value: str


def known_names(
    owned: Iterable[Node], spelled: Iterable[tuple[str, Spelling]], region: str
) -> tuple[KnownName, ...]:
    """Every spelling of these identifiers: journey's own, and those that the sources used.

    Args:
        spelled: what events wrote, each with its source.
        region: country of phone numbers without a country code.
    """
    own = {node.id: node for node in owned}
    # A spelling of journey's own may be longer than any that is sent, and then finds nothing.
    found = {
        KnownName(type=one.type, value=one.value, scope=one.scope or None)
        for one in own.values()
        if len(one.value) <= MAX_NAME_CHARS
    }
    for tenant in {one.tenant for one in own.values()}:
        for source, spelling in set(spelled):
            node = _node(tenant, source, spelling, region)
            if node is not None and node.id in own:
                found.add(KnownName(type=node.type, value=spelling.value, scope=node.scope or None))
    return tuple(sorted(found, key=lambda one: (one.type, one.value, one.scope or "")))


def stripped(
    payload: str, tenant: str, source: str, gone: Collection[uuid.UUID], region: str
) -> str:
    """A payload without the identifiers that are gone."""
    body: dict[str, Any] = orjson.loads(payload)
    holder = body.get("feedback", body)
    kept = []
    for one in holder.get("identifiers", ()):
        node = _node(tenant, source, Spelling(one["type"], one["value"]), region)
        if node is None or node.id not in gone:
            kept.append(one)
    holder["identifiers"] = kept
    return orjson.dumps(body).decode()


def _node(tenant: str, source: str, spelling: Spelling, region: str) -> Node | None:
    """None where the value names nobody."""
    written = Identifier(type=IdentifierType(spelling.type), value=spelling.value)
    return next(iter(nodes(tenant, source, (written,), region)), None)

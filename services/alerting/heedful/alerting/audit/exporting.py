"""The audit as lines that a stranger can verify without heedful; docs/audit.md shows how."""

from collections.abc import AsyncIterator, Iterator, Sequence
from typing import Final

import orjson
from sqlalchemy.ext.asyncio import AsyncConnection

from heedful.alerting.audit import store_anchors, store_chains
from heedful.alerting.audit.anchors import Anchor, Leaf
from heedful.alerting.audit.canonical import canonical
from heedful.alerting.audit.checking import Stored
from heedful.alerting.audit.entries import ADMINISTRATION

FORM: Final = 1
ANCHOR: Final = "anchor"
_ANCHORS_AT_ONCE: Final = 50


def about(public_key: bytes) -> bytes:
    """The first line."""
    return _line(kind="about", form=FORM, public_key=public_key.hex())


async def lines(connection: AsyncConnection, tenant: str, *, words: bool) -> AsyncIterator[bytes]:
    """Every chain of a tenant, each in its order, and then its anchors.

    Args:
        words: with those of events, which may be a customer's; without them the chains can be
            verified as well.
    """
    async for page in store_chains.case_chains(connection, tenant, None):
        for chain in page:
            for line in _links(tenant, chain.case_id, chain.rows, words=words):
                yield line
    async for rows, _ in store_chains.entry_pages(connection, tenant):
        for line in _links(tenant, ADMINISTRATION, rows, words=True):
            yield line
    position = 0
    while anchors := await store_anchors.page(connection, tenant, position, _ANCHORS_AT_ONCE):
        for anchor in anchors:
            yield _anchor(
                anchor, await store_anchors.leaves_of(connection, tenant, anchor.position)
            )
        position = anchors[-1].position


def _links(tenant: str, chain: str, rows: Sequence[Stored], *, words: bool) -> Iterator[bytes]:
    for row in rows:
        salt = row.salt if words else None
        yield _line(
            kind="link",
            tenant=tenant,
            chain=chain,
            position=row.position,
            facts=_facts(row),
            words=None if salt is None else canonical(row.content.words).decode(),
            salt=None if salt is None else salt.hex(),
            hash=row.hash.hex() if row.hash else None,
        )


def _facts(row: Stored) -> str:
    facts = row.content.facts
    told = facts if row.words is None else {**facts, "words": row.words.hex()}
    return canonical(told).decode()


def _anchor(anchor: Anchor, leaves: list[Leaf]) -> bytes:
    return _line(
        kind=ANCHOR,
        tenant=anchor.tenant,
        position=anchor.position,
        body=anchor.body,
        hash=anchor.hash.hex(),
        signature=anchor.signature.hex(),
        leaves=[[leaf.chain, leaf.position, leaf.hash.hex()] for leaf in leaves],
    )


def _line(**said: object) -> bytes:
    return orjson.dumps(said) + b"\n"

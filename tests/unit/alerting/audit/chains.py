"""Chains for tests, and what somebody may do to them."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from heedful.alerting.audit.checking import Known, Stored
from heedful.alerting.audit.links import SALT_BYTES, START, Content, link

WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)


def chained(said: Sequence[tuple[str, str | None]]) -> list[Stored]:
    """A chain of facts, some of them with words."""
    rows: list[Stored] = []
    previous = START
    for position, (fact, words) in enumerate(said, start=1):
        content = Content({"fact": fact}, {} if words is None else {"note": words})
        made = link(previous, position, content, bytes([position % 256]) * SALT_BYTES)
        rows.append(Stored(position, content, made.salt, made.words, made.hash))
        previous = made.hash
    return rows


def chains(least: int = 1, most: int = 30) -> st.SearchStrategy[list[Stored]]:
    """Chains of links that all differ."""
    links = st.tuples(WORDS, st.none() | WORDS)
    return st.lists(links, min_size=least, max_size=most, unique_by=lambda one: one[0]).map(chained)


def end(rows: Sequence[Stored], by: str = "anchor 1") -> Known:
    return Known(len(rows), rows[-1].hash or START, by)


def renumbered(rows: Sequence[Stored]) -> list[Stored]:
    """As somebody would who hides a gap."""
    return [replace(row, position=position) for position, row in enumerate(rows, start=1)]


def erased(row: Stored) -> Stored:
    """As an erasure leaves it."""
    if row.words is None:
        return row
    return replace(row, content=Content(row.content.facts, {}), salt=None, taken=True)


def changed(row: Stored, **content: Any) -> Stored:
    return replace(row, content=replace(row.content, **content))

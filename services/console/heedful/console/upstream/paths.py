"""Paths of services."""

from urllib.parse import quote


def part(value: str) -> str:
    """What somebody has given as one part of a path: it reaches no other path and adds no query."""
    return quote(value, safe="")

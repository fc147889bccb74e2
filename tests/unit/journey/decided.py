"""Decisions of people for the tests of journey, as short as they can be said."""

from heedful.journey.decisions import Decision, Verdict
from tests.unit.journey.history import node_of


def together(number: int, one: str, other: str, *, two_customers: bool = False) -> Decision:
    """Identifiers as `type:value`."""
    left, right = (frozenset([node_of(name).id]) for name in (one, other))
    return Decision(number, Verdict.TOGETHER, left, right, two_customers)


def apart(number: int, left: tuple[str, ...], right: tuple[str, ...]) -> Decision:
    one, other = (frozenset(node_of(name).id for name in side) for side in (left, right))
    return Decision(number, Verdict.APART, one, other)

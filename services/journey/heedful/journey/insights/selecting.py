"""Some of the events, or the same in another order. Pure."""

from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from heedful.journey.insights.facts import NONE, Coded, Facts, Flags, Ints, Many
from heedful.journey.insights.insight import Parameters

Places = npt.NDArray[np.int64]

SEGMENT = "segment"
"""The attribute that says to which segment a customer belongs."""


def selected(facts: Facts, asked: Parameters) -> Facts:
    """What was asked for: events of a touchpoint, of customers of a segment.

    A customer's segment is the newest that an event of theirs in these facts says.
    """
    kept = np.ones(len(facts), dtype=np.bool_)
    if asked.touchpoint is not None:
        kept &= facts.touchpoint.having(asked.touchpoint)
    if asked.segment is not None:
        theirs = newest(facts, facts.attribute(SEGMENT))
        inside = theirs == facts.attribute(SEGMENT).code(asked.segment)
        kept &= np.append(inside, False)[facts.customer]
    return facts if kept.all() else only(facts, kept)


def newest(facts: Facts, told: Coded) -> Ints:
    """By customer the newest value that an event says; `NONE` where none does."""
    found = np.full(len(facts.customers), NONE, dtype=np.int32)
    said = (facts.customer != NONE) & (told.codes != NONE)
    # A customer's events are in the order in which they happened: the last one stays.
    found[facts.customer[said]] = told.codes[said]
    return found


def only(facts: Facts, kept: Flags) -> Facts:
    """The events that are kept, and the customers who still have one."""
    some = taken(facts, np.flatnonzero(kept))
    there = np.zeros(len(facts.customers), dtype=np.bool_)
    there[some.customer[some.customer != NONE]] = True
    numbers = np.append(np.cumsum(there) - 1, NONE).astype(np.int32)
    return replace(some, customers=some.customers[there], customer=numbers[some.customer])


def taken(facts: Facts, order: Places) -> Facts:
    """These events in this order, of the same customers; without texts, which come last."""
    columns = {one.name for one in fields(Facts)} - {"since", "until", "customers", "texts"}
    some: dict[str, Any] = {name: _taken(getattr(facts, name), order) for name in columns}
    return replace(facts, texts=None, **some)


def _taken(column: Any, order: Places) -> Any:
    match column:
        case Coded():
            return Coded(column.codes[order], column.names)
        case Many():
            return taken_many(column, order)
        case Mapping():
            return {key: _taken(one, order) for key, one in column.items()}
        case _:
            return column[order]


def taken_many(column: Many, order: Places) -> Many:
    """The names of these events, in this order."""
    lengths = np.diff(column.starts)[order]
    starts = np.zeros(len(order) + 1, dtype=np.int32)
    np.cumsum(lengths, out=starts[1:])
    shift = np.repeat(column.starts[:-1][order] - starts[:-1], lengths)
    return Many(starts, column.codes[shift + np.arange(starts[-1])], column.names)

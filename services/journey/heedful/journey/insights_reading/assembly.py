"""From parts to the facts that insights are computed from. Pure."""

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from heedful.journey.insights.facts import NONE, Coded, Facts, Ints, Many
from heedful.journey.insights.selecting import taken_many
from heedful.journey.insights.strings import Few, Runs, Strings, Uuids
from heedful.journey.insights_reading.columns import ARRAYS, FLAGS, NAMES, NUMBERS
from heedful.journey.insights_reading.part import Halves, Part
from heedful.journey.insights_reading.period import Period, days_of
from heedful.journey.insights_reading.rows import part_of

Places = npt.NDArray[np.int64]


def assembled(parts: Sequence[Part], period: Period, attributes: Sequence[str]) -> Facts:
    """Facts in their order: customer by customer, each as on the timeline, events of nobody last.

    Args:
        parts: of stretches of time in their order, so that an order by customer that keeps what
            comes first is all that is wanted.
    """
    # Of nothing there is one part as well: columns are always there.
    some = parts or [part_of([], attributes)]
    halves = np.concatenate([part.customer for part in some])
    order = _by_customer(halves)
    customers, customer = _customers(halves[order])
    bits = np.concatenate([part.flags for part in some])[order]
    flags = {name: (bits >> place) & 1 == 1 for place, name in enumerate(FLAGS)}
    numbers = {
        name: np.concatenate([part.numbers[name] for part in some])[order] for name in NUMBERS
    }
    names = {
        name: _coded([part.names[name] for part in some], order) for name in (*NAMES, "source")
    }
    arrays = {name: _many([part.arrays[name] for part in some], order) for name in ARRAYS}
    told = {
        key: _coded([part.attributes.get(key) or _unsaid(part) for part in some], order)
        for key in attributes
    }
    since, until = period.days
    return Facts(
        since=since,
        until=until,
        customers=customers,
        customer=customer,
        at=days_of(np.concatenate([part.occurred_at for part in some])[order]),
        feedback=flags["feedback"],
        interaction=names["interaction_kind"],
        outbound=flags["outbound"],
        channel=names["channel"],
        touchpoint=names["touchpoint"],
        department=names["department"],
        topics=arrays["topics"],
        colour=names["colour"],
        valence=numbers["valence"],
        score=numbers["score"],
        score_kind=names["score_kind"],
        perceptions=arrays["perceptions"],
        leaving=flags["leaving"],
        solicited=flags["solicited"],
        amount=numbers["amount"],
        duration_s=numbers["duration_s"],
        attributes=told,
        sources=Strings(Few(names["source"].names), names["source"].codes),
        ids=Strings(Runs([part.ids for part in some]), order),
    )


def _by_customer(halves: Halves) -> Places:
    """Those of nobody last, else as they come."""
    high = np.ascontiguousarray(halves[:, 0])
    order: Places = np.argsort(high, kind="stable")
    ordered = halves[order]
    same = ordered[1:, 0] == ordered[:-1, 0]
    # Two customers hardly ever share the first half of their ids.
    if (ordered[1:, 1] != ordered[:-1, 1])[same].any():
        order = np.lexsort((halves[:, 1], high))
    nobody = len(halves) - np.count_nonzero(halves.any(axis=1))
    return np.roll(order, -nobody)


def _customers(halves: Halves) -> tuple[Strings[Uuids], Ints]:
    """Who there is, and who of them each is: halves are in order, zeros at the end."""
    first = np.ones(len(halves), dtype=np.bool_)
    first[1:] = (halves[1:] != halves[:-1]).any(axis=1)
    numbers = np.cumsum(first, dtype=np.int32) - np.int32(1)
    found = halves[first]
    if len(found) and not found[-1].any():
        numbers[numbers == len(found) - 1] = NONE
        found = found[:-1]
    return Strings(Uuids(found), np.arange(len(found))), numbers


def _unsaid(part: Part) -> Coded:
    return Coded(np.full(len(part), NONE, dtype=np.int32), ())


def _coded(columns: Sequence[Coded], order: Places) -> Coded:
    place = _places(columns)
    codes = [_numbers(one, place)[one.codes] for one in columns]
    return Coded(np.concatenate(codes)[order], tuple(place))


def _many(columns: Sequence[Many], order: Places) -> Many:
    place = _places(columns)
    lengths = np.concatenate([np.diff(one.starts) for one in columns])
    starts = np.zeros(len(lengths) + 1, dtype=np.int32)
    np.cumsum(lengths, out=starts[1:])
    codes = np.concatenate([_numbers(one, place)[one.codes] for one in columns])
    return taken_many(Many(starts, codes, tuple(place)), order)


def _places(columns: Sequence[Coded | Many]) -> dict[str, int]:
    """The names of all, numbered in their order."""
    names = sorted({name for column in columns for name in column.names})
    return {name: number for number, name in enumerate(names)}


def _numbers(column: Coded | Many, place: Mapping[str, int]) -> Ints:
    """By its own number, how a name is numbered now; the last is NONE, so that it stays itself."""
    return np.array([*(place[name] for name in column.names), NONE], dtype=np.int32)

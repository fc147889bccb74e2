"""From packed columns to the facts that insights are computed from. Pure."""

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from heedful.journey.insights.facts import NONE, Facts, Flags
from heedful.journey.insights.selecting import taken
from heedful.journey.insights_reading import packing
from heedful.journey.insights_reading.columns import ARRAYS, FLAGS, NAMES, NUMBERS, key
from heedful.journey.insights_reading.period import Period, days_of

Packed = Mapping[str, bytes]
"""Some thousand rows: by the name of a column what stands there, row after row."""

Longs = npt.NDArray[np.int64]


def assembled(parts: Sequence[Packed], period: Period, attributes: Sequence[str]) -> Facts:
    """Facts in their order: customer by customer, each as on the timeline, events of nobody last.

    Args:
        attributes: keys, in the order in which they were asked for.
    """

    def of(name: str) -> list[bytes]:
        return [part[name] for part in parts]

    customers, customer = packing.uuids(of("customer"))
    occurred, received = packing.longs(of("occurred_at")), packing.longs(of("received_at"))
    bits = packing.bytes_of(of("flags"))
    flags = {name: (bits >> place) & 1 == 1 for place, name in enumerate(FLAGS)}
    numbers = {name: packing.floats(of(name)) for name in NUMBERS}
    names = {name: packing.coded(of(name)) for name in NAMES}
    arrays = {name: packing.many(of(f"{name}_lengths"), of(name)) for name in ARRAYS}
    sources, ids = packing.interned(of("source")), packing.texts(of("id"))
    since, until = period.days
    facts = Facts(
        since=since,
        until=until,
        customers=customers,
        customer=customer,
        at=days_of(occurred),
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
        attributes={name: packing.coded(of(key(n))) for n, name in enumerate(attributes)},
        sources=sources,
        ids=ids,
    )
    return taken(facts, _order(facts, occurred, received))


def _order(facts: Facts, occurred: Longs, received: Longs) -> npt.NDArray[np.int64]:
    """By customer and then as the timeline has it: when it happened, when it came, its id."""
    last = np.where(facts.customer == NONE, np.iinfo(np.int32).max, facts.customer)
    order: npt.NDArray[np.int64] = np.lexsort((received, occurred, last))
    alike = np.zeros(len(order) + 1, dtype=np.bool_)
    alike[1:-1] = _same(last[order]) & _same(occurred[order]) & _same(received[order])
    # Rare: several at one moment, which only their ids put into an order.
    edges = np.flatnonzero(np.diff(alike.astype(np.int8)))
    for start, end in zip(edges[::2], edges[1::2] + 1, strict=True):
        order[start:end] = sorted(
            order[start:end], key=lambda i: (facts.ids[i], not facts.feedback[i], facts.sources[i])
        )
    return order


def _same(values: npt.NDArray[np.generic]) -> Flags:
    found: Flags = values[1:] == values[:-1]
    return found

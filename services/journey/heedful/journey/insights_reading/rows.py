"""From columns as PostgreSQL packs them to a part. Pure."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import numpy.typing as npt
import orjson

from heedful.journey.insights.facts import NONE, Coded, Ints, Objects
from heedful.journey.insights.selecting import taken_many
from heedful.journey.insights.strings import Run
from heedful.journey.insights_reading import packing
from heedful.journey.insights_reading.columns import (
    ALL_ATTRIBUTES,
    ARRAYS,
    NAMES,
    NUMBERS,
    SPOKEN,
    key,
)
from heedful.journey.insights_reading.part import Part

Packed = Mapping[str, bytes]
"""Some thousand rows: by the name of a column what stands there, row after row."""


def part_of(packed: Sequence[Packed], attributes: Sequence[str] | None) -> Part:
    """Of rows in any order.

    Args:
        attributes: keys, in the order in which they were asked for; None: all of them were.
    """

    def of(name: str) -> list[bytes]:
        return [one[name] for one in packed]

    customer, occurred = packing.halves(of("customer")), packing.longs(of("occurred_at"))
    flags, ids = packing.bytes_of(of("flags")), packing.texts(of("id"))
    names = {name: packing.coded(of(name)) for name in (*NAMES, "source")}
    arrays = {name: packing.many(of(f"{name}_lengths"), of(name)) for name in ARRAYS}
    if attributes is None:
        told = _by_key(packing.texts(of(ALL_ATTRIBUTES)))
    else:
        told = {name: packing.coded(of(key(n))) for n, name in enumerate(attributes)}
    spoken, source = flags & SPOKEN == 0, names["source"]
    order = _order(
        (customer[:, 0], customer[:, 1], occurred, packing.longs(of("received_at"))),
        lambda i: (ids[i], spoken[i], source.names[source.codes[i]]),
    )
    return Part(
        customer=customer[order],
        occurred_at=occurred[order],
        flags=flags[order],
        numbers={name: packing.floats(of(name))[order] for name in NUMBERS},
        names={name: Coded(one.codes[order], one.names) for name, one in names.items()},
        arrays={name: taken_many(one, order) for name, one in arrays.items()},
        attributes={name: Coded(one.codes[order], one.names) for name, one in told.items()},
        ids=_run(ids[order].tolist()),
    )


def _order(
    keys: Sequence[npt.NDArray[np.generic]], rest: Callable[[int], tuple[object, ...]]
) -> npt.NDArray[np.int64]:
    """By the keys, the first counts most. Rare: several that only `rest` puts into an order."""
    order: npt.NDArray[np.int64] = np.lexsort(keys[::-1])
    alike = np.zeros(len(order) + 1, dtype=np.bool_)
    alike[1:-1] = np.logical_and.reduce([one[order][1:] == one[order][:-1] for one in keys])
    edges = np.flatnonzero(np.diff(alike.astype(np.int8)))
    for start, end in zip(edges[::2], edges[1::2] + 1, strict=True):
        order[start:end] = sorted(order[start:end].tolist(), key=rest)
    return order


def _by_key(written: Objects) -> dict[str, Coded]:
    """Of objects in JSON: by key what each says. An empty text is none."""
    found: dict[str, tuple[list[int], list[int], dict[str, int]]] = {}
    for place, one in enumerate(written.tolist()):
        if one == "{}":
            continue
        for name, value in orjson.loads(one).items():
            if value:
                places, codes, known = found.setdefault(name, ([], [], {}))
                places.append(place)
                codes.append(known.setdefault(value, len(known)))
    return {
        name: Coded(_placed(len(written), places, codes), tuple(known))
        for name, (places, codes, known) in found.items()
    }


def _placed(events: int, places: Sequence[int], codes: Sequence[int]) -> Ints:
    found = np.full(events, NONE, dtype=np.int32)
    found[places] = codes
    return found


def _run(texts: Sequence[str]) -> Run:
    each = [one.encode() for one in texts]
    return Run(np.array([len(one) for one in each], dtype=np.int64), b"".join(each))

"""Parts of any events."""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

import numpy as np
from hypothesis import strategies as st

from heedful.journey.insights.facts import NONE, Coded, Many
from heedful.journey.insights.strings import Run
from heedful.journey.insights_reading.columns import ARRAYS, NAMES, NUMBERS
from heedful.journey.insights_reading.part import Part

NOBODY = uuid.UUID(int=0)
PEOPLE = (NOBODY, *(uuid.UUID(int=7 << n) for n in range(0, 125, 9)))
TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0\x1f"), min_size=1, max_size=5)

T = TypeVar("T")


@dataclass(frozen=True)
class Told:
    """One event of a part. Every number, name and array of it is the same."""

    id: str
    customer: uuid.UUID = NOBODY
    occurred_at: int = 0
    flags: int = 0
    number: float = float("nan")
    name: str | None = None
    several: tuple[str, ...] = ()
    source: str = "crm"
    attributes: dict[str, str] = field(default_factory=dict)


EVENTS = st.lists(
    st.builds(
        Told,
        id=TEXTS,
        customer=st.sampled_from(PEOPLE),
        occurred_at=st.integers(-(2**62), 2**62),
        flags=st.integers(0, 255),
        number=st.floats(),
        name=st.none() | TEXTS,
        several=st.lists(TEXTS, max_size=3).map(tuple),
        source=TEXTS,
        attributes=st.dictionaries(TEXTS, TEXTS, max_size=3),
    ),
    max_size=8,
)


def part(events: Sequence[Told]) -> Part:
    """In the order given."""
    halves = [(one.customer.int >> 64, one.customer.int & (2**64 - 1)) for one in events]
    ids = [one.id.encode() for one in events]
    keys = sorted({key for one in events for key in one.attributes})
    names = {name: coded([one.name for one in events]) for name in NAMES}
    return Part(
        customer=np.array(halves, dtype=np.uint64).reshape(-1, 2),
        occurred_at=np.array([one.occurred_at for one in events], dtype=np.int64),
        flags=np.array([one.flags for one in events], dtype=np.uint8),
        numbers={n: np.array([one.number for one in events], dtype=np.float64) for n in NUMBERS},
        names={**names, "source": coded([one.source for one in events])},
        arrays={name: many([one.several for one in events]) for name in ARRAYS},
        attributes={key: coded([one.attributes.get(key) for one in events]) for key in keys},
        ids=Run(np.array([len(one) for one in ids], dtype=np.int64), b"".join(ids)),
    )


def events_of(found: Part) -> list[Told]:
    """What a part says of each event."""
    return [
        Told(
            id=found.ids.text(n),
            customer=uuid.UUID(int=(int(found.customer[n, 0]) << 64) + int(found.customer[n, 1])),
            occurred_at=int(found.occurred_at[n]),
            flags=int(found.flags[n]),
            number=_same(float(column[n]) for column in found.numbers.values()),
            name=_same(name(found.names[one], n) for one in NAMES),
            several=_same(several(column, n) for column in found.arrays.values()),
            source=str(name(found.names["source"], n)),
            attributes={
                key: told
                for key, column in found.attributes.items()
                if (told := name(column, n)) is not None
            },
        )
        for n in range(len(found))
    ]


def shown(events: Iterable[Told]) -> list[str]:
    """To compare: a NaN is not itself, and attributes have no order."""
    return [repr(replace(one, attributes=dict(sorted(one.attributes.items())))) for one in events]


def coded(values: Sequence[str | None]) -> Coded:
    names = dict.fromkeys(one for one in values if one is not None)
    places = {one: number for number, one in enumerate(names)}
    codes = [NONE if one is None else places[one] for one in values]
    return Coded(np.array(codes, dtype=np.int32), tuple(names))


def many(values: Sequence[tuple[str, ...]]) -> Many:
    flat = coded([name for one in values for name in one])
    starts = np.cumsum([0, *map(len, values)], dtype=np.int32)
    return Many(starts, flat.codes, flat.names)


def name(column: Coded, event: int) -> str | None:
    code = column.codes[event]
    return None if code == NONE else column.names[code]


def several(column: Many, event: int) -> tuple[str, ...]:
    codes = column.codes[column.starts[event] : column.starts[event + 1]]
    return tuple(column.names[code] for code in codes)


def _same(values: Iterable[T]) -> T:
    """What all of them are; a NaN is as another."""
    found = list(values)
    assert len({repr(one) for one in found}) == 1, found
    return found[0]

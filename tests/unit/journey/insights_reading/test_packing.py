"""Columns as PostgreSQL packs them; tests/integration/journey/test_insights_reading.py has them
packed by PostgreSQL."""

import struct
import uuid
from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from heedful.journey.insights.facts import NONE
from heedful.journey.insights_reading import packing

NAMES = st.text(st.characters(codec="utf-8", exclude_characters="\0\x1f"), max_size=5)
PARTS = st.lists(st.lists(NAMES, max_size=6), max_size=4)
MANY = st.lists(st.lists(st.lists(NAMES.filter(bool), max_size=3), max_size=6), max_size=4)


def ended(parts: Sequence[Sequence[str]]) -> list[bytes]:
    return [b"".join(name.encode() + b"\0" for name in part) for part in parts]


@given(PARTS)
def test_names_by_number(parts: list[list[str]]) -> None:
    flat = [name for part in parts for name in part]
    found = packing.coded(ended(parts))
    assert [found.names[code] if code != NONE else "" for code in found.codes] == flat
    assert list(found.names) == sorted(set(flat) - {""})


@given(PARTS)
def test_texts(parts: list[list[str]]) -> None:
    flat = [name for part in parts for name in part]
    assert packing.texts(ended(parts)).tolist() == flat


@given(MANY)
def test_several_names_an_event(parts: list[list[list[str]]]) -> None:
    flat = [names for part in parts for names in part]
    lengths = [b"".join(struct.pack(">i", len(names)) for names in part) for part in parts]
    found = packing.many(lengths, ended([["\x1f".join(names) for names in part] for part in parts]))
    ends = zip(found.starts, found.starts[1:], strict=False)
    assert [[found.names[c] for c in found.codes[a:b]] for a, b in ends] == flat


@given(st.lists(st.lists(st.uuids())))
def test_ids_of_customers(parts: list[list[uuid.UUID]]) -> None:
    found = packing.halves([b"".join(one.bytes for one in part) for part in parts])
    flat = [one for part in parts for one in part]
    assert [uuid.UUID(int=(high << 64) + low) for high, low in found.tolist()] == flat


@given(
    st.lists(
        st.lists(st.tuples(st.floats(), st.integers(-(2**63), 2**63 - 1), st.integers(0, 255)))
    )
)
def test_numbers(parts: list[list[tuple[float, int, int]]]) -> None:
    flat = [one for part in parts for one in part]
    floats = packing.floats([b"".join(struct.pack(">d", f) for f, _, _ in part) for part in parts])
    assert [repr(float(one)) for one in floats] == [repr(f) for f, _, _ in flat]
    longs = packing.longs([b"".join(struct.pack(">q", i) for _, i, _ in part) for part in parts])
    assert longs.tolist() == [i for _, i, _ in flat]
    small = packing.bytes_of([bytes(b for _, _, b in part) for part in parts])
    assert small.tolist() == [b for _, _, b in flat]

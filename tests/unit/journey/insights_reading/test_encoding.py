"""A part is read from its bytes as it was written."""

import pytest
from hypothesis import given

from heedful.journey.insights_reading.encoding import decoded, encoded, wanted
from tests.unit.journey.insights_reading.parts import EVENTS, Told, events_of, name, part, shown


@given(EVENTS)
def test_what_is_written_is_read(events: list[Told]) -> None:
    columns = encoded(part(events))
    assert shown(events_of(decoded(columns, len(events)))) == shown(events)


@given(EVENTS)
def test_what_was_not_asked_for_is_not_needed(events: list[Told]) -> None:
    columns = encoded(part(events))
    some = {name: columns[name] for name in wanted(["segment"]) if name in columns}
    found = decoded(some, len(events))
    assert [one.id for one in events_of(found)] == [one.id for one in events]
    assert set(found.attributes) <= {"segment"}


@pytest.mark.parametrize("kinds", [3, 255, 256, 70_000])
def test_as_many_names_as_there_are(kinds: int) -> None:
    events = [Told(id=str(n), name=f"name {n}" if n else None) for n in range(kinds)]
    columns = encoded(part(events))
    found = decoded(columns, kinds)
    assert [name(found.names["colour"], n) for n in range(kinds)] == [one.name for one in events]

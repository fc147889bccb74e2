"""Positions: what callers keep of what they have read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heedful.alerting.case_changes import NoPosition, Place, Position, Snapshot
from heedful.common.http import Cursor

NOW = Snapshot("10:20:10,12", 20)
NUMBERS = st.integers(1, 10**18 - 1)


@st.composite
def snapshots(draw: st.DrawFn) -> Snapshot:
    oldest = draw(NUMBERS)
    following = draw(st.integers(oldest, 10**18 - 1))
    running = set()
    if oldest < following:
        running = draw(st.sets(st.integers(oldest, following - 1), max_size=5))
    return Snapshot(f"{oldest}:{following}:{','.join(map(str, sorted(running)))}", following)


@given(
    snapshots(), st.none() | snapshots(), NUMBERS, st.text().filter(lambda one: "\x00" not in one)
)
def test_a_position_comes_back_as_it_was(
    since: Snapshot, until: Snapshot | None, transaction: int, case: str
) -> None:
    position = Position(since, until, Place(transaction, case))
    assert Position.read(position.written(), Snapshot("1:1:", 10**18)) == position


@given(snapshots())
def test_what_postgresql_writes_is_read(snapshot: Snapshot) -> None:
    assert Snapshot.read(snapshot.text) == snapshot


@pytest.mark.parametrize(
    "text",
    ["", "1", "1:2", "0:1:", "2:1:", "1:2:2", "2:4:1", "1:9:3,2", "1:2:,", "a:b:", "-1:2:", "１:2:",
     "1:2:3 ", f"1:{10**18}:"],
)  # fmt: skip
def test_what_postgresql_would_not_take_is_no_snapshot(text: str) -> None:
    with pytest.raises(NoPosition):
        Snapshot.read(text)


@pytest.mark.parametrize(
    "written",
    [
        "",
        "x",
        Cursor.encode(NOW.text),
        Cursor.encode(NOW.text, "", "x", ""),
        Cursor.encode(NOW.text, "", "-1", ""),
        Cursor.encode(NOW.text, "x", "0", ""),
        Cursor.encode("", "", "0", ""),
    ],
)
def test_what_is_made_up_is_no_position(written: str) -> None:
    with pytest.raises(NoPosition):
        Position.read(written, NOW)


def test_a_position_from_before_a_restore_would_miss_what_comes_until_its_number() -> None:
    later = Snapshot("21:21:", 21)
    for position in (Position(later), Position(NOW, later, Place(1, "a"))):
        with pytest.raises(NoPosition):
            Position.read(position.written(), NOW)
    assert Position.read(Position(NOW).written(), NOW) == Position(NOW)

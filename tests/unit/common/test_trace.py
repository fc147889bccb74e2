"""Trace Context: which traceparents are gone on with, and how ours look."""

import re

import pytest

from heedful.common.trace import going_on, new_trace, trace_of, within

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
OURS = re.compile(r"00-[0-9a-f]{32}-[0-9a-f]{16}-01")


def test_a_trace_goes_on_with_a_span_of_its_own() -> None:
    written = f"00-{TRACE}-00f067aa0ba902b7-00"
    found = going_on(written)
    assert OURS.fullmatch(found)
    assert trace_of(found) == TRACE
    assert "00f067aa0ba902b7" not in found
    assert going_on(written) != found


@pytest.mark.parametrize(
    "written",
    [
        None,
        "",
        TRACE,
        f"00-{'0' * 32}-00f067aa0ba902b7-01",
        f"00-{TRACE}-{'0' * 16}-01",
        f"00-{TRACE.upper()}-00f067aa0ba902b7-01",
        f"00-{TRACE}-00f067aa0ba902b7-01-more",
    ],
)
def test_what_cannot_be_read_begins_a_trace(written: str | None) -> None:
    found = going_on(written)
    assert OURS.fullmatch(found)
    assert trace_of(found) != TRACE


def test_every_trace_is_new_and_every_step_in_it() -> None:
    assert trace_of(new_trace()) != trace_of(new_trace())
    assert within(TRACE) != within(TRACE)


def test_what_names_no_trace_is_its_own_id() -> None:
    assert trace_of("nonsense") == "nonsense"

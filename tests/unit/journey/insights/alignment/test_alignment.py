"""Whether colleagues agree, and with customers."""

from datetime import UTC, datetime

import pytest
from pydantic import ValidationError

from heedful.journey.insights.alignment import INSIGHT
from heedful.journey.insights.alignment.answers import Answer, quarter_of, span
from heedful.journey.insights.alignment.insight import AlignmentParameters
from heedful.journey.insights.report import Estimate, Report, Row, State
from tests.unit.journey.insights.facts_of import Event, facts_of

DAY = 20_000.0
"""2024-10-04."""
QUARTER = "2024-Q4"


def voices(counts: dict[str, int], at: float = DAY) -> list[Event]:
    """So many customers for each topic, the first of them twice."""
    return [
        Event(customer=f"{topic}-{n}", at=at + again, topics=[topic])
        for topic, count in counts.items()
        for n in range(count)
        for again in range(2 if n == 0 else 1)
    ]


def answer(who: str, role: str, *topics: str, quarter: str = QUARTER) -> Answer:
    return Answer(quarter=quarter, role=role, answered_by=who, topics=topics)


def asked(*answers: Answer, top: int = 3) -> AlignmentParameters:
    return AlignmentParameters(top=top, answers=answers)


def row(report: Report, role: str, quarter: str = QUARTER) -> Row:
    (found,) = [
        one for one in report.rows if (one.cells["quarter"], one.cells["role"]) == (quarter, role)
    ]
    return found


CUSTOMERS = voices({"queue": 300, "price": 200, "taste": 100, "parking": 5})


def test_colleagues_who_are_right() -> None:
    same = [answer(f"s{n}", "service", "queue", "price", "taste") for n in range(3)]
    report = INSIGHT.compute(facts_of(CUSTOMERS), asked(*same))
    found = row(report, "service")
    assert report.state is State.OK
    assert found.cells["w"] == pytest.approx(1)
    away = found.cells["distance"]
    assert isinstance(away, Estimate)
    assert (away.value, away.low, away.high) == (0, 0, 0)
    assert found.cells["shared"] == 3
    assert found.cells["measured"] == "queue, price, taste"
    assert (found.customers, found.grey) == (605, False)


def test_colleagues_who_agree_on_what_is_wrong() -> None:
    same = [answer(f"d{n}", "design", "colour", "logo", "parking") for n in range(3)]
    other = [answer(f"s{n}", "service", "queue", "price", "taste") for n in range(3)]
    report = INSIGHT.compute(facts_of(CUSTOMERS), asked(*same, *other))
    design, everybody = row(report, "design"), row(report, "*")
    away = design.cells["distance"]
    assert isinstance(away, Estimate)
    assert away.value == 1
    assert design.cells["w"] == pytest.approx(1)
    assert isinstance(everybody.cells["w"], float)
    assert everybody.cells["w"] < 0.5
    assert everybody.cells["people"] == 6


def test_a_close_order_is_less_sure_than_a_clear_one() -> None:
    close = facts_of(voices({"queue": 50, "price": 50, "taste": 48}))
    team = [answer(f"s{n}", "service", "queue", "price", "taste") for n in range(3)]
    unsure = row(INSIGHT.compute(close, asked(*team)), "service").cells["distance"]
    assert isinstance(unsure, Estimate)
    assert unsure.high > 0


def test_quarters_and_what_changed() -> None:
    told = [*CUSTOMERS, *voices({"price": 100, "queue": 50}, DAY + 100)]
    first = [answer(f"s{n}", "service", "taste", "price") for n in range(3)]
    second = [answer(f"s{n}", "service", "price", "queue", quarter="2025-Q1") for n in range(3)]
    report = INSIGHT.compute(facts_of(told, DAY, DAY + 150), asked(*first, *second, top=2))
    assert [one.cells["quarter"] for one in report.rows] == ["2025-Q1"] * 2 + [QUARTER] * 2
    new, old = row(report, "service", "2025-Q1"), row(report, "service")
    assert new.cells["measured"] == "price, queue"
    away = old.cells["distance"]
    assert isinstance(away, Estimate)
    assert new.cells["change"] == pytest.approx(-away.value)
    assert old.cells["change"] is None


def test_few_colleagues_and_silent_quarters_are_grey() -> None:
    few = [answer("a", "sales", "queue"), answer("b", "sales", "price")]
    report = INSIGHT.compute(facts_of(CUSTOMERS), asked(*few))
    assert report.state is State.TOO_FEW
    found = row(report, "sales")
    assert found.why is not None
    assert found.why.en == "2 colleagues, 3 needed"
    silent = [answer(f"s{n}", "sales", "queue", quarter="2023-Q1") for n in range(3)]
    quiet = row(INSIGHT.compute(facts_of(CUSTOMERS), asked(*silent)), "sales", "2023-Q1")
    assert quiet.cells["distance"] is None
    assert quiet.grey
    assert INSIGHT.compute(facts_of([]), asked()).rows == []


def test_employees_notes_are_not_measured() -> None:
    notes = [Event(customer=None, at=DAY, channel="employee", topics=["queue"]) for _ in range(9)]
    team = [answer(f"s{n}", "sales", "queue") for n in range(3)]
    found = row(INSIGHT.compute(facts_of(notes), asked(*team)), "sales")
    assert found.customers == 0


@pytest.mark.parametrize(
    ("moment", "quarter"),
    [
        (datetime(2026, 1, 1, tzinfo=UTC), "2026-Q1"),
        (datetime(2026, 3, 31, 23, tzinfo=UTC), "2026-Q1"),
        (datetime(2026, 4, 1, tzinfo=UTC), "2026-Q2"),
        (datetime(2026, 12, 31, tzinfo=UTC), "2026-Q4"),
    ],
)
def test_quarters(moment: datetime, quarter: str) -> None:
    assert quarter_of(moment) == quarter
    begin, after = span(quarter)
    assert begin <= moment < after
    assert quarter_of(after) != quarter


def test_a_topic_stands_in_a_list_once() -> None:
    with pytest.raises(ValidationError, match="once"):
        answer("a", "sales", "queue", "queue")

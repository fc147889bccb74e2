"""Employee voice beside customer voice."""

import numpy as np
import pytest

from heedful.journey.insights.employee_voice import INSIGHT, EmployeeVoiceParameters
from heedful.journey.insights.report import Estimate, Report, State
from tests.unit.journey.insights.facts_of import Event, facts_of

ASKED = EmployeeVoiceParameters()


def note(staff: int, *topics: str) -> Event:
    return Event(
        customer=None,
        channel="employee",
        topics=topics,
        attributes={"reported_by": f"staff-{staff}"},
    )


def voice(customer: int, *topics: str) -> Event:
    return Event(customer=f"c{customer}", topics=topics)


def cells(report: Report) -> dict[object, dict[str, object]]:
    return {row.cells["topic"]: {**row.cells, "grey": row.grey} for row in report.rows}


def planted(seed: int, odour: float) -> list[Event]:
    """200 notes of 20 employees and 400 customers; both speak of price as often."""
    random = np.random.default_rng(seed)

    def topics(share: float) -> list[str]:
        return [t for t, p in (("odour", share), ("price", 0.3)) if random.random() < p]

    return [
        *(note(number % 20, *topics(odour)) for number in range(200)),
        *(voice(number, *topics(0.02)) for number in range(400)),
    ]


def test_what_employees_report_and_customers_do_not() -> None:
    report = INSIGHT.compute(facts_of(planted(1, 0.3)), ASKED)
    assert report.state is State.OK
    assert (report.customers, report.events) == (400, 600)
    assert report.rows[0].cells["topic"] == "odour"
    odour, price = cells(report)["odour"], cells(report)["price"]
    difference = odour["difference"]
    assert isinstance(difference, Estimate)
    assert difference.low < 0.28 < difference.high
    assert difference.low > 0.15
    assert not odour["grey"]
    assert price["grey"]
    assert report.rows[1].why is not None
    assert len(report.rows[0].examples) == 3


def test_nothing_planted_is_seldom_found() -> None:
    found = 0
    for seed in range(40):
        report = INSIGHT.compute(facts_of(planted(100 + seed, 0.02)), ASKED)
        found += any(not row.grey for row in report.rows)
    assert found <= 6


def test_one_employee_who_writes_much_is_one_employee() -> None:
    """What one of six writes again and again is less sure than what all of them write."""
    voices = [voice(number, *(["odour"] if number < 20 else [])) for number in range(400)]
    one = [note(n % 6, *(["odour"] if n % 6 == 0 else [])) for n in range(120)]
    all_six = [note(n % 6, *(["odour"] if n // 6 % 6 == n % 6 else [])) for n in range(120)]
    unsure, sure = (
        cells(INSIGHT.compute(facts_of([*notes, *voices]), ASKED))["odour"]
        for notes in (one, all_six)
    )
    assert unsure["notes"] == sure["notes"]
    assert unsure["grey"]
    assert not sure["grey"]


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"at_least": 201}, "200 notes"),
        ({"at_least": 200, "reporters": 21}, "20 employees who report"),
    ],
)
def test_too_little_is_grey(asked: dict[str, int], says: str) -> None:
    report = INSIGHT.compute(facts_of(planted(1, 0.3)), EmployeeVoiceParameters(**asked))
    assert report.state is State.TOO_FEW
    assert all(row.grey and row.why is not None and says in row.why.en for row in report.rows)


def test_a_note_about_a_customer_is_no_customers_voice() -> None:
    about = Event(
        customer="c1", channel="employee", topics=["odour"], attributes={"reported_by": "staff-1"}
    )
    report = INSIGHT.compute(facts_of([about, voice(2, "price")]), ASKED)
    assert cells(report)["odour"]["voices"] == 0
    assert cells(report)["odour"]["notes"] == 1
    assert report.customers == 1

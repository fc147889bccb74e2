"""The map says what is red, what became of it, and where figures please and customers do not."""

import pytest

from heedful.journey.insights.report import Estimate, Report, Row
from heedful.journey.insights.touchpoint_map.insight import INSIGHT, MapParameters
from tests.unit.journey.insights.facts_of import Event, facts_of


def said(touchpoint: str, red: int, green: int, other: int, at: float, who: str) -> list[Event]:
    colours = ["red"] * red + ["green"] * green + ["amber"] * other
    return [
        Event(f"{who}{i}", at, channel="call", touchpoint=touchpoint, colour=colour)
        for i, colour in enumerate(colours)
    ]


def handled(touchpoint: str, seconds: float) -> list[Event]:
    return [
        Event(f"h{i}", 10, feedback=False, touchpoint=touchpoint, duration_s=seconds + i)
        for i in range(30)
    ]


def rows(report: Report) -> dict[str, Row]:
    return {str(row.cells["touchpoint"]): row for row in report.rows}


def mapped(*events: list[Event], **asked: object) -> Report:
    facts = facts_of([event for several in events for event in several], since=0, until=90)
    return INSIGHT.compute(facts, MapParameters.model_validate(asked))


def test_colours_trends_and_the_period_before() -> None:
    report = mapped(
        said("hotline", 70, 10, 20, at=30, who="a"),
        said("hotline", 30, 30, 40, at=-30, who="b"),
        said("shop", 10, 70, 20, at=30, who="c"),
        said("shop", 12, 68, 20, at=-30, who="d"),
        said("shop", 90, 0, 0, at=-95, who="e"),
    )
    found = rows(report)
    assert list(found) == ["hotline", "shop"]
    hotline = found["hotline"].cells
    assert (hotline["colour"], hotline["feedback"]) == ("red", 100)
    assert (hotline["red_trend"], hotline["green_trend"]) == ("up", "down")
    change = hotline["red_change"]
    assert isinstance(change, Estimate)
    assert change.value == pytest.approx(0.4)
    assert change.low > 0.2
    shop = found["shop"].cells
    assert (shop["colour"], shop["red_trend"], shop["green_trend"]) == ("green", None, None)
    assert report.figures == {"before": 200}
    assert report.customers == 200
    assert found["hotline"].examples[0].events


def test_few_are_grey_with_their_reason() -> None:
    report = mapped(said("kiosk", 10, 0, 0, at=1, who="a"))
    row = report.rows[0]
    assert row.grey
    assert row.cells["colour"] == "grey"
    assert row.why is not None
    assert row.why.en == "10 feedback, 20 needed"
    assert row.cells["red_change"] is None
    assert "before" in report.notes[-1].en


def test_many_words_of_few_customers_are_grey() -> None:
    events = said("kiosk", 100, 0, 0, at=1, who="a")
    repeated = [Event(f"x{i % 4}", i * 0.1, touchpoint="kiosk", colour="red") for i in range(100)]
    assert not mapped(events).rows[0].grey
    row = mapped(repeated).rows[0]
    assert row.grey
    assert row.why is not None
    assert "worth 4" in row.why.en


def test_operations_green_and_voice_red() -> None:
    report = mapped(
        said("hotline", 70, 10, 20, at=30, who="a"),
        said("shop", 10, 70, 20, at=30, who="c"),
        handled("hotline", 100),
        handled("shop", 100),
    )
    found = rows(report)
    assert found["hotline"].cells["conflict"] is True
    assert found["shop"].cells["conflict"] is False
    slow = mapped(said("hotline", 70, 10, 20, at=30, who="a"), handled("hotline", 300))
    assert rows(slow)["hotline"].cells["conflict"] is False


def test_employees_are_not_counted() -> None:
    notes = [
        Event(f"e{i}", 5, channel="employee", touchpoint="shop", colour="red") for i in range(9)
    ]
    report = mapped(said("shop", 0, 30, 0, at=5, who="a"), notes)
    assert report.rows[0].cells["feedback"] == 30
    assert report.rows[0].cells["colour"] == "green"


def test_nobody_said_anything() -> None:
    assert mapped().rows == []

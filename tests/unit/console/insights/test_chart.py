"""From a report to the data of a chart."""

from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from heedful.console.insights.chart import MOST_PANELS, MOST_ROWS, Chart, chart
from heedful.console.insights.kinds import KINDS, Kind
from heedful.console.upstream.insights import Column, Report
from heedful.journey.insights.all import INSIGHTS
from tests.unit.console.insights.reports import NAMES, estimate, report, row

NEEDS = {"topic": "text", "mentions": "count", "service": "share", "surveys": "share"}
PERCEPTION = {"label": "text", "touchpoint": "text", "month": "time", "share": "share"}


def said(column: Column) -> str:
    return column.label.en


def drawn(found: Report) -> Chart:
    answer = chart(found, KINDS[found.name], NAMES, said)
    assert answer is not None
    assert orjson.loads(orjson.dumps(answer)) is not None
    return answer


def test_every_insight_has_a_chart() -> None:
    assert set(KINDS) == set(INSIGHTS)


def test_a_dot_has_its_interval_and_what_is_grey_is_drawn_as_well() -> None:
    answer = drawn(
        report(
            "hidden-needs",
            NEEDS,
            row(grey=True, topic="app", service=estimate(0.1, 0.0, 0.3)),
            row(topic="store.odour", service=estimate(0.3, 0.2, 0.4), surveys=estimate(0, 0, 0.1)),
        )
    )
    assert (answer["kind"], answer["unit"]) == ("intervals", "share")
    assert answer["labels"] == ["Odour", "app"], "sure ones first"
    assert answer["grey"] == [False, True]
    service, surveys = answer["series"]
    assert service["points"] == [(0.3, 0.2, 0.4), (0.1, 0.0, 0.3)]
    assert surveys["points"] == [(0.0, 0.0, 0.1), None]


def test_a_ratio_has_its_reference_and_a_logarithm() -> None:
    found = report(
        "churn-drivers",
        {"driver": "text", "hazard_ratio": "ratio"},
        row(driver="store.odour", hazard_ratio=estimate(2, 1.5, 3)),
    )
    answer = drawn(found)
    assert (answer["log"], answer["reference"]) == (True, 1.0)


def test_rows_about_other_things_are_not_drawn_between() -> None:
    found = report(
        "satisfied-but-leaving",
        {"sign": "text", "moment": "time", "precision": "share", "base": "share"},
        row(sign="any", moment=None, precision=estimate(0.5, 0.4, 0.6)),
        row(sign="any", moment="2026-09-01T00:00:00Z", precision=estimate(0.4, 0.3, 0.5)),
    )
    assert drawn(found)["labels"] == ["any"]


def test_lines_run_over_the_months_in_a_panel_for_each_group() -> None:
    months = ("2026-10-01T00:00:00Z", "2026-09-01T00:00:00Z")
    rows = [
        row(
            customers=10 + place,
            grey=place == 7,
            label="ease",
            touchpoint=f"p{place}",
            month=month,
            share=estimate(0.2, 0.1, 0.3),
        )
        for place in range(8)
        for month in months[: 2 if place else 1]
    ]
    answer = drawn(report("perception", PERCEPTION, *rows))
    assert answer["times"] == sorted(months)
    assert (answer["shown"], answer["of"]) == (MOST_PANELS, 8)
    first = answer["panels"][0]
    assert first["name"] == "p7", "most customers first"
    assert first["series"][0]["grey"] == [True, True]
    lonely = drawn(report("perception", PERCEPTION, rows[0]))
    assert lonely["panels"][0]["series"][0]["points"] == [(0.2, 0.1, 0.3)]


def test_a_month_without_a_row_is_a_gap() -> None:
    rows = [
        row(label="ease", month="2026-09-01", share=estimate(0.2, 0.1, 0.3)),
        row(label="hassle", month="2026-10-01", share=estimate(0.1, 0.0, 0.3)),
    ]
    (panel,) = drawn(report("perception", PERCEPTION, *rows))["panels"]
    assert [one["points"][0] is None for one in panel["series"]] == [False, True]
    assert [one["points"][1] is None for one in panel["series"]] == [True, False]


def test_what_the_team_has_not_rated_is_named_beside_the_matrix() -> None:
    found = report(
        "priorities",
        {"topic": "text", "value": "share", "ability": "count"},
        row(topic="store.odour", value=estimate(0.2, 0.1, 0.3), ability=4),
        row(grey=True, topic="app", value=estimate(0.1, 0.0, 0.3), ability=None),
        figures={"valuable_from": 0.15, "able_from": 3},
    )
    answer = drawn(found)
    (point,) = answer["points"]
    assert (point["label"], point["x"], point["y"], point["range"]) == (
        "Odour",
        0.2,
        4,
        (0.2, 0.1, 0.3),
    )
    assert answer["unplaced"] == ["app"]
    assert (answer["x_from"], answer["y_from"]) == (0.15, 3)


def test_the_curve_goes_from_the_worst_moment_to_the_best() -> None:
    columns = {
        "touchpoint": "text",
        "topic": "text",
        "peaks": "count",
        "ends": "count",
        "valence": "score",
        "effect": "score",
    }
    rows = [
        row(touchpoint="store", topic=topic, peaks=3.0, ends=1.0, valence=valence, effect=0.1)
        for topic, valence in (("a", 0.5), ("b", -0.7), ("c", 0.0))
    ]
    answer = drawn(report("peak-end", columns, *rows))
    assert answer["labels"] == ["store · b", "store · c", "store · a"]
    assert answer["curve"]["points"] == [-0.7, 0.0, 0.5]
    assert [one["key"] for one in answer["bars"]] == ["peaks", "ends"]


@pytest.mark.parametrize("name", sorted(KINDS))
def test_without_rows_there_is_no_chart(name: str) -> None:
    found = report(name, dict.fromkeys(KINDS[name].values, "share"))
    assert chart(found, KINDS[name], NAMES, said) is None


def test_an_insight_that_has_become_another_is_a_table() -> None:
    found = report("hidden-needs", {"topic": "text"}, row(topic="app"))
    assert chart(found, KINDS["hidden-needs"], NAMES, said) is None


@given(st.lists(st.booleans(), min_size=1, max_size=60))
def test_a_chart_is_bounded_and_says_of_how_many(greys: list[bool]) -> None:
    rows: list[dict[str, Any]] = [
        row(grey=grey, topic=f"t{place}", service=estimate(0.1, 0, 0.2))
        for place, grey in enumerate(greys)
    ]
    answer = drawn(report("hidden-needs", NEEDS, *rows))
    assert answer["kind"] == Kind.INTERVALS
    assert answer["of"] == len(greys)
    assert len(answer["labels"]) == answer["shown"] == min(len(greys), MOST_ROWS)
    assert answer["grey"] == sorted(greys)[:MOST_ROWS]

"""Touchpoints under the stages of the lifecycle."""

from typing import Any

from heedful.console.journeys.map import columns, stages_of, tally
from heedful.console.upstream.insights import Report
from heedful.console.upstream.touchpoints import Stages, Touchpoint

LIFECYCLE = Stages.model_validate(
    {
        "stages": [
            {"code": "explore", "zh": "了解", "en": "Explore"},
            {"code": "use", "zh": "使用", "en": "Use"},
        ],
        "touchpoints": [
            {"touchpoint": "store.*", "stage": "use"},
            {"touchpoint": "*.menu", "stage": "explore"},
            {"touchpoint": "store.*", "stage": "explore"},
        ],
    }
)


def touchpoint(name: str, colour: str = "grey", red: int = 0, of: int = 40) -> Touchpoint:
    lights = {"red": red, "green": of - red}
    return Touchpoint(touchpoint=name, events=of, feedback=of, lights=lights, colour=colour)


def report(**cells: Any) -> Report:
    words = {"zh": "", "en": ""}
    row = {"cells": cells, "customers": 12, "examples": [{"customer_id": "c1"}]}
    return Report.model_validate(
        {
            "name": "touchpoint-map",
            "title": words,
            "meaning": words,
            "customers": 12,
            "events": 40,
            "state": "ok",
            "figures": {},
            "columns": [],
            "rows": [row],
            "notes": [],
        }
    )


def test_the_first_pattern_says_where_a_touchpoint_stands() -> None:
    assert [one.code for one in stages_of("store.visit", LIFECYCLE)] == ["use", "explore"]
    assert [one.code for one in stages_of("app.menu", LIFECYCLE)] == ["explore"]
    assert stages_of("review.public", LIFECYCLE) == []


def test_stages_keep_their_order_and_what_has_none_comes_last() -> None:
    listed = [touchpoint("review.public"), touchpoint("store.visit"), touchpoint("app.menu")]
    found = columns(LIFECYCLE, listed, None)
    assert [one.stage and one.stage.code for one in found] == ["explore", "use", None]
    assert [[place.touchpoint for place in one.places] for one in found] == [
        ["app.menu"],
        ["store.visit"],
        ["review.public"],
    ]
    assert columns(LIFECYCLE, listed[1:], None)[-1].stage is not None


def test_the_reddest_stand_above_and_a_conflict_above_all() -> None:
    listed = [
        touchpoint("store.a", "green", 1),
        touchpoint("store.b", "red", 20),
        touchpoint("store.c", "red", 30),
        touchpoint("store.d", "grey", 4, of=5),
        touchpoint("store.e", "red", 15),
    ]
    (_, use) = columns(LIFECYCLE, listed, report(touchpoint="store.e", colour="red", conflict=True))
    assert [one.touchpoint[-1] for one in use.places] == ["e", "c", "b", "a", "d"]
    assert tally([use]) == {"red": 3, "amber": 0, "green": 1, "grey": 1, "conflict": 1}


def test_the_insight_says_how_sure_it_is_and_what_operations_measure() -> None:
    share = {"value": 0.5, "low": 0.4, "high": 0.6}
    known = report(
        touchpoint="store.a",
        colour="grey",
        red=share,
        red_trend="up",
        operations="green",
        handled=30,
    )
    (_, use) = columns(LIFECYCLE, [touchpoint("store.a", "red", 20)], known)
    (place,) = use.places
    assert place.colour == "grey", "few customers said much"
    assert place.red.share is not None
    assert (place.red.count, place.red.share.low, place.red.trend) == (20, 0.4, "up")
    assert place.operations is not None
    assert (place.operations.colour, place.operations.handled) == ("green", 30)
    assert (place.customers, list(place.examples)) == (12, ["c1"])


def test_without_the_insight_there_are_lights_alone() -> None:
    (_, use) = columns(LIFECYCLE, [touchpoint("store.a", "red", 20)], None)
    (place,) = use.places
    assert (place.colour, place.red.count, place.red.share, place.operations) == (
        "red",
        20,
        None,
        None,
    )

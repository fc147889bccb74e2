"""The sentences over an insight."""

from typing import Any

import pytest

from heedful.console.insights.kinds import KINDS
from heedful.console.insights.saying import MOST, Sentence, sentences
from heedful.console.sessions.preference import Language
from heedful.console.upstream.insights import Report
from heedful.console.web.words import Words
from tests.unit.console.insights.reports import WRITES, estimate, report, row

NEEDS = {"topic": "text", "service": "share", "surveys": "share", "verdict": "text"}


def need(topic: str = "store.odour", verdict: str | None = "hidden", **more: Any) -> dict[str, Any]:
    return row(
        topic=topic,
        service=estimate(0.3, 0.2, 0.4),
        surveys=estimate(0, 0, 0.1),
        verdict=verdict,
        **more,
    )


def told(found: Report) -> list[Sentence]:
    return sentences(found, KINDS.get(found.name), WRITES)


def names(found: Report) -> list[str]:
    return [one.words.removeprefix("insights.says.") for one in told(found)]


def test_a_finding_is_told_with_its_interval_and_on_whom_it_rests() -> None:
    (sentence,) = told(report("hidden-needs", NEEDS, need(), need("app", "asked")))
    assert sentence.words == "insights.says.found.hidden-needs"
    assert sentence.values["label"] == "Odour"
    assert (sentence.values["value"], sentence.values["other"]) == ("30.0%", "0.0%")
    assert (sentence.values["low"], sentence.values["high"]) == ("20.0%", "40.0%")
    assert sentence.values["customers"] == "30"


def test_what_is_grey_is_no_finding() -> None:
    assert names(report("hidden-needs", NEEDS, need(grey=True))) == ["nothing"]
    assert names(report("hidden-needs", NEEDS, need(verdict=None))) == ["nothing"]


def test_too_little_is_said_before_anything_else() -> None:
    found = report("hidden-needs", NEEDS, need(grey=True), state="too_few")
    assert names(found) == ["state.too_few", "nothing"]
    assert names(report("hidden-needs", NEEDS, state="too_few")) == ["state.too_few"]


def test_of_many_findings_the_first_are_told_and_the_others_counted() -> None:
    found = report("hidden-needs", NEEDS, *(need(f"t{place}") for place in range(MOST + 2)))
    sentence = told(found)[-1]
    assert sentence.words == "insights.says.more"
    assert sentence.values["rest"] == "2"


def test_coverage_tells_its_figures() -> None:
    columns = {"about": "text", "name": "text", "speak": "share"}
    figures = {"silent": estimate(0.25, 0.2, 0.3), "raw_score": 0.9, "raked_score": 0.8}
    first = told(report("coverage", columns, figures=figures, state="not_representative"))
    assert [one.words for one in first] == [
        "insights.says.state.not_representative",
        "insights.says.figures.coverage",
    ]
    assert first[1].values == {"silent": "25.0%", "raw_score": "0.9", "raked_score": "0.8"}


def test_what_was_not_tested_is_no_finding() -> None:
    columns = {"about": "text", "name": "text", "speak": "share", "p": "probability"}
    told_of = row(about="segment", name="gold", speak=estimate(0.3, 0.2, 0.4), p=0.01)
    beside = row(about="moment", name="order", speak=estimate(0.3, 0.2, 0.4))
    assert [one.values["label"] for one in told(report("coverage", columns, beside, told_of))] == [
        "segment · gold"
    ]


def test_over_time_the_newest_month_stands_for_all() -> None:
    columns = {"label": "text", "month": "time", "share": "share", "trend": "text"}
    months = [
        row(label="ease", month=month, share=estimate(share, 0, 1), trend="up")
        for month, share in (("2026-09-01", 0.1), ("2026-10-01", 0.2))
    ]
    (sentence,) = told(report("perception", columns, *months))
    assert (sentence.values["value"], sentence.values["trend"]) == ("20.0%", "rising")


def test_an_insight_that_is_not_known_here_says_nothing_of_itself() -> None:
    assert told(report("new-one", {"topic": "text"}, row(topic="app"))) == []


@pytest.mark.parametrize("name", sorted(KINDS))
def test_there_are_words_for_every_finding_with_all_that_they_need(name: str) -> None:
    shown = KINDS[name]
    cells: dict[str, Any] = {key: estimate(2, 1, 3) for key in shown.values} | dict.fromkeys(
        shown.labels, "x"
    )
    if shown.found is not None:
        cells[shown.found[0]] = shown.found[1][0]
    if shown.tested is not None:
        cells[shown.tested] = 0.01
    found = report(name, dict.fromkeys(cells, "ratio"), {**row(), "cells": cells})
    words = Words.load()
    for sentence in told(found):
        for language in Language:
            assert "{" not in words.say(sentence.words, language, **sentence.values)
    assert len(told(found)) == 1

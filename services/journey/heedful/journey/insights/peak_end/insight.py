"""Insight `peak-end`: a journey is remembered by its strongest and its last moment.

Kahneman, Fredrickson, Schreiber and Redelmeier, Psychological Science 4 (1993). Whether it is so
here is fitted, not assumed.
"""

import numpy as np
from pydantic import Field

from heedful.journey.insights.distinct import distinct
from heedful.journey.insights.examples import MOST, called
from heedful.journey.insights.facts import NONE, Coded, Facts
from heedful.journey.insights.insight import Insight, Parameters
from heedful.journey.insights.peak_end.journeys import Journeys, journeys
from heedful.journey.insights.peak_end.model import Model, modelled
from heedful.journey.insights.peak_end.setting import Moments, setting
from heedful.journey.insights.report import (
    Cell,
    Example,
    Label,
    Report,
    Row,
    State,
    Unit,
    columns,
    too_few,
)
from heedful.journey.insights.statistics.resampling import dealt

TITLE = Label(zh="峰终时刻", en="Peak and end")
_JOURNEYS = ("段以评分结束的旅程", "journeys that end with a score")
_SET = ("段旅程的峰值或结尾", "peaks and ends of journeys")


class PeakEndParameters(Parameters):
    score_kind: str | None = Field(
        default=None,
        description="nps, csat, ces, stars or other; without, that of the most journeys.",
    )
    gap_days: float = Field(
        default=7, gt=0, le=365, description="Silence after which another journey begins."
    )
    moments: int = Field(default=2, ge=2, description="Moments that a journey has at least.")
    journeys: int = Field(default=50, ge=20, description="Journeys below which nothing is fitted.")
    least: int = Field(default=20, ge=1, description="Peaks and ends, below which a row is grey.")
    top: int = Field(
        default=5, ge=1, description="How many moments are the first, when stability is counted."
    )
    q: float = Field(default=0.05, gt=0, lt=1, description="False-discovery rate (BH).")


def compute(facts: Facts, parameters: PeakEndParameters) -> Report:
    """A row for each touchpoint and topic that journeys peak or end with, the largest effect
    first, grey ones last."""
    kind, found = _journeys(facts, parameters)
    block, blocks = dealt(found.customer)
    enough = len(found) >= parameters.journeys
    model = modelled(found, block, blocks) if enough else None
    if model is None:
        notes = [] if enough else [too_few(len(found), parameters.journeys, _JOURNEYS)]
        return _report(found, {"score_kind": kind}, [], notes)
    moments = setting(facts, found, model, block, blocks)
    first = moments.among_first(parameters.top)
    rows = [
        _row(facts, parameters, found, model, moments, moment, float(first[moment]))
        for moment in range(len(first))
        if moments.touchpoint[moment] != NONE or moments.topic[moment] != NONE
    ]
    figures: dict[str, Cell] = {
        "score_kind": kind,
        "peak": model.peak,
        "peak_p": float(model.p[0]),
        "end": model.end,
        "end_p": float(model.p[1]),
        "r2_peak_end": model.r2_peak_end,
        "r2_mean": model.r2_mean,
        "advantage": model.advantage,
    }
    return _report(found, figures, sorted(rows, key=_largest_first), [])


def _journeys(facts: Facts, parameters: PeakEndParameters) -> tuple[str | None, Journeys]:
    asked = parameters.score_kind
    kinds = (asked,) if asked is not None else facts.score_kind.names
    found = {kind: journeys(facts, kind, parameters.gap_days, parameters.moments) for kind in kinds}
    if not found:
        return None, journeys(facts, "", parameters.gap_days, parameters.moments)
    return max(found.items(), key=lambda one: len(one[1]))


def _row(
    facts: Facts,
    parameters: PeakEndParameters,
    found: Journeys,
    model: Model,
    moments: Moments,
    moment: int,
    first: float,
) -> Row:
    of = distinct(moments.journey[moments.of == moment])
    why = None
    if len(of) < parameters.least:
        why = too_few(len(of), parameters.least, _SET)
    elif not model.holds(parameters.q):
        why = Label(
            zh="峰值与结尾与评分的关联不显著",
            en="Neither peak nor end goes with the score significantly",
        )
    return Row(
        cells={
            "touchpoint": _name(facts.touchpoint, moments.touchpoint[moment]),
            "topic": _topic(facts, int(moments.topic[moment])),
            "peaks": float(moments.peaks[moment]),
            "ends": float(moments.ends[moment]),
            "valence": float(moments.valence[moment]),
            "effect": moments.estimate(moment),
            "first": first,
        },
        customers=len(distinct(found.customer[of])),
        grey=why is not None,
        why=why,
        examples=_examples(facts, found, of),
    )


def _examples(facts: Facts, found: Journeys, of: np.ndarray) -> list[Example]:
    """The journeys with the lowest scores: peak, end and score, as they happened."""
    order = of[np.argsort(found.score[of], kind="stable")]
    _, newest = np.unique(found.customer[order], return_index=True)
    return [
        Example(
            customer_id=str(facts.customers[found.customer[one]]),
            events=[
                called(facts, int(event))
                for event in sorted({found.peak[one], found.end[one], found.scored[one]})
            ],
        )
        for one in order[np.sort(newest)[:MOST]]
    ]


def _name(column: Coded, code: int) -> str | None:
    return None if code == NONE else column.names[code]


def _topic(facts: Facts, code: int) -> str | None:
    return None if code == NONE else facts.topics.names[code]


def _largest_first(row: Row) -> tuple[bool, float, str]:
    effect = row.cells["effect"]
    return row.grey, -abs(getattr(effect, "value", 0.0)), str(row.cells)


def _report(
    found: Journeys, figures: dict[str, Cell], rows: list[Row], notes: list[Label]
) -> Report:
    return Report(
        name=INSIGHT.name,
        title=TITLE,
        meaning=Label(
            zh="旅程评分与最强烈时刻（峰）和最后时刻（终）的关联，与全程均值相比；"
            "哪些触点与主题决定了峰与终（关联，不是因果）",
            en="How the score of a journey goes with its strongest and its last moment, against"
            " the mean of all; and which touchpoints and topics these are (association, not cause)",
        ),
        customers=len(distinct(found.customer)),
        events=len(found),
        state=State.OK if rows else State.TOO_FEW,
        figures=figures,
        columns=_COLUMNS,
        rows=rows,
        notes=notes,
    )


_COLUMNS = columns(
    ("touchpoint", "触点", "Touchpoint", Unit.TEXT),
    ("topic", "主题", "Topic", Unit.TEXT),
    ("peaks", "作为峰值", "Peak of journeys", Unit.COUNT),
    ("ends", "作为结尾", "End of journeys", Unit.COUNT),
    ("valence", "当时情感", "Valence there", Unit.SCORE),
    ("effect", "对旅程平均分的影响", "Effect on the mean score", Unit.SCORE),
    ("first", "重抽样中居前的比例", "Among the first, of resamples", Unit.SHARE),
)

INSIGHT = Insight(
    name="peak-end",
    title=TITLE,
    parameters=PeakEndParameters,
    compute=compute,
)

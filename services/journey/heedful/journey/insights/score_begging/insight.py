"""Scores that were asked for rather than given: per outlet, and per who asked."""

from collections.abc import Mapping

import numpy as np
from pydantic import Field

from heedful.journey.insights.distinct import distinct
from heedful.journey.insights.examples import examples
from heedful.journey.insights.facts import NONE, Facts
from heedful.journey.insights.insight import Insight, Parameters
from heedful.journey.insights.report import (
    Cell,
    Estimate,
    Label,
    Report,
    Row,
    State,
    Unit,
    columns,
    too_few,
)
from heedful.journey.insights.score_begging.interviewers import Interviewers, interviewers
from heedful.journey.insights.score_begging.signs import BLAME, HIGH, Scores, Sign, scores, signs
from heedful.journey.insights.statistics.discovery import adjusted
from heedful.journey.insights.statistics.distributions import student_quantile
from heedful.journey.insights.statistics.proportions import share

_TITLE = Label(zh="乞评与访员效应", en="Score begging and interviewer effects")
_MEANING = Label(
    zh="哪些门店的满分过多、分数过于一致、或高分与负面文字不符，超出门店之间本来的差异；"
    "是异常信号，不是证据：请先核查再下结论",
    en="Outlets with too many top scores, too even scores, or high scores whose words blame, "
    "beyond how outlets differ anyway. A sign to look into, no proof of begging",
)
_COLUMNS = columns(
    ("about", "类别", "About", Unit.TEXT),
    ("name", "名称", "Name", Unit.TEXT),
    ("signs", "异常", "Signs", Unit.TEXT),
    ("n", "评分数", "Scores", Unit.COUNT),
    ("score", "平均分", "Mean score", Unit.SCORE),
    ("ceiling", "满分占比", "Top scores", Unit.SHARE),
    ("deviation", "标准差", "Standard deviation", Unit.SCORE),
    ("mismatch", "高分但文字负面", "High scores that blame", Unit.SHARE),
    ("solicited", "文字承认被邀评", "Say they were asked to", Unit.SHARE),
    ("effect", "访员效应（收缩后）", "Interviewer effect, shrunk", Unit.SCORE),
    ("p", "校正后 p 值（最小）", "Least adjusted p-value", Unit.PROBABILITY),
)
_USUAL = Label(zh="与其他门店无异", en="within how outlets scatter")
_USUAL_WHO = Label(zh="与其他访员无异", en="within how interviewers scatter")
_NOTES = [
    Label(
        zh="每位客户在每家门店只计最近一次；检验以门店间的实际离散为准（Spiegelhalter 2005），"
        "所有检验一并作 Benjamini–Hochberg 校正",
        en="The newest score of each customer at each outlet; tested against how outlets scatter "
        "(Spiegelhalter 2005), all tests adjusted together after Benjamini and Hochberg",
    )
]
_FEW_UNITS = Label(zh="门店太少，无法判断离散", en="too few outlets to know how they scatter")


class ScoreBeggingParameters(Parameters):
    outlet: str = Field(
        default="outlet",
        min_length=1,
        max_length=64,
        description="Attribute that names the outlet.",
    )
    interviewer: str = Field(
        default="interviewer",
        min_length=1,
        max_length=64,
        description="Attribute that names who asked.",
    )
    score_kind: str | None = Field(default=None, description="nps, csat, …; default: all together.")
    at_least: int = Field(
        default=30, ge=10, le=1_000_000, description="Scores of an outlet or an interviewer."
    )
    q: float = Field(default=0.05, gt=0, lt=1, description="False-discovery rate of all signs.")

    def further_attributes(self) -> tuple[str, ...]:
        return self.outlet, self.interviewer


def compute(facts: Facts, asked: ScoreBeggingParameters) -> Report:
    """Outlets and then interviewers; first what stands out."""
    found = scores(facts, asked.outlet, asked.score_kind)
    told = signs(found, asked.at_least)
    by_asking = scores(facts, asked.interviewer, asked.score_kind)
    who = interviewers(facts, by_asking, asked.outlet, asked.at_least)
    ps = adjusted(np.concatenate([*(one.p for one in told.values()), [] if who is None else who.p]))
    units = len(found.names)
    p = {name: ps[place * units : (place + 1) * units] for place, name in enumerate(told)}
    counts = found.counts
    outlets = [
        _outlet(facts, found, told, p, int(unit), asked) for unit in np.flatnonzero(counts > 0)
    ]
    enough = int(np.count_nonzero(counts >= asked.at_least))
    asking = [] if who is None else _interviewers(who, ps[len(told) * units :], asked.q)
    return Report(
        name=INSIGHT.name,
        title=_TITLE,
        meaning=_MEANING,
        customers=_customers(facts, found, np.ones(len(found.event), dtype=np.bool_)),
        events=len(found.event),
        state=State.OK if told["ceiling"].scatter is not None else State.TOO_FEW,
        figures={
            "outlets": enough,
            "interviewer_icc": None if who is None or who.icc is None else who.icc.icc,
            "interviewer_p": None if who is None or who.icc is None else who.icc.p,
        },
        columns=_COLUMNS,
        rows=[*sorted(outlets, key=_first), *sorted(asking, key=_first)],
        notes=_NOTES,
    )


def _outlet(
    facts: Facts,
    found: Scores,
    told: Mapping[str, Sign],
    p: Mapping[str, np.ndarray],
    unit: int,
    asked: ScoreBeggingParameters,
) -> Row:
    here = found.unit == unit
    n = int(np.count_nonzero(here))
    mean, deviation = float(found.score[here].mean()), float(np.sqrt(told["variance"].value[unit]))
    least = min((float(one[unit]) for one in p.values() if not np.isnan(one[unit])), default=None)
    shown = [name for name in told if p[name][unit] <= asked.q]
    high = here & (found.score >= HIGH) & ~np.isnan(found.valence)
    blaming = high & (found.valence < BLAME)
    return Row(
        cells={
            "about": asked.outlet,
            "name": found.names[unit],
            "signs": ", ".join(shown) or None,
            "n": n,
            "score": _mean(mean, deviation, n),
            "ceiling": share(int(np.count_nonzero(found.score[here] >= 1)), n),
            "deviation": None if np.isnan(deviation) else deviation,
            "mismatch": share(int(np.count_nonzero(blaming)), int(np.count_nonzero(high))),
            "solicited": share(int(np.count_nonzero(found.solicited[here])), n),
            "p": least,
        },
        customers=_customers(facts, found, here),
        grey=not shown,
        why=None if shown else _why(n, least, asked.at_least),
        examples=examples(facts, found.event[blaming if blaming.any() else here]),
    )


def _why(n: int, least: float | None, at_least: int) -> Label:
    if n < at_least:
        return too_few(n, at_least, ("个评分", "scores"))
    return _FEW_UNITS if least is None else _USUAL


def _mean(mean: float, deviation: float, n: int) -> Cell:
    if n < 2:
        return mean
    half = float(student_quantile(0.975, n - 1)) * deviation / n**0.5
    return Estimate(value=mean, low=mean - half, high=mean + half)


def _interviewers(who: Interviewers, p: np.ndarray, q: float) -> list[Row]:
    effect = who.effect
    rows = []
    for place, name in enumerate(who.names):
        value, half = float(effect.shrunk[place]), float(effect.half[place])
        stands_out = bool(p[place] <= q)
        rows.append(
            Row(
                cells={
                    "about": "interviewer",
                    "name": name,
                    "signs": "effect" if stands_out else None,
                    "n": int(who.n[place]),
                    "effect": Estimate(value=value, low=value - half, high=value + half),
                    "p": float(p[place]),
                },
                customers=int(who.n[place]),
                grey=not stands_out,
                why=None if stands_out else _USUAL_WHO,
            )
        )
    return rows


def _customers(facts: Facts, found: Scores, of: np.ndarray) -> int:
    who = facts.customer[found.event[of]]
    return len(distinct(who[who != NONE]))


def _first(row: Row) -> tuple[bool, float]:
    p = row.cells.get("p")
    return row.grey, p if isinstance(p, float) else 2.0


INSIGHT = Insight(
    name="score-begging",
    title=_TITLE,
    parameters=ScoreBeggingParameters,
    compute=compute,
)

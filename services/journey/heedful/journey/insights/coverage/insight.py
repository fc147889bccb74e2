"""Who never speaks, and what the score would be if all had spoken."""

import numpy as np
from pydantic import Field

from heedful.journey.insights.consent import CONSENT
from heedful.journey.insights.coverage.asking import Askable, Moments, askable, moments
from heedful.journey.insights.coverage.population import Population, Variable, population
from heedful.journey.insights.coverage.weighting import Weighted, weighted
from heedful.journey.insights.examples import examples
from heedful.journey.insights.facts import NONE, Facts
from heedful.journey.insights.insight import Insight, Parameters
from heedful.journey.insights.report import (
    Estimate,
    Label,
    Report,
    Row,
    State,
    Unit,
    columns,
    too_few,
)
from heedful.journey.insights.statistics.discovery import adjusted
from heedful.journey.insights.statistics.proportions import share, two_proportions

_TITLE = Label(zh="沉默客户与代表性", en="Silent customers and coverage")
_MEANING = Label(
    zh="谁从不发声；以及若发声者的构成与全体客户一致，得分会是多少。加权只能校正所用分层内的差异，"
    "不能校正同一分层内沉默者与发声者的不同",
    en="Who never speaks, and what the score would be if those who answered were made up like all "
    "customers. Weights mend differences between the strata used, not between the silent and the "
    "speaking of one stratum",
)
_COLUMNS = columns(
    ("about", "类别", "About", Unit.TEXT),
    ("name", "名称", "Name", Unit.TEXT),
    ("share", "占全体客户", "Share of customers", Unit.SHARE),
    ("answers", "占评分者", "Share of answers", Unit.SHARE),
    ("speak", "发声率", "Who speaks", Unit.SHARE),
    ("silent", "沉默客户数", "Silent customers", Unit.COUNT),
    ("askable", "可询问的沉默客户", "Silent, may be asked", Unit.COUNT),
    ("now", "其中近期有时机", "Of them with a recent moment", Unit.COUNT),
    ("weight", "平均权重", "Mean weight", Unit.RATIO),
    ("p", "校正后 p 值", "Adjusted p-value", Unit.PROBABILITY),
)
_MOMENT = "moment"
_CHANCE = Label(
    zh="与最大分层的发声率无显著差异", en="speaks about as often as the largest stratum"
)


class CoverageParameters(Parameters):
    strata: tuple[str, ...] = Field(
        default=("segment",),
        min_length=1,
        max_length=5,
        description="Keys of attributes that customers are told apart by.",
    )
    population: dict[str, dict[str, float]] = Field(
        default={},
        description="By key the share or the number of all customers in each category; without it "
        "the customers of the period are all there are.",
        examples=[{"segment": {"gold": 0.1, "silver": 0.9}}],
    )
    score_kind: str | None = Field(default=None, description="nps, csat, …; default: all together.")
    tolerance: float = Field(
        default=0.01, ge=0, le=1, description="By how much weighting may move the score (0 to 1)."
    )
    uncovered: float = Field(
        default=0.05, ge=0, le=1, description="Share of customers in strata where nobody answers."
    )
    at_least: int = Field(
        default=30, ge=2, le=1_000_000, description="Answers, and customers of a row."
    )
    contacts: int = Field(
        default=1, ge=1, le=100, description="How often one customer may be contacted …"
    )
    contact_days: float = Field(default=30, gt=0, le=3650, description="… in so many days.")
    moment_days: float = Field(
        default=7, gt=0, le=365, description="So long after a moment one still asks about it."
    )
    q: float = Field(default=0.05, gt=0, lt=1, description="False-discovery rate of strata.")

    def further_attributes(self) -> tuple[str, ...]:
        return self.strata


def compute(facts: Facts, asked: CoverageParameters) -> Report:
    """Rows of strata, the least spoken for first, then of moments, the most spoken after first."""
    people = population(facts, asked.strata, asked.population, asked.score_kind)
    found = weighted(people)
    asking = askable(facts, asked.contacts, asked.contact_days, asked.moment_days)
    return Report(
        name=INSIGHT.name,
        title=_TITLE,
        meaning=_MEANING,
        customers=int(np.count_nonzero(people.there)),
        events=len(facts),
        state=_state(found, asked),
        figures={
            "silent": share(
                int(np.count_nonzero(people.there & ~people.spoke)),
                int(np.count_nonzero(people.there)),
            ),
            "answers": found.answers,
            "effective_answers": round(found.effective, 1),
            "raw_score": found.raw,
            "raked_score": found.raked,
            "shift": found.shift,
            "uncovered": round(found.uncovered, 6),
            "left_out": found.left_out,
        },
        columns=_COLUMNS,
        rows=[
            *_strata(facts, people, found, asking, asked),
            *_moments(moments(facts, asked.moment_days), asked.at_least),
        ],
        notes=_notes(found, asked),
    )


def _state(found: Weighted, asked: CoverageParameters) -> State:
    if found.answers < asked.at_least:
        return State.TOO_FEW
    return State.OK if _representative(found, asked) else State.NOT_REPRESENTATIVE


def _representative(found: Weighted, asked: CoverageParameters) -> bool:
    if found.shift is None or found.uncovered > asked.uncovered:
        return False
    sure = found.shift.low > 0 or found.shift.high < 0
    return not sure or abs(found.shift.value) < asked.tolerance


def _notes(found: Weighted, asked: CoverageParameters) -> list[Label]:
    notes = [
        Label(
            zh="每位客户只计一次（取其得分均值）；有效样本量按 Kish 计算；区间为 95 %",
            en="Each customer counts once, with the mean of their scores; the effective sample "
            "size is Kish's; intervals are of 95 %",
        )
    ]
    if found.raked is None and found.answers - found.left_out > 1:
        notes.append(
            Label(
                zh="边际无法同时满足，未能加权", en="no weights fit all margins: nothing was raked"
            )
        )
    if found.uncovered > asked.uncovered:
        notes.append(
            Label(
                zh=f"{found.uncovered:.0%} 的客户所在分层无人评分",
                en=f"{found.uncovered:.0%} of customers are in strata where nobody answered",
            )
        )
    return notes


def _strata(
    facts: Facts, people: Population, found: Weighted, asking: Askable, asked: CoverageParameters
) -> list[Row]:
    pairs = [(one, number) for one in people.variables for number in range(len(one.names))]
    pairs = [
        (one, number)
        for one, number in pairs
        if one.shares[number] > 0 or _held(people, one)[number]
    ]
    p = adjusted([_difference(people, one, number) for one, number in pairs])
    rows = [
        _stratum(facts, people, found, asking, asked, one, number, float(value))
        for (one, number), value in zip(pairs, p, strict=True)
    ]
    return sorted(rows, key=lambda row: (row.grey, _speaking(row)))


def _held(people: Population, variable: Variable) -> np.ndarray:
    return np.bincount(variable.of[people.there], minlength=len(variable.names))


def _difference(people: Population, variable: Variable, number: int) -> float:
    """p-value of who speaks here against who speaks in the largest stratum, and in that one against
    who speaks elsewhere. Held against all others a silent stratum would hide behind another one
    that is more silent still."""
    largest = int(np.argmax(_held(people, variable)))
    here = people.there & (variable.of == number)
    there = people.there & (~here if number == largest else variable.of == largest)
    return two_proportions(
        int(np.count_nonzero(here & people.spoke)),
        int(np.count_nonzero(here)),
        int(np.count_nonzero(there & people.spoke)),
        int(np.count_nonzero(there)),
    )


def _stratum(
    facts: Facts,
    people: Population,
    found: Weighted,
    asking: Askable,
    asked: CoverageParameters,
    variable: Variable,
    number: int,
    p: float,
) -> Row:
    here = people.there & (variable.of == number)
    held, spoke = int(np.count_nonzero(here)), int(np.count_nonzero(here & people.spoke))
    answered = people.answered & (variable.of == number)
    silent = here & ~people.spoke & asking.allowed
    now = silent & (asking.recent != NONE)
    weights = found.weights[answered]
    weights = weights[~np.isnan(weights)]
    few = too_few(held, asked.at_least) if held < asked.at_least else None
    why = few or (None if p <= asked.q else _CHANCE)
    return Row(
        cells={
            "about": variable.key,
            "name": variable.names[number],
            "share": float(variable.shares[number]),
            "answers": int(np.count_nonzero(answered)) / max(found.answers, 1),
            "speak": share(spoke, held),
            "silent": held - spoke,
            "askable": int(np.count_nonzero(silent)),
            "now": int(np.count_nonzero(now)),
            "weight": float(weights.mean()) if len(weights) else None,
            "p": None if np.isnan(p) else p,
        },
        customers=held,
        grey=why is not None,
        why=why,
        examples=examples(facts, asking.recent[now]),
    )


def _speaking(row: Row) -> float:
    found = row.cells["speak"]
    return found.value if isinstance(found, Estimate) else 2.0


def _moments(found: Moments, at_least: int) -> list[Row]:
    rows = []
    for number, (kind, touchpoint) in enumerate(found.names):
        customers = int(found.customers[number])
        few = customers < at_least
        rows.append(
            Row(
                cells={
                    "about": _MOMENT,
                    "name": kind if touchpoint is None else f"{kind} · {touchpoint}",
                    "speak": found.spoke.estimate(number),
                },
                customers=customers,
                grey=few,
                why=too_few(customers, at_least) if few else None,
            )
        )
    return sorted(rows, key=lambda row: (row.grey, -_speaking(row)))


INSIGHT = Insight(
    name="coverage",
    title=_TITLE,
    parameters=CoverageParameters,
    compute=compute,
    attributes=(CONSENT,),
)

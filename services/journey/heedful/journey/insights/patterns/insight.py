"""Patterns: lift of C after A and B, against B without A."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from pydantic import Field

from heedful.journey.insights.examples import called
from heedful.journey.insights.facts import NONE, Facts, Floats, Ints
from heedful.journey.insights.followup import followed
from heedful.journey.insights.insight import Insight, Parameters
from heedful.journey.insights.patterns.moments import Order
from heedful.journey.insights.patterns.steps import Step, steps
from heedful.journey.insights.patterns.testing import Asked, Span, Tested, tested
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
from heedful.journey.insights.segments import ATTRIBUTES, segments
from heedful.journey.insights.selecting import only, selected
from heedful.journey.insights.statistics.discovery import adjusted
from heedful.journey.insights.statistics.mantel_haenszel import ratio
from heedful.journey.insights.statistics.proportions import share
from heedful.journey.spoken import Tone

FALSE_SHARE: Final = 0.05


class PatternParameters(Parameters):
    touchpoint: str | None = Field(
        default=None, description="Only patterns with a step at this touchpoint."
    )
    look_back_days: float = Field(
        default=60, gt=0, le=365, description="How long before B an A counts."
    )
    follow_days: float = Field(
        default=60, gt=0, le=365, description="For how long after B customers are followed."
    )
    tone: Tone = Field(default=Tone.ALL, description="Which feedback makes steps.")
    said: int = Field(default=20, ge=0, le=30, description="At most so many steps of feedback.")
    happened: int = Field(
        default=0,
        ge=0,
        le=30,
        description="At most so many steps of interactions, as A or B.",
    )
    least: int = Field(default=20, ge=5, description="Customers with A and B that are needed.")
    rows: int = Field(default=50, ge=1, le=1000, description="At most so many rows.")


TITLE: Final = Label(zh="触点链路 A→B→C", en="Patterns A→B→C")
MEANING: Final = Label(
    zh=(
        "提升：首次发生 B 且此前有过 A 的客户，在相同跟踪期内出现 C 的比例，是同一季度、分群、"
        "在网时长、同等活跃度而没有 A 的客户的几倍。这是关联，不是因果。"
    ),
    en=(
        "Lift: how many times as often C follows within the same span for customers with A before "
        "their first B, compared with customers at their first B without A, in the same quarter, "
        "segment and tenure, and as active before. An association, not a cause."
    ),
)
COLUMNS: Final = columns(
    ("first", "先（A）", "First (A)", Unit.TEXT),
    ("then", "再（B）", "Then (B)", Unit.TEXT),
    ("outcome", "后（C）", "Outcome (C)", Unit.TEXT),
    ("lift", "提升", "Lift", Unit.RATIO),
    ("after", "有 A 时出现 C", "C after A and B", Unit.SHARE),
    ("otherwise", "无 A 时出现 C", "C after B without A", Unit.SHARE),
    ("compared", "可比客户", "Compared with", Unit.COUNT),
    ("p", "p 值", "p-value", Unit.PROBABILITY),
    ("q", "校正后 p 值", "Adjusted p-value", Unit.PROBABILITY),
)


def compute(facts: Facts, parameters: PatternParameters) -> Report:
    """All patterns of the most frequent steps; significant ones first, largest lift first."""
    own = selected(facts, Parameters(segment=parameters.segment))
    own = only(own, own.customer != NONE)
    span = Span(parameters.look_back_days, parameters.follow_days)
    found = steps(own, parameters.tone, parameters.said, parameters.happened)
    asked = Asked(own, Order.of(own), found, parameters.tone, segments(own), span, parameters.least)
    results = tested(asked)
    wanted = _wanted(found, results, parameters.touchpoint)
    q = np.full(len(results.p), np.nan)
    q[wanted] = adjusted(results.p[wanted])
    ranked = _ranked(results, q, wanted)
    rows = [
        _row(asked, results, int(number), float(q[number])) for number in ranked[: parameters.rows]
    ]
    p = results.p[wanted]
    return Report(
        name=INSIGHT.name,
        title=TITLE,
        meaning=MEANING,
        customers=followed(own).customers,
        events=len(own),
        state=State.OK if rows else State.TOO_FEW,
        figures={
            "tested": int((~np.isnan(p)).sum()),
            "significant": int((q[wanted] <= FALSE_SHARE).sum()),
            "not_testable": int(np.isnan(p).sum()),
            "shown": len(rows),
        },
        columns=COLUMNS,
        rows=rows,
        notes=[] if rows else [_nothing(parameters)],
    )


def _wanted(found: Sequence[Step], results: Tested, touchpoint: str | None) -> Ints:
    """Numbers of the patterns that touch the touchpoint."""
    here = np.array([one.touchpoint == touchpoint for one in found] or [False])
    if touchpoint is None:
        return np.arange(len(results.p), dtype=np.int32)
    touched = here[results.first] | here[results.then] | here[results.outcome]
    return np.flatnonzero(touched).astype(np.int32)


def _ranked(results: Tested, q: Floats, wanted: Ints) -> Ints:
    """Significant ones by lift, then the others by p-value; those without a test come last."""
    significant = q[wanted] <= FALSE_SHARE
    key = np.where(significant, -results.ratio[wanted], results.p[wanted])
    order = np.lexsort((key, ~significant))
    ranked: Ints = wanted[order]
    return ranked


def _row(asked: Asked, results: Tested, number: int, q: float) -> Row:
    first, then, outcome = (
        asked.steps[int(of[number])] for of in (results.first, results.then, results.outcome)
    )
    sure = not np.isnan(results.p[number])
    why = None if sure and q <= FALSE_SHARE else _why(sure, q)
    customers = int(results.exposed[number])
    cells: dict[str, Cell] = {
        "first": first.name,
        "then": then.name,
        "outcome": outcome.name,
        "lift": ratio(float(results.ratio[number]), float(results.log_error[number])),
        "after": share(round(float(results.risk[number]) * customers), customers),
        "otherwise": float(results.otherwise[number]),
        "compared": int(results.others[number]),
        "p": float(results.p[number]) if sure else None,
        "q": q if sure else None,
    }
    return Row(
        cells=cells,
        customers=customers,
        grey=why is not None,
        why=why,
        examples=_examples(asked.facts, results.examples[number]),
    )


def _why(sure: bool, q: float) -> Label:
    if not sure:
        return Label(zh="预期次数太少，无法检验", en="too few cases are expected for a test")
    return Label(zh=f"不显著（校正后 p = {q:.2g}）", en=f"not significant (adjusted p = {q:.2g})")


def _examples(facts: Facts, found: Ints) -> list[Example]:
    """Customers to whom all three happened, with these events.

    Args:
        found: (`MOST`, 3): events; -1 where there are fewer.
    """
    return [
        Example(
            customer_id=str(facts.customers[facts.customer[events[0]]]),
            events=[called(facts, event) for event in events],
        )
        for events in found[found[:, 0] >= 0].tolist()
    ]


def _nothing(parameters: PatternParameters) -> Label:
    least = too_few(0, parameters.least)
    return Label(
        zh=f"没有一条链路的客户足够：{least.zh}",
        en=f"no pattern has enough customers: {least.en}",
    )


INSIGHT: Final = Insight(
    name="patterns",
    title=TITLE,
    parameters=PatternParameters,
    compute=compute,
    attributes=ATTRIBUTES,
)

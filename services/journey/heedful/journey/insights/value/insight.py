"""Customer value: what customers are expected to bring, and what is at risk by topic."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

import numpy as np
from pydantic import Field

from heedful.journey.insights.complaints import complaints
from heedful.journey.insights.distinct import distinct
from heedful.journey.insights.examples import MOST, called
from heedful.journey.insights.facts import NONE, Facts, Flags, Floats, Ints
from heedful.journey.insights.followup import FollowUp, followed
from heedful.journey.insights.insight import Insight, Parameters
from heedful.journey.insights.leavers import Leavers, contracts, leavers
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
from heedful.journey.insights.selecting import selected
from heedful.journey.insights.statistics.discovery import adjusted
from heedful.journey.insights.statistics.resampling import dealt, drawn, interval
from heedful.journey.insights.value import watched
from heedful.journey.insights.value.at_risk import TENURES, AtRisk, at_risk, complained
from heedful.journey.insights.value.worth import Worth, worth

FEWEST: Final = 50
"""Customers with any expected value: below this nothing is said."""
LEAST: Final = 20
EXPECTED: Final = 5.0
FALSE_SHARE: Final = 0.05


class Setting(StrEnum):
    AUTO = "auto"
    CONTRACT = "contract"
    NO_CONTRACT = "no_contract"


class ValueParameters(Parameters):
    touchpoint: str | None = Field(default=None, description="Only complaints at this touchpoint.")
    setting: Setting = Field(
        default=Setting.AUTO,
        description="Whether customers have contracts; auto: those of plans with departures.",
    )
    complaint_days: float = Field(
        default=30, gt=0, le=365, description="How long ago a complaint may be."
    )
    horizon_days: float = Field(
        default=90,
        gt=0,
        le=365,
        description="Who has no contract and buys nothing for so long has left.",
    )


TITLE: Final = Label(zh="客户价值与风险价值", en="Customer value and value at risk")
MEANING: Final = Label(
    zh=(
        "风险价值：近期抱怨过该主题的客户未来一年的预期价值，乘以过去同类客户比未抱怨者多流失的"
        "比例（同分群、同在网时长比较；有合约的客户再限同一季度，只计抱怨仍有影响的余下时间）。"
        "这是关联，不是因果：解决该主题不一定留住全部价值。"
    ),
    en=(
        "Value at risk: what customers who complained of a topic lately are expected to bring in "
        "the coming year, times how much more often such customers left in the past than those who "
        "had not complained (same segment and tenure; with contracts also the same quarter, and "
        "for the time that is left of the days for which a complaint counts). An association, not "
        "a cause: to solve the topic need not keep all of it."
    ),
)
COLUMNS: Final = columns(
    ("topic", "主题", "Topic", Unit.TEXT),
    ("setting", "客户", "Customers", Unit.TEXT),
    ("value_at_risk", "风险价值", "Value at risk", Unit.MONEY),
    ("value", "抱怨客户的预期价值", "Expected value of who complained", Unit.MONEY),
    ("excess", "多流失的比例", "Leave more often by", Unit.SHARE),
    ("left", "抱怨后流失", "Left after complaining", Unit.SHARE),
    ("otherwise", "未抱怨时流失", "Left otherwise", Unit.SHARE),
    ("p", "p 值", "p-value", Unit.PROBABILITY),
    ("q", "校正后 p 值", "Adjusted p-value", Unit.PROBABILITY),
)


def compute(facts: Facts, parameters: ValueParameters) -> Report:
    """Expected value of customers of the segment; a row a topic, largest value at risk first."""
    own = selected(facts, Parameters(segment=parameters.segment))
    follow = followed(own)
    contract = _contracts(own, follow, parameters.setting)
    value = worth(own, follow, contract)
    valued = int((value.expected > 0).sum())
    if valued < FEWEST:
        return _report(own, {}, [], [too_few(valued, FEWEST)])
    within = np.ones(len(own), dtype=np.bool_)
    if parameters.touchpoint is not None:
        within = own.touchpoint.having(parameters.touchpoint)
    back = parameters.complaint_days
    risks = {
        Setting.CONTRACT: watched.at_risk(own, follow, contract, within, back, value.expected),
        Setting.NO_CONTRACT: _unwatched(own, follow, ~contract, within, value, parameters),
    }
    rows = _rows(own, risks)
    for setting, topic, row in rows:
        whose = contract if setting is Setting.CONTRACT else ~contract
        since = own.until - back
        row.examples.extend(_examples(own, value.expected * whose, within, topic, since))
    ordered = sorted((row for *_, row in rows), key=lambda row: (row.grey, -_money(row)))
    return _report(own, _figures(value, valued), ordered, [])


def _unwatched(
    facts: Facts,
    follow: FollowUp,
    who: Flags,
    within: Flags,
    value: Worth,
    parameters: ValueParameters,
) -> AtRisk:
    """Customers without contracts, as of the newest moment with all of the horizon after it."""
    moment, back = facts.until - parameters.horizon_days, parameters.complaint_days
    past = leavers(facts, follow, ~who, moment, parameters.horizon_days)
    return at_risk(
        then=complained(facts, moment - back, moment, within),
        now=complained(facts, facts.until - back, facts.until, within),
        past=Leavers(past.at_risk & who, past.left & who),
        stratum=_strata(facts, follow, moment),
        expected=value.expected * who,
    )


def _contracts(facts: Facts, follow: FollowUp, setting: Setting) -> Flags:
    if setting is Setting.AUTO:
        return contracts(facts, follow)
    return np.full(len(facts.customers), setting is Setting.CONTRACT)


def _strata(facts: Facts, follow: FollowUp, moment: float) -> Ints:
    """Segment and tenure at the moment of the past."""
    tenure = np.nan_to_num(moment - follow.entry)
    place = np.searchsorted(TENURES, tenure, side="right")
    _, number = np.unique(segments(facts) * (len(TENURES) + 1) + place, return_inverse=True)
    found: Ints = number.astype(np.int32)
    return found


def _rows(facts: Facts, risks: Mapping[Setting, AtRisk]) -> list[tuple[Setting, int, Row]]:
    """Topics that any customer of value complained of lately, by setting and their number; all
    tests are adjusted together."""
    p = {setting: _tested(risk) for setting, risk in risks.items()}
    q = np.split(adjusted(np.concatenate(list(p.values()))), len(risks))
    return [
        (setting, int(topic), _row(facts, setting, risk, int(topic), p[setting], of_setting))
        for (setting, risk), of_setting in zip(risks.items(), q, strict=True)
        for topic in np.flatnonzero(risk.now > 0)
    ]


def _tested(risk: AtRisk) -> Floats:
    """p-values; NaN where there is no test."""
    past = risk.association
    sure = (past.exposed >= LEAST) & (past.expected >= EXPECTED) & (risk.now > 0)
    found: Floats = np.where(sure, past.p, np.nan)
    return found


def _row(facts: Facts, setting: Setting, risk: AtRisk, topic: int, p: Floats, q: Floats) -> Row:
    past, tested = risk.association, not np.isnan(p[topic])
    why = _why(tested, int(np.nan_to_num(past.exposed[topic])), float(q[topic]))
    cells: dict[str, Cell] = {
        "topic": facts.topics.names[topic],
        "setting": setting.value,
        "value_at_risk": risk.value[topic] if tested else None,
        "value": float(risk.worth[topic]),
        "excess": risk.excess[topic] if tested else None,
        "left": float(past.risk[topic]) if tested else None,
        "otherwise": float(past.otherwise[topic]) if tested else None,
        "p": float(p[topic]) if tested else None,
        "q": float(q[topic]) if tested else None,
    }
    return Row(cells=cells, customers=int(risk.now[topic]), grey=why is not None, why=why)


def _why(tested: bool, exposed: int, q: float) -> Label | None:
    if not tested and exposed < LEAST:
        return too_few(exposed, LEAST, ("位此前抱怨过的客户", "customers who had complained"))
    if not tested:
        return Label(zh="预期流失太少，无法检验", en="too few departures are expected for a test")
    if q > FALSE_SHARE:
        return Label(
            zh=f"与未抱怨者无显著差别（校正后 p = {q:.2g}）",
            en=f"no significant difference from who did not complain (adjusted p = {q:.2g})",
        )
    return None


def _examples(
    facts: Facts, expected: Floats, within: Flags, topic: int, since: float
) -> list[Example]:
    """Those of most value who complained of it lately, with these complaints."""
    of_topic = facts.topics.events[facts.topics.codes == topic]
    events = of_topic[(complaints(facts) & within & (facts.at >= since))[of_topic]]
    events = events[facts.customer[events] != NONE]
    who = distinct(facts.customer[events])
    best = who[np.argsort(-expected[who], kind="stable")][:MOST]
    return [
        Example(
            customer_id=str(facts.customers[one]),
            events=[called(facts, int(event)) for event in events[facts.customer[events] == one]],
        )
        for one in best
        if expected[one] > 0
    ]


def _money(row: Row) -> float:
    at_stake = row.cells["value_at_risk"]
    return 0.0 if at_stake is None or isinstance(at_stake, (str, int, float)) else at_stake.value


def _figures(value: Worth, valued: int) -> dict[str, Cell]:
    """The total with its bootstrap interval over customers, and the models' parameters."""
    block, blocks = dealt(np.arange(len(value.expected), dtype=np.int32))
    sums = np.bincount(block, value.expected, minlength=blocks)
    total = interval(float(value.expected.sum()), drawn(blocks) @ sums)
    return {"expected_value": total, "customers_of_value": valued, **value.figures}


def _report(facts: Facts, figures: dict[str, Cell], rows: list[Row], notes: list[Label]) -> Report:
    return Report(
        name=INSIGHT.name,
        title=TITLE,
        meaning=MEANING,
        customers=followed(facts).customers,
        events=len(facts),
        state=State.OK if figures else State.TOO_FEW,
        figures=figures,
        columns=COLUMNS,
        rows=rows,
        notes=notes,
    )


INSIGHT: Final = Insight(
    name="customer-value",
    title=TITLE,
    parameters=ValueParameters,
    compute=compute,
    attributes=ATTRIBUTES,
)

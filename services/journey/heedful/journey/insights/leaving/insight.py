"""Satisfied but leaving: whom to look after now, and how often such flags were right."""

from datetime import UTC, datetime
from typing import Final

import numpy as np
from pydantic import Field

from heedful.journey.insights.examples import MOST, called
from heedful.journey.insights.facts import NONE, Facts, Flags, Ints
from heedful.journey.insights.followup import followed
from heedful.journey.insights.insight import Insight, Parameters
from heedful.journey.insights.leavers import contracts, leavers
from heedful.journey.insights.leaving.backtest import ANY, Looked, Right, looked, moments, right
from heedful.journey.insights.leaving.flags import (
    Flagged,
    Rule,
    Sign,
    flagged,
    last,
    scores,
    waits,
    words,
)
from heedful.journey.insights.leaving.gap import gap
from heedful.journey.insights.purchases import came
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
from heedful.journey.insights.segments import ATTRIBUTES
from heedful.journey.insights.selecting import selected
from heedful.journey.insights.statistics.discovery import adjusted
from heedful.journey.insights.statistics.proportions import difference, share

LEAST: Final = 20
FALSE_SHARE: Final = 0.05


class LeavingParameters(Parameters):
    touchpoint: str | None = Field(
        default=None, description="Only scores that were given at this touchpoint."
    )
    satisfied: float = Field(
        default=0.75,
        ge=0,
        le=1,
        description="From which score on (0 to 1) they are satisfied.",
    )
    recent_days: float = Field(
        default=60, gt=0, le=365, description="For how long a sign of leaving counts."
    )
    horizon_days: float = Field(
        default=60, gt=0, le=365, description="Within which those who were flagged leave, or not."
    )
    alive: float = Field(
        default=0.5,
        gt=0,
        lt=1,
        description="Below this probability of being still there, activity has fallen.",
    )
    waiting_topic: str = Field(default="waiting", description="The topic of waiting.")
    cutoffs: int = Field(default=4, ge=1, le=12, description="At most so many past moments.")


TITLE: Final = Label(zh="满意却在离开", en="Satisfied but leaving")
MEANING: Final = Label(
    zh=(
        "最近一次评分满意、却有流失迹象（负面言辞、活跃下降、等待之痛）的客户。命中率按过去若干时点"
        "回测：只用当时已知的信息标记，再看跟踪期内谁走了；与同一时点、同分群、同在网时长的"
        "其余满意客户比较。"
    ),
    en=(
        "Customers whose last score is satisfied and who show signs of leaving: words that blame, "
        "activity that falls, waiting. Precision is backtested: flags of past moments, from what "
        "was known then alone, against who left within the horizon, beside the other satisfied "
        "of the same moment, segment and tenure."
    ),
)
COLUMNS: Final = columns(
    ("sign", "迹象", "Sign", Unit.TEXT),
    ("moment", "时点", "As of", Unit.TIME),
    ("flagged_now", "当前标记", "Flagged now", Unit.COUNT),
    ("precision", "命中率", "Precision", Unit.SHARE),
    ("base", "满意客户的流失率", "Left of all satisfied", Unit.SHARE),
    ("difference", "比未标记者多流失", "More than the unflagged", Unit.SHARE),
    ("recall", "满意却流失者中被标记", "Of the satisfied who left, flagged", Unit.SHARE),
    ("p", "p 值", "p-value", Unit.PROBABILITY),
    ("q", "校正后 p 值", "Adjusted p-value", Unit.PROBABILITY),
)


def compute(facts: Facts, parameters: LeavingParameters) -> Report:
    """A row for any sign and for each, over all moments; then one a moment."""
    own = selected(facts, Parameters(segment=parameters.segment))
    rule = Rule(
        satisfied=parameters.satisfied,
        recent=parameters.recent_days,
        alive=parameters.alive,
        waiting=parameters.waiting_topic,
    )
    given = scores(own, parameters.touchpoint)
    follow = followed(own)
    horizon = parameters.horizon_days
    past = [
        looked(own, given, at, horizon, rule)
        for at in moments(own, rule, horizon, parameters.cutoffs)
    ]
    satisfied = len({int(who) for one in past for who in one.customer})
    if satisfied < LEAST:
        of = ("位满意客户可回测", "satisfied customers to look back on")
        return _report(own, {}, [], [too_few(satisfied, LEAST, of)])
    today = flagged(own, given, own.until, rule)
    there = leavers(own, follow, contracts(own, follow), own.until, horizon).at_risk
    found = right(past)
    qs = adjusted([one.p for one in found.compared])
    rows = [
        _row(own, given, rule, today, there, found, number, float(q)) for number, q in enumerate(qs)
    ]
    rows += [_at(one) for one in past]
    return _report(own, _figures(own, given, rule, horizon, found, past), rows, [])


def _row(
    facts: Facts,
    given: Flags,
    rule: Rule,
    today: Flagged,
    there: Flags,
    found: Right,
    number: int,
    q: float,
) -> Row:
    """How often one kind of flag was right, over all moments, and who has it now."""
    name = found.names[number]
    now = there & (today.flagged if name == ANY else today.satisfied & today.signs[Sign(name)])
    p = found.compared[number].p
    customers = found.customers[number]
    why = _why(customers, p, q)
    cells: dict[str, Cell] = {
        "sign": name,
        "moment": None,
        "flagged_now": int(now.sum()),
        "precision": found.precision.estimate(number),
        "base": found.base.estimate(0),
        "difference": found.compared[number].difference,
        "recall": share(found.found[number], found.left),
        "p": None if np.isnan(p) else p,
        "q": None if np.isnan(q) else q,
    }
    return Row(
        cells=cells,
        customers=customers,
        grey=why is not None,
        why=why,
        examples=_examples(facts, given, rule, today, np.flatnonzero(now)[:MOST].astype(np.int32)),
    )


def _why(customers: int, p: float, q: float) -> Label | None:
    if customers < LEAST:
        return too_few(customers, LEAST)
    if np.isnan(p):
        return Label(zh="预期流失太少，无法检验", en="too few departures are expected for a test")
    if q > FALSE_SHARE:
        return Label(
            zh=f"与其余满意客户无显著差别（校正后 p = {q:.2g}）",
            en=f"no significant difference from the other satisfied (adjusted p = {q:.2g})",
        )
    return None


def _at(one: Looked) -> Row:
    """Any sign, at one moment."""
    shown = one.signs[ANY]
    flags, right_ones = int(shown.sum()), int((shown & one.left).sum())
    left = int(one.left.sum())
    day = datetime.fromtimestamp(one.moment * 86_400, UTC)
    cells: dict[str, Cell] = {
        "sign": ANY,
        "moment": day.isoformat(),
        "flagged_now": None,
        "precision": share(right_ones, flags),
        "base": share(left, len(one.left)),
        "difference": difference(right_ones, flags, left - right_ones, len(one.left) - flags),
        "recall": share(right_ones, left),
    }
    why = too_few(flags, LEAST) if flags < LEAST else None
    return Row(cells=cells, customers=flags, grey=why is not None, why=why)


def _figures(
    facts: Facts, given: Flags, rule: Rule, horizon: float, found: Right, past: list[Looked]
) -> dict[str, Cell]:
    loyalty = gap(facts, given, rule.satisfied, horizon)
    told: dict[str, Cell] = {
        "moments": len(past),
        "satisfied_of_leavers": share(found.left, sum(one.leavers for one in past)),
    }
    if loyalty is not None:
        told |= {
            "gap_customers": loyalty.customers,
            "satisfied": loyalty.satisfied,
            "came_back": loyalty.back,
            "came_back_of_satisfied": loyalty.satisfied_back,
            "satisfaction_loyalty_gap": loyalty.gap,
        }
    return told


def _examples(facts: Facts, given: Flags, rule: Rule, today: Flagged, who: Ints) -> list[Example]:
    """Their last score, and the last event of each sign that they show."""
    recent = (facts.customer != NONE) & (facts.at >= facts.until - rule.recent)
    contacts = facts.interaction.having("contact")
    events = {
        Sign.WORDS: recent & words(facts),
        Sign.ACTIVITY: came(facts),
        Sign.WAITING: recent & (waits(facts, rule.waiting) | contacts),
    }
    newest = {sign: last(facts, some) for sign, some in events.items()}
    scored = last(facts, given)
    found = []
    for one in who:
        own = {int(scored[one])}
        own |= {int(of[one]) for sign, of in newest.items() if today.signs[sign][one]}
        told = [called(facts, event) for event in sorted(own - {NONE})]
        found.append(Example(customer_id=str(facts.customers[one]), events=told))
    return found


def _report(facts: Facts, figures: dict[str, Cell], rows: list[Row], notes: list[Label]) -> Report:
    return Report(
        name=INSIGHT.name,
        title=TITLE,
        meaning=MEANING,
        customers=followed(facts).customers,
        events=len(facts),
        state=State.OK if rows else State.TOO_FEW,
        figures=figures,
        columns=COLUMNS,
        rows=rows,
        notes=notes,
    )


INSIGHT: Final = Insight(
    name="satisfied-but-leaving",
    title=TITLE,
    parameters=LeavingParameters,
    compute=compute,
    attributes=ATTRIBUTES,
)

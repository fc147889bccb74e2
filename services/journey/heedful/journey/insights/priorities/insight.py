"""What is at stake for customers against what the team is able to do, and what was decided."""

import numpy as np
from pydantic import Field

from heedful.journey.insights.complaints import complaints
from heedful.journey.insights.distinct import distinct
from heedful.journey.insights.examples import examples
from heedful.journey.insights.facts import Facts
from heedful.journey.insights.insight import Insight, Parameters
from heedful.journey.insights.priorities.entries import Entry
from heedful.journey.insights.priorities.stakes import Stakes, stakes
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

_TITLE = Label(zh="优先级矩阵", en="Priority matrix")
_MEANING = Label(
    zh="横轴：抱怨该主题的客户占全部消费的份额（关联，不是因果）；纵轴：团队自评的解决能力；"
    "以及团队的决定，包括“不做”",
    en="Across: the share of spending of customers who complain of a topic (association, not "
    "cause). Up: how able the team says it is. And what it decided, won't-do included",
)
_COLUMNS = columns(
    ("topic", "主题", "Topic", Unit.TEXT),
    ("quadrant", "象限", "Quadrant", Unit.TEXT),
    ("value", "客户价值份额", "Share of customers' spending", Unit.SHARE),
    ("money", "涉及消费额", "Their spending", Unit.MONEY),
    ("ability", "企业能力（1–5）", "Ability (1 to 5)", Unit.COUNT),
    ("decision", "决定", "Decision", Unit.TEXT),
    ("reason", "理由", "Reason", Unit.TEXT),
    ("decided_by", "决定人", "Decided by", Unit.TEXT),
    ("decided_at", "决定时间", "Decided", Unit.TIME),
)
_QUADRANTS = {
    (True, True): "do_now",
    (True, False): "build_ability",
    (False, True): "quick_win",
    (False, False): "leave",
}
_NOT_RATED = Label(zh="团队尚未评估能力", en="the team has not rated its ability")
_UNPRICED = Label(
    zh="没有已知金额：以抱怨客户占全部客户的份额代替",
    en="no amounts are known: the share of customers stands in for that of spending",
)


class PrioritiesParameters(Parameters):
    valuable: float | None = Field(
        default=None,
        ge=0,
        le=1,
        description="Share from which on a topic is valuable; default: "
        "the median of the topics shown.",
    )
    able: int = Field(
        default=3, ge=1, le=5, description="Ability from which on the team can do it."
    )
    at_least: int = Field(default=20, ge=1, le=1_000_000, description="Customers who complain.")
    entries: tuple[Entry, ...] = ()


def compute(facts: Facts, asked: PrioritiesParameters) -> Report:
    """A row a topic that is complained of or that the team has entered, the most valuable first."""
    found = stakes(facts)
    number = {name: place for place, name in enumerate(facts.topics.names)}
    entries = {one.topic: one for one in asked.entries}
    topics = {name for name, place in number.items() if found.customers[place]} | entries.keys()
    shares = [found.share[number[one]] for one in topics if one in number]
    valuable = asked.valuable
    if valuable is None:
        valuable = float(np.median(shares)) if shares else 0.0
    rows = [
        _row(facts, found, number.get(one), one, entries.get(one), valuable, asked)
        for one in sorted(topics)
    ]
    return Report(
        name=INSIGHT.name,
        title=_TITLE,
        meaning=_MEANING,
        customers=len(facts.customers),
        events=len(facts),
        state=State.OK if any(not row.grey for row in rows) else State.TOO_FEW,
        figures={"valuable_from": valuable, "able_from": asked.able},
        columns=_COLUMNS,
        rows=sorted(rows, key=lambda row: -_value(row)),
        notes=[] if found.priced else [_UNPRICED],
    )


def _row(
    facts: Facts,
    found: Stakes,
    place: int | None,
    topic: str,
    entry: Entry | None,
    valuable: float,
    asked: PrioritiesParameters,
) -> Row:
    customers = 0 if place is None else int(found.customers[place])
    value = None if place is None else found.estimate(place)
    ability = None if entry is None else entry.ability
    why = too_few(customers, asked.at_least) if customers < asked.at_least else None
    why = why or (_NOT_RATED if ability is None else None)
    quadrant = None
    if value is not None and ability is not None and customers >= asked.at_least:
        quadrant = _QUADRANTS[value.value >= valuable, ability >= asked.able]
    decided = {} if entry is None else entry.model_dump(mode="json", exclude={"topic"})
    return Row(
        cells={
            "topic": topic,
            "quadrant": quadrant,
            "value": value,
            "money": float(found.money[place]) if place is not None and found.priced else None,
            **decided,
        },
        customers=customers,
        grey=why is not None,
        why=why,
        examples=[] if place is None else examples(facts, _complaints(facts, place)),
    )


def _complaints(facts: Facts, topic: int) -> np.ndarray:
    said = distinct(facts.topics.events[facts.topics.codes == topic])
    found: np.ndarray = said[complaints(facts)[said]]
    return found


def _value(row: Row) -> float:
    value = row.cells["value"]
    return value.value if isinstance(value, Estimate) else -1.0


INSIGHT = Insight(
    name="priorities",
    title=_TITLE,
    parameters=PrioritiesParameters,
    compute=compute,
    stored=("entries",),
)

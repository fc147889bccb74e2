"""Insight `perception`: delight (惊喜), disappointment (失望), ease (便捷) and hassle (繁琐) over
time, which say more of an experience than the figures of those who run it."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from pydantic import Field

from heedful.journey.insights.distinct import distinct
from heedful.journey.insights.examples import examples
from heedful.journey.insights.facts import NONE, Coded, Facts, Flags, Floats, Ints
from heedful.journey.insights.insight import Insight, Parameters
from heedful.journey.insights.perception.months import begin, months
from heedful.journey.insights.report import (
    Cell,
    Label,
    Report,
    Row,
    State,
    Unit,
    columns,
    too_few,
)
from heedful.journey.insights.selecting import SEGMENT, newest
from heedful.journey.insights.speakers import customers, speakers
from heedful.journey.insights.statistics.clustered import of_groups, shares
from heedful.journey.insights.statistics.discovery import adjusted
from heedful.journey.insights.statistics.trend import Trends, trends
from heedful.journey.touchpoints import ENOUGH

TITLE = Label(zh="感知变化", en="Perception over time")
LABELS = ("delight", "disappointment", "ease", "hassle")
_MONTH_DAYS = 365.25 / 12
_WORDED = ("条带感知词的反馈", "feedback with one of the four words")


class By(StrEnum):
    """What is told apart."""

    ALL = "all"
    TOUCHPOINT = "touchpoint"
    SEGMENT = "segment"
    BOTH = "both"


class PerceptionParameters(Parameters):
    by: By = Field(
        default=By.TOUCHPOINT,
        description="A series for all, each touchpoint, each segment, or each of both together.",
    )
    least: int = Field(
        default=ENOUGH, ge=1, description="Feedback with one of the words: below, a month is grey."
    )
    q: float = Field(default=0.05, gt=0, lt=1, description="False-discovery rate of trends (BH).")


@dataclass(frozen=True, slots=True, eq=False)
class _Groups:
    """What is told apart: the group of each event, and the touchpoint and segment of each group."""

    group: Ints
    touchpoint: list[str | None]
    segment: list[str | None]

    def __len__(self) -> int:
        return len(self.touchpoint)


@dataclass(frozen=True, slots=True, eq=False)
class _Worded:
    """Feedback that has one of the words: events x (place in facts, group, month, speaker).

    Attributes:
        has: labels x events.
    """

    events: Ints
    group: Ints
    month: Ints
    speaker: Ints
    time: Floats
    has: list[Flags]


def compute(facts: Facts, parameters: PerceptionParameters) -> Report:
    """A row for each label, group and month, in this order."""
    groups = _groups(facts, parameters.by)
    worded, clusters = _worded(facts, groups)
    found = [
        trends(worded.group, worded.speaker, worded.time, has, len(groups), clusters)
        for has in worded.has
    ]
    p = adjusted(np.concatenate([one.p for one in found])).reshape(len(LABELS), len(groups))
    rows = [
        row
        for label in range(len(LABELS))
        for row in _rows(facts, parameters, groups, worded, clusters, label, found[label], p[label])
    ]
    of = np.zeros(len(facts), dtype=bool)
    of[worded.events] = True
    heard = int((facts.voiced & (groups.group != NONE)).sum())
    return Report(
        name=INSIGHT.name,
        title=TITLE,
        meaning=Label(
            zh="在带有四个感知词之一的反馈中，各词每月所占比例；没有感知词的反馈不计入，也不算作零",
            en="Of the feedback that has one of the four words, the share that has each, by month;"
            " feedback without any is left out, and not taken for a zero",
        ),
        customers=customers(facts, of),
        events=len(worded.events),
        state=State.OK if len(worded.events) >= parameters.least else State.TOO_FEW,
        figures={"feedback": heard, "worded": len(worded.events)},
        columns=_COLUMNS,
        rows=rows,
        notes=[Label(zh="月份按 UTC 计", en="Months are those of UTC")],
    )


def _groups(facts: Facts, by: By) -> _Groups:
    where = facts.touchpoint if by in (By.TOUCHPOINT, By.BOTH) else _one(facts)
    who = _segments(facts) if by in (By.SEGMENT, By.BOTH) else _one(facts)
    known = (where.codes != NONE) & (who.codes != NONE)
    width = len(who.names)
    keys = where.codes[known].astype(np.int64) * width + who.codes[known]
    present, place = np.unique(keys, return_inverse=True)
    group = np.full(len(facts), NONE, dtype=np.int32)
    group[known] = place
    return _Groups(
        group,
        [where.names[key // width] or None for key in present],
        [who.names[key % width] or None for key in present],
    )


def _one(facts: Facts) -> Coded:
    return Coded(np.zeros(len(facts), dtype=np.int32), ("",))


def _segments(facts: Facts) -> Coded:
    """Of each event the newest segment of its customer; of nobody, that of the event."""
    told = facts.attribute(SEGMENT)
    theirs = np.append(newest(facts, told), NONE)
    return Coded(
        np.where(facts.customer == NONE, told.codes, theirs[facts.customer]).astype(np.int32),
        told.names,
    )


def _worded(facts: Facts, groups: _Groups) -> tuple[_Worded, int]:
    known = [facts.perceptions.names.index(x) for x in LABELS if x in facts.perceptions.names]
    any_of = np.zeros(len(facts), dtype=bool)
    any_of[facts.perceptions.events[np.isin(facts.perceptions.codes, known)]] = True
    events = np.flatnonzero(any_of & facts.voiced & (groups.group != NONE)).astype(np.int32)
    who, clusters = speakers(facts)
    has = []
    for label in LABELS:
        with_it = np.zeros(len(facts), dtype=bool)
        code = (
            facts.perceptions.names.index(label) if label in facts.perceptions.names else NONE - 1
        )
        with_it[facts.perceptions.events[facts.perceptions.codes == code]] = True
        has.append(with_it[events])
    return (
        _Worded(
            events=events,
            group=groups.group[events],
            month=months(facts.at[events]),
            speaker=who[events],
            time=(facts.at[events] - facts.since) / _MONTH_DAYS,
            has=has,
        ),
        clusters,
    )


def _rows(
    facts: Facts,
    parameters: PerceptionParameters,
    groups: _Groups,
    worded: _Worded,
    clusters: int,
    label: int,
    trend: Trends,
    p: Floats,
) -> list[Row]:
    if not len(worded.events):
        return []
    first = int(worded.month.min())
    width = int(worded.month.max()) - first + 1
    cell = worded.group * width + worded.month - first
    present, place = np.unique(cell, return_inverse=True)
    found = shares(
        of_groups(place.astype(np.int32), worded.speaker, worded.has[label], len(present), clusters)
    )
    order = np.argsort(place, kind="stable")
    ends = np.cumsum(np.bincount(place))
    rows = []
    for at, (start, end) in enumerate(zip([0, *ends[:-1]], ends, strict=True)):
        group, month = divmod(int(present[at]), width)
        mine = order[start:end]
        speakers_of = facts.customer[worded.events[mine]]
        few = int(found.n[at]) < parameters.least
        rows.append(
            Row(
                cells={
                    "label": LABELS[label],
                    "touchpoint": groups.touchpoint[group],
                    "segment": groups.segment[group],
                    "month": begin(first + month),
                    "worded": int(found.n[at]),
                    "share": found.estimate(at),
                    **_trend(trend, group, float(p[group]), parameters.q),
                },
                customers=len(distinct(speakers_of[speakers_of != NONE])),
                grey=few,
                why=too_few(int(found.n[at]), parameters.least, _WORDED) if few else None,
                examples=examples(facts, worded.events[mine[worded.has[label][mine]]][::-1]),
            )
        )
    return rows


def _trend(trend: Trends, group: int, p: float, q: float) -> dict[str, Cell]:
    slope = trend.estimate(group)
    arrow = None
    if slope is not None and p <= q:
        arrow = "up" if slope.value > 0 else "down"
    return {"slope": slope, "p": None if np.isnan(p) else p, "trend": arrow}


_COLUMNS = columns(
    ("label", "感知词", "Word", Unit.TEXT),
    ("touchpoint", "触点", "Touchpoint", Unit.TEXT),
    ("segment", "客群", "Segment", Unit.TEXT),
    ("month", "月份", "Month", Unit.TIME),
    ("worded", "带感知词的反馈", "Feedback with a word", Unit.COUNT),
    ("share", "占比", "Share", Unit.SHARE),
    ("slope", "每月变化", "Change a month", Unit.SHARE),
    ("p", "趋势的校正 p 值", "Adjusted p of the trend", Unit.PROBABILITY),
    ("trend", "趋势", "Trend", Unit.TEXT),
)

INSIGHT = Insight(
    name="perception",
    title=TITLE,
    parameters=PerceptionParameters,
    compute=compute,
    attributes=(SEGMENT,),
)

"""Insight `emerging`: topics whose part of what is said changes, and since when."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
from pydantic import Field

from heedful.journey.insights.emerging.changes import change_p, changes
from heedful.journey.insights.emerging.groups import new_groups, wanted
from heedful.journey.insights.emerging.rates import Rates, rates, ratio
from heedful.journey.insights.emerging.weeks import WEEK, Weeks, weekly
from heedful.journey.insights.examples import examples
from heedful.journey.insights.facts import Facts, Flags, Floats, Ints
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
from heedful.journey.insights.speakers import customers
from heedful.journey.insights.statistics.discovery import adjusted

TITLE = Label(zh="新兴主题与变点", en="Emerging topics and change points")
_MENTIONS = ("条反馈提及", "mentions")
_WEEKS = ("周", "weeks")


class EmergingParameters(Parameters):
    recent_weeks: int = Field(
        default=4, ge=1, le=52, description="The last weeks, held against all weeks before."
    )
    least: int = Field(default=20, ge=1, description="Mentions below which a topic is grey.")
    q: float = Field(default=0.05, gt=0, lt=1, description="False-discovery rate (BH).")


@dataclass(frozen=True, slots=True, eq=False)
class _Found:
    """`p`, `change_p`: adjusted, by topic; NaN where there was too little."""

    rates: Rates
    p: Floats
    change_p: Floats


def compute(facts: Facts, parameters: EmergingParameters) -> Report:
    """A row for each topic: those that grew most first, grey ones last."""
    said = facts.voiced & (facts.at < facts.until)
    weeks = weekly(facts, said)
    needed = max(parameters.recent_weeks + 4, 2 * parameters.recent_weeks)
    if len(weeks) < needed:
        return _report(facts, said, parameters, [], [too_few(len(weeks), needed, _WEEKS)])
    found = _found(weeks, parameters)
    rows = [
        _row(facts, parameters, weeks, found, topic, said)
        for topic in np.flatnonzero(weeks.counts.sum(axis=1)).tolist()
    ]
    figures: dict[str, Cell] = {}
    if facts.texts is not None and len(facts.texts.events):
        groups, compared = new_groups(facts, facts.texts, _recent_since(facts, parameters))
        rows += groups
        figures = {
            "texts_compared": compared.compared,
            "texts_far": compared.far,
            "texts_far_expected": compared.expected,
        }
    return _report(facts, said, parameters, sorted(rows, key=_grown_first), [], figures)


def texts(facts: Facts, parameters: EmergingParameters) -> Ints:
    """The events whose texts are compared."""
    said = facts.voiced & (facts.at < facts.until)
    return wanted(facts, said, _recent_since(facts, parameters))


def _recent_since(facts: Facts, parameters: EmergingParameters) -> float:
    return facts.until - parameters.recent_weeks * WEEK


def _found(weeks: Weeks, parameters: EmergingParameters) -> _Found:
    enough = weeks.counts.sum(axis=1) >= parameters.least
    recent = np.arange(len(weeks)) >= len(weeks) - parameters.recent_weeks
    found = rates(weeks.counts, weeks.totals, recent)
    changed = change_p(np.where(enough[:, None], weeks.counts, 0), weeks.totals)
    # One family: each topic is asked twice.
    p = adjusted(np.concatenate([np.where(enough, found.p, np.nan), changed]))
    return _Found(rates=found, p=p[: len(enough)], change_p=p[len(enough) :])


def _row(
    facts: Facts,
    parameters: EmergingParameters,
    weeks: Weeks,
    found: _Found,
    topic: int,
    said: Flags,
) -> Row:
    mentions = int(weeks.counts[topic].sum())
    mine = facts.topics.events[facts.topics.codes == topic]
    mine = mine[said[mine]]
    of_topic = np.zeros(len(facts), dtype=bool)
    of_topic[mine] = True
    p = float(found.p[topic])
    grows = found.rates.recent[topic] > found.rates.before[topic]
    moved = p <= parameters.q
    cells: dict[str, Cell] = {
        "topic": facts.topics.names[topic],
        "kind": "topic",
        "recent": int(found.rates.counts[topic]),
        "recent_share": float(found.rates.recent[topic]),
        "before_share": float(found.rates.before[topic]),
        "ratio": found.rates.ratio(topic),
        "p": None if np.isnan(p) else p,
        "trend": ("up" if grows else "down") if moved else None,
        "new": bool(found.rates.counts_before[topic] == 0),
        "dispersion": float(found.rates.dispersion[topic]),
        **_change(parameters, weeks, found, topic),
    }
    why = None
    if mentions < parameters.least:
        why = too_few(mentions, parameters.least, _MENTIONS)
    elif not moved and cells["changed_at"] is None:
        why = Label(zh="变化不显著", en="No significant change")
    newest = np.argsort(-facts.at[mine], kind="stable")
    return Row(
        cells=cells,
        customers=customers(facts, of_topic),
        grey=why is not None,
        why=why,
        examples=examples(facts, mine[newest]),
    )


def _change(
    parameters: EmergingParameters, weeks: Weeks, found: _Found, topic: int
) -> dict[str, Cell]:
    """The last change, of a topic whose rate surely changed."""
    p = float(found.change_p[topic])
    cells: dict[str, Cell] = {
        "changes": 0,
        "changed_at": None,
        "change_ratio": None,
        "change_p": None if np.isnan(p) else p,
    }
    there = changes(weeks.counts[topic], weeks.totals) if p <= parameters.q else []
    if not there:
        return cells
    last = there[-1]
    counts, totals = weeks.counts[topic], weeks.totals
    before, after = slice(last.since, last.week), slice(last.week, last.until)
    cells["changes"] = len(there)
    cells["changed_at"] = _time(weeks.begin + last.week * WEEK)
    cells["change_ratio"] = ratio(
        float(counts[after].sum()),
        float(counts[before].sum()),
        float(totals[after].sum() / totals[before].sum()),
        float(found.rates.dispersion[topic]),
    )
    return cells


def _time(days: float) -> str:
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(days=days)).isoformat(timespec="seconds")


def _grown_first(row: Row) -> tuple[bool, float, str]:
    before, recent = row.cells["before_share"], row.cells["recent_share"]
    if isinstance(recent, Estimate):
        before, recent = 0.0, recent.value
    grown = recent - before if isinstance(recent, float) and isinstance(before, float) else 0.0
    return row.grey, -grown, str(row.cells["topic"])


def _report(
    facts: Facts,
    said: Flags,
    parameters: EmergingParameters,
    rows: list[Row],
    notes: list[Label],
    figures: dict[str, Cell] | None = None,
) -> Report:
    return Report(
        name=INSIGHT.name,
        title=TITLE,
        meaning=Label(
            zh="各主题在全部反馈中的占比：最近几周与之前相比是否变化（按总量与过度离散校正），"
            "以及从哪一周起变化；“group”是没有主题能概括、以前也没有人说过的一组近期反馈（探索性，未检验）",
            en="Whether a topic's part of all feedback in the last weeks differs from before"
            " (allowing for totals and overdispersion), and the week since when it does. A `group`"
            " is recent texts that no topic names and nobody said before: explored, not tested",
        ),
        customers=customers(facts, said),
        events=int(said.sum()),
        state=State.TOO_FEW if notes else State.OK,
        figures={"recent_weeks": parameters.recent_weeks, **(figures or {})},
        columns=_COLUMNS,
        rows=rows,
        notes=notes,
    )


_COLUMNS = columns(
    ("topic", "主题", "Topic", Unit.TEXT),
    ("kind", "类别", "Kind", Unit.TEXT),
    ("recent", "近期提及数", "Recent mentions", Unit.COUNT),
    ("recent_share", "近期占比", "Share, recent", Unit.SHARE),
    ("before_share", "此前占比", "Share before", Unit.SHARE),
    ("ratio", "占比之比", "Ratio", Unit.RATIO),
    ("p", "校正 p 值", "Adjusted p", Unit.PROBABILITY),
    ("trend", "趋势", "Trend", Unit.TEXT),
    ("new", "此前无人提及", "Nobody spoke of it before", Unit.TEXT),
    ("dispersion", "离散系数", "Dispersion", Unit.RATIO),
    ("changes", "变点数", "Change points", Unit.COUNT),
    ("changed_at", "最近变点", "Last change", Unit.TIME),
    ("change_ratio", "变点前后之比", "Ratio at the change", Unit.RATIO),
    ("change_p", "变点的校正 p 值", "Adjusted p of a change", Unit.PROBABILITY),
    ("likeness", "组内相似度", "Likeness within the group", Unit.RATIO),
)

INSIGHT = Insight(
    name="emerging",
    title=TITLE,
    parameters=EmergingParameters,
    compute=compute,
    texts=texts,
)

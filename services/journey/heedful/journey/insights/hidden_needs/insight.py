"""Insight `hidden-needs`: what service records are full of and surveys do not ask for."""

from dataclasses import dataclass
from typing import Annotated

import numpy as np
from pydantic import Field

from heedful.journey.insights.examples import examples
from heedful.journey.insights.facts import Facts, Flags, Floats, Ints
from heedful.journey.insights.hidden_needs.ranks import Belief, Ranked, against, ranked
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
from heedful.journey.insights.speakers import customers, speakers
from heedful.journey.insights.statistics.clustered import (
    EXPECTED,
    Compared,
    Counted,
    Shares,
    compared,
    table,
)
from heedful.journey.insights.statistics.discovery import adjusted
from heedful.journey.insights.statistics.distributions import normal_above

TITLE = Label(zh="隐性需求", en="Hidden needs")
_MENTIONS = ("条反馈提及", "mentions")

Share = Annotated[float, Field(gt=0, lt=1)]


class NeedsParameters(Parameters):
    service: tuple[str, ...] = Field(
        default=("call", "chat", "ticket"), description="Channels that are service records."
    )
    surveys: tuple[str, ...] = Field(default=("survey",), description="Channels that ask.")
    blame: bool = Field(default=False, description="Only feedback whose valence is below 0.")
    estimate: dict[str, Share] = Field(
        default={},
        max_length=200,
        description="By topic, what the business believes its share of service records to be.",
    )
    belief: tuple[str, ...] = Field(
        default=(), max_length=200, description="Topics, the one thought most frequent first."
    )
    least: int = Field(default=20, ge=1, description="Mentions below which a topic is grey.")
    q: float = Field(default=0.05, gt=0, lt=1, description="False-discovery rate (BH).")


@dataclass(frozen=True, slots=True, eq=False)
class _Mentions:
    """One entry for each topic of each feedback that counts: which topic, event and speaker."""

    topic: Ints
    event: Ints
    speaker: Ints


@dataclass(frozen=True, slots=True, eq=False)
class _Found:
    """By topic: both sources compared, p-values adjusted, and what was believed."""

    sources: Compared
    p: Floats
    estimate_p: dict[int, float]
    ranks: Ranked
    belief: Belief


def compute(facts: Facts, parameters: NeedsParameters) -> Report:
    """A row for each topic, those that service records hold most above surveys first."""
    said = facts.voiced & (facts.valence < 0) if parameters.blame else facts.voiced
    service = said & _through(facts, parameters.service)
    surveys = said & _through(facts, parameters.surveys)
    mentions = _mentions(facts, said)
    found = _found(facts, parameters, mentions, service, surveys)
    told = np.bincount(mentions.topic, minlength=len(facts.topics.names))
    rows = [
        _row(facts, parameters, topic, mentions, found, service)
        for topic in np.flatnonzero(told).tolist()
    ]
    short = min(int(service.sum()), int(surveys.sum())) < parameters.least
    return Report(
        name=INSIGHT.name,
        title=TITLE,
        meaning=Label(
            zh="各主题在服务记录（电话、工单、聊天）中的占比与在问卷中的占比之差，"
            "以及与内部估计、团队认知排序之差",
            en="How much larger a topic's share is in service records (calls, tickets, chats) than"
            " in surveys, than an internal estimate, and than its rank in what teams believe",
        ),
        customers=customers(facts, said),
        events=int(said.sum()),
        state=State.TOO_FEW if short else State.OK,
        figures={
            "service": int(service.sum()),
            "surveys": int(surveys.sum()),
            "tau": found.belief.tau,
            "tau_p": found.belief.p,
        },
        columns=_COLUMNS,
        rows=sorted(rows, key=_hidden_first),
        notes=_notes(facts, parameters),
    )


def _through(facts: Facts, channels: tuple[str, ...]) -> Flags:
    codes = [facts.channel.code(channel) for channel in channels]
    found: Flags = np.isin(facts.channel.codes, codes)
    return found


def _mentions(facts: Facts, said: Flags) -> _Mentions:
    event = facts.topics.events
    counts = said[event]
    event = event[counts]
    who, _ = speakers(facts)
    return _Mentions(facts.topics.codes[counts], event, who[event])


def _found(
    facts: Facts, parameters: NeedsParameters, mentions: _Mentions, service: Flags, surveys: Flags
) -> _Found:
    names = facts.topics.names
    sources = compared(_counted(facts, mentions, service), _counted(facts, mentions, surveys))
    estimated = [name for name in parameters.estimate if name in names]
    p = [_against(sources.a, names.index(n), parameters.estimate[n]) for n in estimated]
    ranks = ranked(mentions.topic, mentions.speaker, len(names))
    believed = [names.index(name) for name in dict.fromkeys(parameters.belief) if name in names]
    return _Found(
        sources=sources,
        p=adjusted(sources.p),
        estimate_p={names.index(n): float(v) for n, v in zip(estimated, adjusted(p), strict=True)},
        ranks=ranks,
        belief=against(ranks, believed),
    )


def _counted(facts: Facts, mentions: _Mentions, of: Flags) -> Counted:
    who, count = speakers(facts)
    mine = of[mentions.event]
    everything = np.zeros(int(of.sum()), dtype=np.int32)
    return Counted(
        hits=table(mentions.topic[mine], mentions.speaker[mine], len(facts.topics.names), count),
        sizes=table(everything, who[of], 1, count),
    )


def _against(found: Shares, topic: int, estimate: float) -> float:
    """Two-sided p-value of the score test of a share against a fixed one."""
    worth = float(found.worth[topic])
    if worth * min(estimate, 1 - estimate) < EXPECTED:
        return float("nan")
    z = (found.share[topic] - estimate) / np.sqrt(estimate * (1 - estimate) / worth)
    return float(2 * normal_above(abs(z)))


def _row(
    facts: Facts,
    parameters: NeedsParameters,
    topic: int,
    mentions: _Mentions,
    found: _Found,
    service: Flags,
) -> Row:
    name = facts.topics.names[topic]
    mine = mentions.event[mentions.topic == topic]
    of_topic = np.zeros(len(facts), dtype=bool)
    of_topic[mine] = True
    gap = found.sources.difference(topic)
    there = found.sources.a.estimate(topic)
    believed = parameters.estimate.get(name)
    cells: dict[str, Cell] = {
        "topic": name,
        "mentions": len(mine),
        "service": there,
        "surveys": found.sources.b.estimate(topic),
        "gap": gap,
        "p": _known(found.p[topic]),
        "verdict": _verdict(gap, found.p[topic], parameters.q, ("hidden", "asked")),
        "estimate": believed,
        "rank": found.ranks.estimate(topic),
        **_belief(found.belief, topic),
    }
    if believed is not None and there is not None:
        surplus = Estimate(
            value=there.value - believed, low=there.low - believed, high=there.high - believed
        )
        p = found.estimate_p[topic]
        cells["surplus"], cells["estimate_p"] = surplus, _known(p)
        cells["estimated"] = _verdict(surplus, p, parameters.q, ("too_low", "too_high"))
    why = None
    if len(mine) < parameters.least:
        why = too_few(len(mine), parameters.least, _MENTIONS)
    elif cells["verdict"] is None and cells.get("estimated") is None:
        why = Label(zh="差异不显著", en="No significant difference")
    return Row(
        cells=cells,
        customers=customers(facts, of_topic),
        grey=why is not None,
        why=why,
        examples=examples(facts, mine[service[mine]][::-1]),
    )


def _belief(belief: Belief, topic: int) -> dict[str, Cell]:
    if topic not in belief.believed:
        return {}
    place, rank = belief.believed[topic], belief.rank[topic]
    higher = Estimate(value=place - rank.value, low=place - rank.high, high=place - rank.low)
    return {"believed": place, "among_believed": rank, "higher_than_believed": higher}


def _verdict(gap: Estimate | None, p: float, q: float, words: tuple[str, str]) -> str | None:
    if gap is None or not p <= q:
        return None
    return words[0] if gap.value > 0 else words[1]


def _known(p: float) -> float | None:
    return None if np.isnan(p) else float(p)


def _hidden_first(row: Row) -> tuple[bool, float, str]:
    gap = row.cells["gap"]
    return row.grey, -gap.value if isinstance(gap, Estimate) else 0.0, str(row.cells["topic"])


def _notes(facts: Facts, parameters: NeedsParameters) -> list[Label]:
    named = dict.fromkeys([*parameters.estimate, *parameters.belief])
    unknown = [name for name in named if name not in facts.topics.names]
    if not unknown:
        return []
    return [
        Label(
            zh=f"此期间无人提及：{'、'.join(unknown)}",
            en=f"Nobody spoke of these in the period: {', '.join(unknown)}",
        )
    ]


_COLUMNS = columns(
    ("topic", "主题", "Topic", Unit.TEXT),
    ("mentions", "提及数", "Mentions", Unit.COUNT),
    ("service", "服务记录中占比", "Share in service records", Unit.SHARE),
    ("surveys", "问卷中占比", "Share in surveys", Unit.SHARE),
    ("gap", "差距", "Gap", Unit.SHARE),
    ("p", "差距的校正 p 值", "Adjusted p of the gap", Unit.PROBABILITY),
    ("verdict", "结论", "Verdict", Unit.TEXT),
    ("estimate", "内部估计", "Internal estimate", Unit.SHARE),
    ("surplus", "超出估计", "Above the estimate", Unit.SHARE),
    ("estimate_p", "与估计之差的校正 p 值", "Adjusted p of the estimate", Unit.PROBABILITY),
    ("estimated", "估计偏差", "The estimate is", Unit.TEXT),
    ("rank", "频次排名", "Rank by frequency", Unit.SCORE),
    ("believed", "团队认知排名", "Believed place", Unit.COUNT),
    ("among_believed", "在认知清单中的实际排名", "Rank among the believed", Unit.SCORE),
    ("higher_than_believed", "比认知靠前的位数", "Places above belief", Unit.SCORE),
)

INSIGHT = Insight(
    name="hidden-needs",
    title=TITLE,
    parameters=NeedsParameters,
    compute=compute,
)

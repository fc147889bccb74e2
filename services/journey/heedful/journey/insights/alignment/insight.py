"""Whether colleagues agree on what matters most to customers, and how far that is from what
customers say."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

import numpy as np
from pydantic import Field

from heedful.journey.insights.alignment.answers import MOST_TOPICS, Answer
from heedful.journey.insights.alignment.measured import Measured, measured
from heedful.journey.insights.facts import Facts
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
from heedful.journey.insights.statistics.concordance import concordance, ranked

ALL_ROLES = "*"

_TITLE = Label(zh="认知对齐", en="Alignment check")
_MEANING = Label(
    zh="同事们认为客户最在意什么：彼此是否一致（Kendall W），"
    "与客户实际最常提到的相距多远（0 相同，1 最远）",
    en="What colleagues think matters most to customers: whether they agree (Kendall's W), and how "
    "far that is from what most customers speak of (0 the same, 1 as far as can be)",
)
_COLUMNS = columns(
    ("quarter", "季度", "Quarter", Unit.TIME),
    ("role", "角色", "Role", Unit.TEXT),
    ("people", "回答人数", "Colleagues", Unit.COUNT),
    ("w", "Kendall W", "Kendall's W", Unit.RATIO),
    ("p", "p 值", "p-value", Unit.PROBABILITY),
    ("distance", "与实测的距离", "Distance to the measured list", Unit.RATIO),
    ("change", "较上一季度", "Change from the quarter before", Unit.RATIO),
    ("shared", "与实测相同的主题数", "Topics shared with it", Unit.COUNT),
    ("believed", "同事的排序", "Their list", Unit.TEXT),
    ("measured", "实测排序", "Measured list", Unit.TEXT),
)
_NOTES = [
    Label(
        zh="未列出的主题并列靠后；W 的 p 值来自置换检验；"
        "距离为 top-k Kendall 距离（Fagin 等 2003），区间为 95 %",
        en="Topics that nobody named share the last ranks; the p-value of W is of a permutation "
        "test; the distance is Kendall's for top-k lists (Fagin et al. 2003); intervals: 95 %",
    )
]
_NOTHING_SAID = Label(zh="该季度没有客户提及任何主题", en="no customer spoke of any topic then")


class AlignmentParameters(Parameters):
    top: int = Field(default=5, ge=1, le=MOST_TOPICS, description="Length of the measured list.")
    at_least: int = Field(
        default=3, ge=2, le=1000, description="Colleagues of a role; with fewer its row is grey."
    )
    answers: tuple[Answer, ...] = ()


def compute(facts: Facts, asked: AlignmentParameters) -> Report:
    """A row a quarter and role, the newest quarter and all roles together first."""
    names = sorted({*facts.topics.names, *(one for a in asked.answers for one in a.topics)})
    number = {name: place for place, name in enumerate(names)}
    rows: list[Row] = []
    before: dict[str, float] = {}
    for quarter, answers in sorted(_by_quarter(asked.answers).items()):
        found = _renumbered(measured(facts, quarter, asked.top), facts.topics.names, number)
        things = sorted({*found.first, *(number[one] for a in answers for one in a.topics)})
        of_quarter = [
            _row(quarter, role, theirs, found, things, names, before.get(role), asked)
            for role, theirs in _by_role(answers).items()
        ]
        before = {
            str(row.cells["role"]): away for row in of_quarter if (away := _away(row)) is not None
        }
        rows = [*of_quarter, *rows]
    enough = any(not row.grey for row in rows)
    return Report(
        name=INSIGHT.name,
        title=_TITLE,
        meaning=_MEANING,
        customers=max((row.customers for row in rows), default=0),
        events=len(asked.answers),
        state=State.OK if enough else State.TOO_FEW,
        columns=_COLUMNS,
        rows=rows,
        notes=_NOTES,
    )


def _by_quarter(answers: Sequence[Answer]) -> Mapping[str, list[Answer]]:
    found: dict[str, list[Answer]] = defaultdict(list)
    for one in answers:
        found[one.quarter].append(one)
    return found


def _by_role(answers: Sequence[Answer]) -> Mapping[str, list[Answer]]:
    found: dict[str, list[Answer]] = {ALL_ROLES: list(answers)}
    for one in sorted(answers, key=lambda answer: answer.role):
        found.setdefault(one.role, []).append(one)
    return found


def _renumbered(found: Measured, names: Sequence[str], number: Mapping[str, int]) -> Measured:
    """By the numbers of all names, those that only colleagues named included."""
    counts = np.zeros(len(number), dtype=np.int32)
    counts[[number[name] for name in names]] = found.counts
    return Measured(counts, found.customers, found.top)


def _row(
    quarter: str,
    role: str,
    answers: Sequence[Answer],
    found: Measured,
    things: Sequence[int],
    names: Sequence[str],
    before: float | None,
    asked: AlignmentParameters,
) -> Row:
    place = {names[thing]: at for at, thing in enumerate(things)}
    ranks = ranked([[place[one] for one in answer.topics] for answer in answers], len(things))
    agreed = concordance(ranks)
    named = {at for answer in answers for at in (place[one] for one in answer.topics)}
    order = np.argsort(ranks.mean(axis=0), kind="stable")
    believed = [things[at] for at in order if at in named][: asked.top]
    away = found.away(believed)
    few = too_few(len(answers), asked.at_least, ("位同事", "colleagues"))
    why = few if len(answers) < asked.at_least else _NOTHING_SAID if away is None else None
    return Row(
        cells={
            "quarter": quarter,
            "role": role,
            "people": len(answers),
            "w": None if agreed is None else agreed.w,
            "p": None if agreed is None else agreed.p,
            "distance": away,
            "change": None if away is None or before is None else away.value - before,
            "shared": len({*believed} & {*found.first}),
            "believed": ", ".join(names[one] for one in believed),
            "measured": ", ".join(names[one] for one in found.first),
        },
        customers=found.customers,
        grey=why is not None,
        why=why,
    )


def _away(row: Row) -> float | None:
    found = row.cells["distance"]
    return found.value if isinstance(found, Estimate) else None


INSIGHT = Insight(
    name="alignment",
    title=_TITLE,
    parameters=AlignmentParameters,
    compute=compute,
    stored=("answers",),
)

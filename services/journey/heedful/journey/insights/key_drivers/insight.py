"""Insight `key-drivers`: which topics go with a higher or a lower score, and how much."""

import numpy as np
from pydantic import Field

from heedful.journey.insights.examples import examples
from heedful.journey.insights.facts import Facts, Flags
from heedful.journey.insights.insight import Insight, Parameters
from heedful.journey.insights.key_drivers.impact import impacts
from heedful.journey.insights.key_drivers.kano import Contrast, contrasts
from heedful.journey.insights.key_drivers.model import Model, modelled
from heedful.journey.insights.key_drivers.scored import Scored, scored
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
from heedful.journey.insights.statistics.resampling import dealt

TITLE = Label(zh="评分的关键驱动因素", en="Key drivers of a score")
_FELT = ("条带褒贬的提及", "mentions that praise or blame")
_SCORED = ("条带评分与主题的反馈", "feedback with a score and a topic")
_ENOUGH = 100
"""Feedback with a score and a topic, below which nothing is fitted."""


class DriverParameters(Parameters):
    score_kind: str | None = Field(
        default=None, description="nps, csat, ces, stars or other; without, the most frequent."
    )
    least: int = Field(
        default=20, ge=5, description="Mentions that praise or blame, below which a topic is grey."
    )
    q: float = Field(default=0.05, gt=0, lt=1, description="False-discovery rate (BH).")


def compute(facts: Facts, parameters: DriverParameters) -> Report:
    """A row for each topic of feedback with a score: the heaviest first, grey ones last."""
    kind = parameters.score_kind or _most_frequent(facts)
    of = facts.voiced & ~np.isnan(facts.score) & facts.score_kind.having(kind)
    told = scored(facts, of)
    fitted = told.only(told.told)
    model = modelled(fitted, parameters.least) if len(fitted.score) >= _ENOUGH else None
    if model is None:
        few = [too_few(len(fitted.score), _ENOUGH, _SCORED)] if len(fitted.score) < _ENOUGH else []
        return _report(facts, of, [], few, {"score_kind": kind or None})
    kano = contrasts(told, parameters.least)
    block, blocks = dealt(told.speaker)
    impact = impacts(told.mentioned, told.score, block, blocks)
    rows = [
        _row(facts, parameters, told, topic, model, kano[topic], impact[topic])
        for topic in np.flatnonzero(told.mentions).tolist()
    ]
    figures: dict[str, Cell] = {
        "score_kind": kind,
        "mean": float(told.score.mean()),
        "fitted": len(fitted.score),
        "method": model.method,
        "predictors": len(model.place),
        "r2": model.weighed.r2,
        "r2_adjusted": model.weighed.r2_adjusted,
    }
    return _report(facts, of, sorted(rows, key=_heaviest_first), [], figures)


def _most_frequent(facts: Facts) -> str:
    there = facts.score_kind.codes[facts.voiced & ~np.isnan(facts.score)]
    counts = np.bincount(there[there >= 0], minlength=len(facts.score_kind.names))
    return facts.score_kind.names[int(counts.argmax())] if len(counts) else ""


def _row(
    facts: Facts,
    parameters: DriverParameters,
    told: Scored,
    topic: int,
    model: Model,
    contrast: Contrast,
    impact: Estimate | None,
) -> Row:
    speaks = told.events[told.speaks_of(topic)]
    of_topic = np.zeros(len(facts), dtype=bool)
    of_topic[speaks] = True
    blamed, praised = int(told.blames[topic]), int(told.praises[topic])
    cells: dict[str, Cell] = {
        "topic": facts.topics.names[topic],
        "mentions": len(speaks),
        "praised": praised,
        "blamed": blamed,
        "impact": impact,
        **_effects(contrast, parameters.q),
    }
    why: Label | None = too_few(blamed + praised, parameters.least, _FELT)
    if topic in model.place:
        effect, p = model.effect(topic)
        cells |= {"share": model.share(topic), "effect": effect, "p": _known(p)}
        why = None if p <= parameters.q else _not_significant(p)
    worst = np.argsort(facts.score[speaks], kind="stable")
    return Row(
        cells=cells,
        customers=customers(facts, of_topic),
        grey=why is not None,
        why=why,
        examples=examples(facts, speaks[worst]),
    )


def _effects(contrast: Contrast, q: float) -> dict[str, Cell]:
    kano = contrast.kano(q)
    return {
        "kano": None if kano is None else kano.value,
        "penalty": contrast.penalty,
        "penalty_p": _known(contrast.penalty_p),
        "reward": contrast.reward,
        "reward_p": _known(contrast.reward_p),
        "asymmetry": contrast.asymmetry,
        "asymmetry_p": _known(contrast.asymmetry_p),
    }


def _not_significant(p: float) -> Label:
    return Label(zh=f"不显著（校正 p = {p:.3f}）", en=f"Not significant (adjusted p = {p:.3f})")


def _known(p: float) -> float | None:
    return None if np.isnan(p) else float(p)


def _heaviest_first(row: Row) -> tuple[bool, float, str]:
    share = row.cells.get("share")
    return (
        row.grey,
        -share.value if isinstance(share, Estimate) else 0.0,
        str(row.cells["topic"]),
    )


def _report(
    facts: Facts, of: Flags, rows: list[Row], notes: list[Label], figures: dict[str, Cell]
) -> Report:
    return Report(
        name=INSIGHT.name,
        title=TITLE,
        meaning=Label(
            zh="评分与各主题褒贬之间的关联（不是因果）：对 R² 的贡献、带方向的效应、Kano 分类，"
            "以及去掉该主题后总分的变化",
            en="How a score goes with praise and blame of each topic (association, not cause): its"
            " part of R², its signed effect, its Kano class, and what it makes of the overall",
        ),
        customers=customers(facts, of),
        events=int(of.sum()),
        state=State.OK if rows else State.TOO_FEW,
        figures=figures,
        columns=_COLUMNS,
        rows=rows,
        notes=notes,
    )


_COLUMNS = columns(
    ("topic", "主题", "Topic", Unit.TEXT),
    ("mentions", "提及数", "Mentions", Unit.COUNT),
    ("praised", "称赞", "Praised", Unit.COUNT),
    ("blamed", "批评", "Blamed", Unit.COUNT),
    ("share", "占 R² 的份额", "Share of R²", Unit.SHARE),
    (
        "effect",
        "效应（由贬到褒的一半）",
        "Effect of praise, minus that of blame, halved",
        Unit.SCORE,
    ),
    ("p", "效应的校正 p 值", "Adjusted p of the effect", Unit.PROBABILITY),
    ("impact", "对总分的影响 n(T−O)/(N−n)", "Impact on the overall, n(T-O)/(N-n)", Unit.SCORE),
    ("kano", "Kano 分类", "Kano class", Unit.TEXT),
    ("penalty", "批评时的得分变化", "Score where blamed", Unit.SCORE),
    ("penalty_p", "批评效应的校正 p 值", "Adjusted p, blamed", Unit.PROBABILITY),
    ("reward", "称赞时的得分变化", "Score where praised", Unit.SCORE),
    ("reward_p", "称赞效应的校正 p 值", "Adjusted p, praised", Unit.PROBABILITY),
    ("asymmetry", "不对称性", "Asymmetry", Unit.SCORE),
    ("asymmetry_p", "不对称性的校正 p 值", "Adjusted p of the asymmetry", Unit.PROBABILITY),
)

INSIGHT = Insight(
    name="key-drivers",
    title=TITLE,
    parameters=DriverParameters,
    compute=compute,
)

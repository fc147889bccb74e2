"""Customers whose words help most, by a score that can be explained, and who agreed to be asked."""

import numpy as np
from pydantic import Field

from heedful.journey.insights.consent import CONSENT, given
from heedful.journey.insights.examples import called
from heedful.journey.insights.facts import Facts, Flags, Floats
from heedful.journey.insights.insight import Insight, Parameters
from heedful.journey.insights.report import (
    Cell,
    Estimate,
    Example,
    Label,
    Report,
    Row,
    State,
    Unit,
    columns,
    too_few,
)
from heedful.journey.insights.super_users.parts import HELPFUL, PARTS, Speakers, own, speakers
from heedful.journey.insights.super_users.stability import Stability, halves, stability

_TITLE = Label(zh="超级用户", en="Super users")
_MEANING = Label(
    zh="谁的反馈更有用：深度（每条的主题数）、有用性（他人点赞，或其后他人证实）、广度（不同主题与触点）、"
    "影响力（公开渠道条数）四项名次的加权平均；只有同意者在邀请名单上",
    en="Whose words help most: the weighted mean of four ranks - depth (topics an item), "
    "helpfulness (votes of others, or what others confirmed later), breadth (topics and "
    "touchpoints), reach (items that others read). Only who consented is on the list of invitees",
)
_COLUMNS = columns(
    ("customer", "客户", "Customer", Unit.TEXT),
    ("score", "得分", "Score", Unit.SCORE),
    ("invite", "可邀请", "May be invited", Unit.TEXT),
    ("items", "反馈数", "Feedback", Unit.COUNT),
    ("depth", "每条主题数", "Topics an item", Unit.RATIO),
    ("votes", "每条有用票数", "Helpful votes an item", Unit.RATIO),
    ("confirmed", "被证实比例", "Confirmed later", Unit.SHARE),
    ("breadth", "主题与触点数", "Topics and touchpoints", Unit.COUNT),
    ("reach", "公开反馈数", "Public items", Unit.COUNT),
)
_NO_CONSENT = Label(zh="未同意被邀请", en="has not consented to be invited")
_NOTES = [
    Label(
        zh="被邀请或付费的反馈与员工反馈不计；区间来自折半信度（测量标准误），为 95 %",
        en="What was asked or paid for and employees' notes do not count; intervals are of 95 %, "
        "from the standard error of measurement by split halves",
    )
]


class SuperUserParameters(Parameters):
    top: int = Field(default=50, ge=1, le=1000, description="Rows.")
    at_least: int = Field(default=3, ge=2, le=1000, description="Feedback items of a customer.")
    speakers: int = Field(
        default=30,
        ge=2,
        le=1_000_000,
        description="Customers with so much; with fewer all is grey.",
    )
    others: int = Field(
        default=3, ge=1, le=1000, description="So many other customers confirm a mention …"
    )
    confirm_days: float = Field(default=30, gt=0, le=3650, description="… within so many days.")
    depth: float = Field(default=1, ge=0, le=100, description="Weight.")
    helpfulness: float = Field(default=1, ge=0, le=100, description="Weight.")
    breadth: float = Field(default=1, ge=0, le=100, description="Weight.")
    reach: float = Field(default=1, ge=0, le=100, description="Weight.")

    @property
    def weights(self) -> Floats:
        found = np.array([getattr(self, part) for part in PARTS], dtype=np.float64)
        return found / found.sum() if found.any() else np.full(len(PARTS), 1 / len(PARTS))


def compute(facts: Facts, asked: SuperUserParameters) -> Report:
    """A row a customer, the highest score first; who has not consented is grey."""
    items = own(facts)
    found = _speakers(facts, items, asked, asked.at_least)
    scores = _scores(found, asked)
    sure = _stability(facts, items, found, scores, asked)
    enough = len(found.customer) >= asked.speakers
    few = None if enough else too_few(len(found.customer), asked.speakers)
    consented = given(facts)
    order = np.lexsort((found.customer, -scores))[: asked.top]
    return Report(
        name=INSIGHT.name,
        title=_TITLE,
        meaning=_MEANING,
        customers=len(found.customer),
        events=int(np.count_nonzero(items)),
        state=State.OK if enough else State.TOO_FEW,
        figures={
            "reliability": None if sure is None else sure.reliability,
            "consented": int(np.count_nonzero(consented[found.customer])),
        },
        columns=_COLUMNS,
        rows=[
            _row(
                facts,
                items,
                found,
                scores,
                sure,
                int(one),
                bool(consented[found.customer[one]]),
                few,
            )
            for one in order
        ],
        notes=_NOTES,
    )


def _speakers(facts: Facts, items: Flags, asked: SuperUserParameters, at_least: int) -> Speakers:
    return speakers(facts, items, at_least, asked.others, asked.confirm_days)


def _scores(found: Speakers, asked: SuperUserParameters) -> Floats:
    scores: Floats = asked.weights @ np.stack([found.ranks[part] for part in PARTS])
    return scores


def _stability(
    facts: Facts, items: Flags, found: Speakers, scores: Floats, asked: SuperUserParameters
) -> Stability | None:
    both = []
    for half in halves(facts, items):
        part = _speakers(facts, half, asked, 1)
        inside = np.searchsorted(part.customer, found.customer)
        both.append(_scores(part, asked)[inside])
    return stability(both[0], both[1], scores)


def _row(
    facts: Facts,
    items: Flags,
    found: Speakers,
    scores: Floats,
    sure: Stability | None,
    place: int,
    consented: bool,
    few: Label | None,
) -> Row:
    customer = int(found.customer[place])
    first, after = np.searchsorted(_of_somebody(facts), [customer, customer + 1])
    said = first + np.flatnonzero(items[first:after])
    why = few or (None if consented else _NO_CONSENT)
    return Row(
        cells={
            "customer": str(facts.customers[customer]),
            "score": _score(float(scores[place]), sure),
            "invite": consented,
            "items": int(found.items[place]),
            "depth": float(found.raw["depth"][place]),
            "votes": float(found.raw["votes"][place]) if found.voted else None,
            "confirmed": float(found.raw["confirmed"][place]),
            "breadth": int(found.raw["breadth"][place]),
            "reach": int(found.raw["reach"][place]),
        },
        customers=1,
        grey=why is not None,
        why=why,
        examples=[
            Example(
                customer_id=str(facts.customers[customer]),
                events=[called(facts, int(event)) for event in said[:3]],
            )
        ],
    )


def _of_somebody(facts: Facts) -> np.ndarray:
    """The customers of events, which stand in their order; nobody's are last."""
    nobody = len(facts) - int(np.count_nonzero(facts.customer >= 0))
    return facts.customer[: len(facts) - nobody]


def _score(value: float, sure: Stability | None) -> Cell:
    if sure is None:
        return value
    half = 1.959964 * sure.error
    return Estimate(value=value, low=max(0.0, value - half), high=min(1.0, value + half))


INSIGHT = Insight(
    name="super-users",
    title=_TITLE,
    parameters=SuperUserParameters,
    compute=compute,
    attributes=(CONSENT, HELPFUL),
)

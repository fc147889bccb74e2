"""Kano's classes from penalties and rewards.

Of each topic two things are asked: what a score loses where the topic is blamed, and what it gains
where it is praised, both against feedback that does neither (penalty-reward contrast: Brandt 1987;
Matzler and Sauerwein, Int. J. Service Industry Management 13, 2002).
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np
import scipy.sparse as sp

from heedful.journey.insights.key_drivers.scored import Scored
from heedful.journey.insights.report import Estimate
from heedful.journey.insights.statistics.discovery import adjusted
from heedful.journey.insights.statistics.regression import fitted

NEUTRAL: Final = 0.1
"""Share of feedback on topics that neither praises nor blames, from which on it is what the others
are held against. With less of it that is feedback on no topic as well, whoever it comes from."""


class Kano(StrEnum):
    """Kano, Seraku, Takahashi and Tsuji 1984."""

    MUST_BE = "must_be"
    PERFORMANCE = "performance"
    ATTRACTIVE = "attractive"
    INDIFFERENT = "indifferent"
    UNCLEAR = "unclear"


@dataclass(frozen=True, slots=True)
class Contrast:
    """Effects on the score, with p-values that are adjusted over all topics (NaN: not tested).

    Attributes:
        penalty: where the topic is blamed; below 0 as a rule. None of too few.
        reward: where it is praised.
        asymmetry: reward and penalty together: 0 where both weigh the same.
    """

    penalty: Estimate | None
    penalty_p: float
    reward: Estimate | None
    reward_p: float
    asymmetry: Estimate | None
    asymmetry_p: float

    def kano(self, q: float) -> Kano | None:
        """Its class at a false-discovery rate; None where either side was not tested.

        That one effect is significant and the other is not does not make them differ: must-be and
        attractive need a significant asymmetry as well.
        """
        if np.isnan(self.penalty_p) or np.isnan(self.reward_p):
            return None
        penalised = self.penalty_p <= q and _value(self.penalty) < 0
        rewarded = self.reward_p <= q and _value(self.reward) > 0
        if penalised and rewarded:
            return Kano.PERFORMANCE
        if not penalised and not rewarded:
            return Kano.INDIFFERENT
        if not self.asymmetry_p <= q:
            return Kano.UNCLEAR
        return Kano.MUST_BE if penalised else Kano.ATTRACTIVE


def contrasts(found: Scored, least: int) -> list[Contrast]:
    """By topic.

    Args:
        least: mentions of a side below which it is not estimated.
    """
    told = found.told
    if told.any() and (~found.felt[told]).mean() >= NEUTRAL:
        found = found.only(told)
    topics = found.blamed.shape[1]
    both = sp.csc_array(sp.hstack([found.blamed, found.praised]))
    kept = np.flatnonzero(np.asarray(both.sum(axis=0)).ravel() >= least)
    column = {int(side): place for place, side in enumerate(kept)}
    model = fitted(sp.csr_array(both[:, kept]), found.score, found.speaker)
    none = (None, float("nan"))
    penalties = [model.slope(column[t]) if t in column else none for t in range(topics)]
    rewards = [
        model.slope(column[t + topics]) if t + topics in column else none for t in range(topics)
    ]
    sums: list[tuple[Estimate | None, float]] = []
    for topic in range(topics):
        sides = [column[side] for side in (topic, topic + topics) if side in column]
        unit = np.zeros(len(kept))
        unit[sides] = 1.0
        sums.append(model.sum_of(unit) if len(sides) == 2 else none)
    effects = adjusted([p for _, p in (*penalties, *rewards)])
    uneven = adjusted([p for _, p in sums])
    return [
        Contrast(
            penalty=penalties[t][0],
            penalty_p=float(effects[t]),
            reward=rewards[t][0],
            reward_p=float(effects[t + topics]),
            asymmetry=sums[t][0],
            asymmetry_p=float(uneven[t]),
        )
        for t in range(topics)
    ]


def _value(estimate: Estimate | None) -> float:
    return 0.0 if estimate is None else estimate.value

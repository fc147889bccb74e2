"""The model behind the weights: the score on what is felt about each topic, 1, 0 or -1."""

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from heedful.journey.insights.facts import Floats
from heedful.journey.insights.key_drivers.scored import Scored
from heedful.journey.insights.key_drivers.weighing import Weighed, weighed
from heedful.journey.insights.key_drivers.weights import method
from heedful.journey.insights.report import Estimate
from heedful.journey.insights.statistics.discovery import adjusted
from heedful.journey.insights.statistics.regression import Fitted, fitted
from heedful.journey.insights.statistics.resampling import dealt


@dataclass(frozen=True, slots=True, eq=False)
class Model:
    """
    Attributes:
        place: of each topic that is a predictor, among these.
        p: adjusted, by predictor.
    """

    place: dict[int, int]
    weighed: Weighed
    fitted: Fitted
    p: Floats

    @property
    def method(self) -> str:
        return method(len(self.place))

    def share(self, topic: int) -> Estimate:
        return self.weighed.share[self.place[topic]]

    def effect(self, topic: int) -> tuple[Estimate, float]:
        """What the score is higher where the topic is praised than where it is not spoken of, and
        lower where it is blamed, with the adjusted p-value."""
        place = self.place[topic]
        return self.fitted.slope(place)[0], float(self.p[place])


def modelled(told: Scored, least: int) -> Model | None:
    """Of the topics with as many mentions that praise or blame; None where nothing varies."""
    kept = np.flatnonzero(told.blames + told.praises >= least)
    if not len(kept):
        return None
    felt = sp.csr_array(sp.csc_array(told.praised - told.blamed)[:, kept])
    block, blocks = dealt(told.speaker)
    weights = weighed(felt, told.score, block, blocks)
    if weights is None:
        return None
    fit = fitted(felt, told.score, told.speaker)
    p = adjusted([fit.slope(place)[1] for place in range(len(kept))])
    return Model({int(topic): i for i, topic in enumerate(kept)}, weights, fit, p)

"""What matters most to customers, by how many of them speak of it. Pure."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np

from heedful.journey.insights.alignment.answers import span
from heedful.journey.insights.distinct import distinct
from heedful.journey.insights.facts import NONE, Facts, Ints
from heedful.journey.insights.report import Estimate
from heedful.journey.insights.statistics.concordance import distance

_DRAWS = 500
_SEED = 12
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, eq=False)
class Measured:
    """Of a quarter.

    Attributes:
        counts: by topic how many customers spoke of it.
        customers: how many spoke of any.
    """

    counts: Ints
    customers: int
    top: int

    @property
    def first(self) -> list[int]:
        """The topics that most customers speak of."""
        return _first(self.counts, self.top)

    def away(self, named: list[int]) -> Estimate | None:
        """How far a list is from the measured one, with its 95 % interval over what other
        customers might have said (counts drawn as Poisson's); None without either list."""
        value = distance(named, self.first)
        if value is None:
            return None
        draws = np.random.default_rng(_SEED).poisson(self.counts, (_DRAWS, len(self.counts)))
        drawn = [distance(named, _first(one.astype(np.int32), self.top)) for one in draws]
        known = [one for one in drawn if one is not None]
        low, high = np.quantile(known, [0.025, 0.975]) if known else (value, value)
        return Estimate(value=value, low=min(value, float(low)), high=max(value, float(high)))


def measured(facts: Facts, quarter: str, top: int) -> Measured:
    """What customers said in the part of a quarter that these facts hold."""
    begin, after = ((moment - _EPOCH) / _DAY for moment in span(quarter))
    said = facts.voiced & (facts.customer != NONE) & (facts.at >= begin) & (facts.at < after)
    entries = facts.topics.events
    of = said[entries]
    topics = len(facts.topics.names)
    pairs = distinct(
        facts.customer[entries[of]].astype(np.int64) * max(topics, 1) + facts.topics.codes[of]
    )
    return Measured(
        counts=np.bincount(pairs % max(topics, 1), minlength=topics).astype(np.int32),
        customers=len(distinct(pairs // max(topics, 1))),
        top=top,
    )


def _first(counts: Ints, top: int) -> list[int]:
    # Of equal counts the one that comes first by name: the same facts give the same list.
    order = np.argsort(-counts, kind="stable")[:top]
    return [int(one) for one in order if counts[one] > 0]

"""How many of those with A and of those without came to each outcome, stratum by stratum. Pure.

Few had any one A, and few came to any one outcome: both are kept by who did, so that nothing is
counted for all the others. Of a stratum without exposed, or without others, nothing is compared.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
from scipy.sparse import csr_array

from heedful.journey.insights.facts import Flags, Floats, Ints
from heedful.journey.insights.patterns.moments import Exposure
from heedful.journey.insights.statistics.mantel_haenszel import Compared, Tables, compared


def by_first(seen: Sequence[Exposure], cases: Flags, stratum: Ints) -> Compared:
    """Exposed against others for each A and outcome; all of shape (firsts, outcomes).

    Args:
        seen: of each A, who of the members had it.
        cases: (outcomes, members): to whom it happened.
        stratum: of each member, from 0.
    """
    outcomes = csr_array(cases.T.astype(np.float64))
    strata = int(stratum.max(initial=-1)) + 1
    everybody = _Group.of(np.ones(len(stratum), dtype=np.bool_), stratum, strata, outcomes)
    parts = [_compared(one, everybody, stratum, strata, outcomes) for one in seen]
    columns = {
        one.name: np.stack([getattr(part, one.name) for part in parts]) for one in fields(Compared)
    }
    return Compared(**columns)


@dataclass(frozen=True, slots=True, eq=False)
class _Group:
    """
    Attributes:
        sizes: members by stratum.
        hits: (strata, outcomes): cases among them.
    """

    sizes: Floats
    hits: Floats

    @classmethod
    def of(cls, group: Flags, stratum: Ints, strata: int, outcomes: csr_array) -> "_Group":
        member = np.flatnonzero(group)
        place = stratum[member]
        who = csr_array((np.ones(len(member)), (place, member)), shape=(strata, len(stratum)))
        sizes = np.bincount(place, minlength=strata).astype(np.float64)
        return cls(sizes, (who @ outcomes).toarray())


def _compared(
    one: Exposure, everybody: _Group, stratum: Ints, strata: int, outcomes: csr_array
) -> Compared:
    exposed = _Group.of(one.exposed, stratum, strata, outcomes)
    had = _Group.of(~one.never, stratum, strata, outcomes)
    never = everybody.sizes - had.sizes
    both = (exposed.sizes > 0) & (never > 0)
    b = (everybody.hits - had.hits)[both].T
    a = exposed.hits[both].T
    shape = a.shape
    return compared(
        Tables(
            a,
            np.broadcast_to(exposed.sizes[both], shape),
            b,
            np.broadcast_to(never[both], shape),
        )
    )

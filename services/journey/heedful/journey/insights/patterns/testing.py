"""All patterns of a set of steps, each tested once. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from heedful.journey.insights.examples import MOST
from heedful.journey.insights.facts import Facts, Flags, Floats, Ints
from heedful.journey.insights.followup import CHURN
from heedful.journey.insights.patterns.counting import by_first
from heedful.journey.insights.patterns.moments import (
    Cohort,
    Exposure,
    Order,
    cohort,
    earliest,
    exposure,
    running,
)
from heedful.journey.insights.patterns.steps import Step, occurred, spoken
from heedful.journey.insights.patterns.strata import strata
from heedful.journey.insights.statistics.mantel_haenszel import Compared
from heedful.journey.spoken import Tone

ENOUGH_EXPECTED = 5.0
"""What is expected of each cell before the test is one (Cochran, Biometrics 10, 1954)."""


@dataclass(frozen=True, slots=True)
class Span:
    """Days: A counts for `look_back` before B, C for `follow` after it."""

    look_back: float
    follow: float


@dataclass(frozen=True, slots=True, eq=False)
class Tested:
    """Patterns: `first`, `then` and `outcome` are indices of the steps; all of one length.

    Attributes:
        p: NaN where too little is expected for a test.
        examples: (patterns, `MOST`, 3): events of A, B and C of the first to whom all happened; -1
            where there are fewer.
    """

    first: Ints
    then: Ints
    outcome: Ints
    exposed: Floats
    others: Floats
    risk: Floats
    otherwise: Floats
    ratio: Floats
    log_error: Floats
    p: Floats
    examples: Ints


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """What is tested on what.

    Attributes:
        tone: of the feedback that made the steps.
        segment: by the number of the customer.
        least: so many customers must have had A before B.
    """

    facts: Facts
    order: Order
    steps: Sequence[Step]
    tone: Tone
    segment: Ints
    span: Span
    least: int


def tested(asked: Asked) -> Tested:
    """Every A→B→C of three different steps. C was said, or it is a departure, which is C only:
    nobody departs and goes on."""
    facts, order, follow = asked.facts, asked.order, asked.span.follow
    counted = {said: running(some) for said, some in _counted(asked).items()}
    parts = []
    for then, step in enumerate(asked.steps):
        base = cohort(facts, step.events, asked.span.look_back, follow)
        if step.name == CHURN or len(base.events) < 2 * asked.least:
            continue
        each = [earliest(facts, order, base, one.events, follow) for one in asked.steps]
        after = np.array(each)
        parts += [_of_one(asked, base, then, after, said, some) for said, some in counted.items()]
    return _joined(parts)


def _counted(asked: Asked) -> dict[bool, Flags]:
    """By whether A is said: the events that say how active somebody was before B."""
    firsts = {one.said for one in asked.steps if one.name != CHURN}
    return {
        said: spoken(asked.facts, asked.tone) if said else occurred(asked.facts)
        for said in sorted(firsts, reverse=True)
    }


def _of_one(
    asked: Asked, base: Cohort, then: int, after: Ints, said: bool, counted: Ints
) -> Tested:
    """All patterns with one B, whose A was said, or whose A happened.

    Args:
        after: (steps, members): the event of each that came first after B.
        counted: running count of the events that say how active somebody was.
    """
    firsts = [
        number
        for number, one in enumerate(asked.steps)
        if one.said is said and one.name != CHURN and number != then
    ]
    if not firsts:
        return _joined([])
    facts, order, look_back = asked.facts, asked.order, asked.span.look_back
    seen = [exposure(facts, order, base, asked.steps[one].events, look_back) for one in firsts]
    stratum = strata(facts, order, base, asked.segment, counted, look_back)
    sums = by_first(seen, after >= 0, stratum)
    first, outcome = np.meshgrid(firsts, np.arange(len(asked.steps)), indexing="ij")
    can_be = np.array([one.said or one.name == CHURN for one in asked.steps])
    kept = can_be[outcome] & (outcome != first) & (outcome != then)
    kept &= sums.exposed >= asked.least
    sure = (sums.expected >= ENOUGH_EXPECTED) & (sums.others >= asked.least)
    return Tested(
        first=first[kept].astype(np.int32),
        then=np.full(int(kept.sum()), then, dtype=np.int32),
        outcome=outcome[kept].astype(np.int32),
        p=np.where(sure, sums.p, np.nan)[kept],
        examples=_examples(base, seen, after, kept),
        **_kept(sums, kept),
    )


def _examples(base: Cohort, seen: Sequence[Exposure], after: Ints, kept: Flags) -> Ints:
    found = np.full((*kept.shape, MOST, 3), -1, dtype=np.int32)
    for first, outcomes in enumerate(kept):
        exposed = np.flatnonzero(seen[first].exposed)
        for outcome in np.flatnonzero(outcomes):
            some = exposed[after[outcome, exposed] >= 0][:MOST]
            events = (seen[first].last[some], base.events[some], after[outcome, some])
            found[first, outcome, : len(some)] = np.stack(events, axis=-1)
    return found[kept]


def _kept(sums: Compared, kept: Flags) -> dict[str, Floats]:
    return {
        "exposed": sums.exposed[kept],
        "others": sums.others[kept],
        "risk": sums.risk[kept],
        "otherwise": sums.otherwise[kept],
        "ratio": sums.ratio[kept],
        "log_error": sums.log_error[kept],
    }


def _joined(parts: Sequence[Tested]) -> Tested:
    def of(name: str, kind: type) -> Floats:
        return np.concatenate([np.empty(0, dtype=kind), *(getattr(one, name) for one in parts)])

    return Tested(
        first=of("first", np.int32).astype(np.int32),
        then=of("then", np.int32).astype(np.int32),
        outcome=of("outcome", np.int32).astype(np.int32),
        exposed=of("exposed", np.float64),
        others=of("others", np.float64),
        risk=of("risk", np.float64),
        otherwise=of("otherwise", np.float64),
        ratio=of("ratio", np.float64),
        log_error=of("log_error", np.float64),
        p=of("p", np.float64),
        examples=np.concatenate(
            [np.empty((0, MOST, 3), dtype=np.int32), *(one.examples for one in parts)]
        ),
    )

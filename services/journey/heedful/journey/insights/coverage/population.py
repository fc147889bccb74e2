"""Who the customers are, by what they are told apart by, and who of them speaks. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from heedful.journey.insights.facts import NONE, Facts, Flags, Floats, Ints
from heedful.journey.insights.selecting import newest

UNKNOWN = "unknown"
"""The category of customers of whom no event says any."""


@dataclass(frozen=True, slots=True, eq=False)
class Variable:
    """What customers are told apart by.

    Attributes:
        of: by customer the number of its category.
        shares: of each category in the population; sum 1.
    """

    key: str
    names: tuple[str, ...]
    of: Ints
    shares: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Population:
    """By customer.

    Attributes:
        there: they did or said something themselves in the period.
        spoke: they said something.
        score: the mean of their scores; NaN without one.
    """

    there: Flags
    spoke: Flags
    score: Floats
    variables: tuple[Variable, ...]

    @property
    def answered(self) -> Flags:
        return ~np.isnan(self.score)


def population(
    facts: Facts,
    strata: Sequence[str],
    known: Mapping[str, Mapping[str, float]],
    score_kind: str | None,
) -> Population:
    """
    Args:
        strata: keys of attributes.
        known: by key the shares, or counts, of categories in the whole population; where it says
            nothing of a key the customers of these facts are the population.
        score_kind: only scores of this kind.
    """
    customers = len(facts.customers)
    theirs = (facts.customer != NONE) & (~facts.feedback | facts.voiced) & ~facts.outbound
    there = _any(facts.customer[theirs], customers)
    spoke = _any(facts.customer[theirs & facts.voiced], customers)
    scored = theirs & facts.voiced & ~np.isnan(facts.score)
    if score_kind is not None:
        scored &= facts.score_kind.having(score_kind)
    return Population(
        there=there,
        spoke=spoke,
        score=_means(facts.customer[scored], facts.score[scored], customers),
        variables=tuple(_variable(facts, key, there, known.get(key)) for key in strata),
    )


def _variable(facts: Facts, key: str, there: Flags, known: Mapping[str, float] | None) -> Variable:
    told = facts.attribute(key)
    names = told.names if known is None else tuple(sorted({*told.names, *known}))
    names = (*(name for name in names if name != UNKNOWN), UNKNOWN)
    place = {name: number for number, name in enumerate(names)}
    numbers = np.array([place[name] for name in told.names] + [place[UNKNOWN]], dtype=np.int32)
    # The number of nothing said, -1, is the last one: unknown.
    of = numbers[newest(facts, told)]
    if known is None:
        shares = np.bincount(of[there], minlength=len(names)).astype(np.float64)
    else:
        shares = np.array([known.get(name, 0.0) for name in names])
    return Variable(key, names, of, shares / shares.sum() if shares.sum() else shares)


def _any(customer: Ints, customers: int) -> Flags:
    found: Flags = np.bincount(customer, minlength=customers) > 0
    return found


def _means(customer: Ints, values: Floats, customers: int) -> Floats:
    counts = np.bincount(customer, minlength=customers)
    with np.errstate(invalid="ignore"):
        found: Floats = np.bincount(customer, weights=values, minlength=customers) / counts
    return found

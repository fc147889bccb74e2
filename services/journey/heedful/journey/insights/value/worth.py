"""What each customer is expected to bring in the coming year. Pure.

Without contracts: expected purchases (BG/NBD) times expected money a purchase (gamma-gamma). With
contracts: expected periods that they are kept (shifted beta-geometric) times what they pay a
period. Not discounted.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from heedful.journey.insights.facts import Facts, Flags, Floats
from heedful.journey.insights.followup import FollowUp
from heedful.journey.insights.purchases import WEEK, bought, purchases
from heedful.journey.insights.segments import PLAN, of_plan
from heedful.journey.insights.statistics import bg_nbd, gamma_gamma, shifted_beta_geometric

YEAR: Final = 365.0
MONTH: Final = 365.0 / 12
MONTHS: Final = 12
FEWEST: Final = 20
"""Customers who bought again, or who left: with fewer a model says nothing."""


@dataclass(frozen=True, slots=True, eq=False)
class Worth:
    """
    Attributes:
        expected: by the number of the customer: money in the coming year; 0 for who has left or
            never paid.
        figures: the parameters of the models.
    """

    expected: Floats
    figures: Mapping[str, float] = field(default_factory=dict)


def worth(facts: Facts, follow: FollowUp, contract: Flags) -> Worth:
    """All customers; those whose models could not be fitted count for nothing.

    Args:
        contract: by customer, whether they have one.
    """
    plans = of_plan(facts)
    parts = [_without_contract(facts, ~contract)]
    parts += [
        _with_contract(facts, follow, contract & (plans == plan), _plan_name(facts, int(plan)))
        for plan in np.unique(plans[contract])
    ]
    figures = {name: value for part in parts for name, value in part.figures.items()}
    return Worth(np.sum([part.expected for part in parts], axis=0), figures)


def _without_contract(facts: Facts, who: Flags) -> Worth:
    own = bought(facts)
    own[own] = who[facts.customer[own]]
    told = purchases(facts, own, facts.until)
    expected = np.zeros(len(facts.customers))
    priced = (told.priced > 0) & (told.mean > 0)
    if priced.sum() < FEWEST:
        return Worth(expected)
    buying = bg_nbd.fitted(told.x, told.t_x, told.T)
    spending = gamma_gamma.fitted(told.priced[priced], told.mean[priced])
    times = buying.purchases(YEAR / WEEK, told.x, told.t_x, told.T)
    known = np.where(priced, told.priced, 0.0)
    money = spending.expected(known, np.where(priced, told.mean, 0.0))
    expected[told.customer] = times * money
    figures = {
        "r": buying.r,
        "alpha_weeks": buying.alpha,
        "a": buying.a,
        "b": buying.b,
        "p": spending.p,
        "q": spending.q,
        "v": spending.v,
        "alive": float(buying.alive(told.x, told.t_x, told.T).mean()),
        "frequency_money_correlation": _correlation(told.priced[priced], told.mean[priced]),
    }
    return Worth(expected, figures)


def _with_contract(facts: Facts, follow: FollowUp, who: Flags, plan: str) -> Worth:
    """A contract begins with the customer's first event."""
    seen = who & ~np.isnan(follow.entry)
    own = bought(facts) & ~np.isnan(facts.amount)
    own[own] = seen[facts.customer[own]]
    expected = np.zeros(len(facts.customers))
    if not own.any() or (seen & follow.left).sum() < FEWEST:
        return Worth(expected)
    months = np.where(seen, (follow.exit - follow.entry) / MONTH, 0.0)
    ended = np.floor(months[seen]) + follow.left[seen]
    model = shifted_beta_geometric.fitted(ended, follow.left[seen])
    paid = np.bincount(facts.customer[own], facts.amount[own], minlength=len(expected))
    stays = seen & ~follow.left
    ahead = model.periods(np.floor(months[stays]), MONTHS)
    expected[stays] = paid[stays] / np.maximum(months[stays], 1.0) * ahead
    figures = {
        f"alpha_{plan}": model.alpha,
        f"beta_{plan}": model.beta,
        f"year_survival_{plan}": float(model.survival(np.array(float(MONTHS)))),
    }
    return Worth(expected, figures)


def _plan_name(facts: Facts, plan: int) -> str:
    return facts.attributes[PLAN].names[plan - 1] if plan else "contract"


def _correlation(x: Floats, y: Floats) -> float:
    """Near 0, or the gamma-gamma model does not hold."""
    return float(np.corrcoef(x, y)[0, 1]) if x.std() > 0 and y.std() > 0 else 0.0

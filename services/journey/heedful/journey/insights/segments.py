"""Customers of a kind, to compare like with like. Pure."""

from typing import Final

import numpy as np

from heedful.journey.insights.facts import Facts, Ints
from heedful.journey.insights.selecting import SEGMENT, newest

PLAN: Final = "plan"
"""The attribute that says which contract a customer has, if any."""
ATTRIBUTES: Final = (SEGMENT, PLAN)


def of_plan(facts: Facts) -> Ints:
    """By the number of the customer: that of their newest plan from 1 on, 0 without one."""
    found: Ints = newest(facts, facts.attribute(PLAN)) + 1
    return found


def segments(facts: Facts) -> Ints:
    """By the number of the customer: that of their newest segment and plan together, from 0."""
    plans = of_plan(facts)
    named = newest(facts, facts.attribute(SEGMENT)) + 1
    _, number = np.unique(named * (int(plans.max(initial=0)) + 1) + plans, return_inverse=True)
    found: Ints = number.astype(np.int32)
    return found

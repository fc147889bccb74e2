"""Who rates well and shows signs of leaving, as it was known at a moment. Pure.

Nothing from that moment on is looked at: what happens later changes no earlier flag.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np

from heedful.journey.insights.complaints import complaints
from heedful.journey.insights.facts import NONE, Facts, Flags, Ints
from heedful.journey.insights.leavers import anybody
from heedful.journey.insights.purchases import came, purchases
from heedful.journey.insights.statistics import bg_nbd

FEWEST_ACTIVE: Final = 100
"""Customers who came more than once: fewer do not tell how often customers come."""


class Sign(StrEnum):
    """Why a satisfied customer may be leaving."""

    WORDS = "words"
    ACTIVITY = "activity"
    WAITING = "waiting"


@dataclass(frozen=True, slots=True)
class Rule:
    """
    Attributes:
        satisfied: a score from 0 to 1 that is at least satisfied.
        recent: days for which a sign counts.
        alive: below this probability of being still there, activity has fallen.
        waiting: the topic of waiting.
        contacts: so many contacts in the recent days are a matter that waits.
    """

    satisfied: float = 0.75
    recent: float = 60.0
    alive: float = 0.5
    waiting: str = "waiting"
    contacts: int = 3


@dataclass(frozen=True, slots=True, eq=False)
class Flagged:
    """By the number of the customer.

    Attributes:
        scored: they ever gave a score.
        satisfied: their last score was at least satisfied.
        signs: by sign, who shows it; of all customers, satisfied or not.
    """

    scored: Flags
    satisfied: Flags
    signs: dict[Sign, Flags]

    @property
    def flagged(self) -> Flags:
        """Satisfied, with any sign."""
        found: Flags = self.satisfied & np.logical_or.reduce(list(self.signs.values()))
        return found


def scores(facts: Facts, touchpoint: str | None) -> Flags:
    """Events in which a known customer gave a score, at a touchpoint or anywhere."""
    found: Flags = facts.voiced & (facts.customer != NONE) & ~np.isnan(facts.score)
    return found if touchpoint is None else found & facts.touchpoint.having(touchpoint)


def flagged(facts: Facts, given: Flags, moment: float, rule: Rule) -> Flagged:
    """As it was known just before `moment`, in days.

    Args:
        given: the scores that count.
    """
    past = (facts.at < moment) & (facts.customer != NONE)
    recent = past & (facts.at >= moment - rule.recent)
    newest = last(facts, past & given)
    scored = newest != NONE
    satisfied = scored.copy()
    satisfied[scored] = facts.score[newest[scored]] >= rule.satisfied
    return Flagged(
        scored,
        satisfied,
        {
            Sign.WORDS: anybody(facts, recent & words(facts)),
            Sign.ACTIVITY: _faded(facts, moment, rule.alive),
            Sign.WAITING: _waited(facts, recent, rule),
        },
    )


def words(facts: Facts) -> Flags:
    """Words that blame, or that say they leave."""
    found: Flags = facts.voiced & ((facts.valence < 0) | facts.leaving)
    return found


def waits(facts: Facts, topic: str) -> Flags:
    """Complaints about waiting."""
    about = np.zeros(len(facts), dtype=np.bool_)
    about[facts.topics.events[facts.topics.codes == _code(facts.topics.names, topic)]] = True
    found: Flags = about & complaints(facts)
    return found


def last(facts: Facts, some: Flags) -> Ints:
    """By customer the last of some of their events; `NONE` without one."""
    events = np.flatnonzero(some)
    found = np.full(len(facts.customers), NONE, dtype=np.int32)
    # By time within a customer: of several values for one index numpy keeps the last.
    found[facts.customer[events]] = events
    return found


def _faded(facts: Facts, moment: float, alive: float) -> Flags:
    """Who came again and again, and has not come for so long that they have probably gone."""
    told = purchases(facts, came(facts), moment)
    found = np.zeros(len(facts.customers), dtype=np.bool_)
    if (told.x > 0).sum() < FEWEST_ACTIVE:
        return found
    model = bg_nbd.fitted(told.x, told.t_x, told.T)
    found[told.customer] = model.alive(told.x, told.t_x, told.T) < alive
    return found


def _waited(facts: Facts, recent: Flags, rule: Rule) -> Flags:
    contacts = np.flatnonzero(recent & facts.interaction.having("contact"))
    many = np.bincount(facts.customer[contacts], minlength=len(facts.customers)) >= rule.contacts
    found: Flags = many | anybody(facts, recent & waits(facts, rule.waiting))
    return found


def _code(names: tuple[str, ...], name: str) -> int:
    return names.index(name) if name in names else NONE - 1

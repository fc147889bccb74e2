"""Whom one may ask, and at which moments customers speak. Pure."""

from dataclasses import dataclass

import numpy as np

from heedful.journey.insights.consent import refused
from heedful.journey.insights.facts import NONE, Facts, Flags, Ints
from heedful.journey.insights.statistics.clustered import Shares, of_groups, shares


@dataclass(frozen=True, slots=True, eq=False)
class Askable:
    """By customer.

    Attributes:
        allowed: they did not refuse, and were not contacted too often of late.
        recent: the number of their newest event in the last days, if it was a moment: they came,
            bought or called; `NONE` without one.
    """

    allowed: Flags
    recent: Ints


def askable(facts: Facts, contacts: int, within_days: float, moment_days: float) -> Askable:
    """Who may be asked at the end of the period.

    Args:
        contacts, within_days: so many contacts by the business are allowed in so many days; the
            next one must not be one too many.
        moment_days: how old a moment may be.
    """
    known = facts.customer != NONE
    late = known & facts.outbound & (facts.at >= facts.until - within_days)
    contacted = np.bincount(facts.customer[late], minlength=len(facts.customers))
    fresh = np.flatnonzero(_moments(facts) & (facts.at >= facts.until - moment_days))
    recent = np.full(len(facts.customers), NONE, dtype=np.int32)
    # By time within a customer: the last one stays.
    recent[facts.customer[fresh]] = fresh
    return Askable(allowed=(contacted < contacts) & ~refused(facts), recent=recent)


@dataclass(frozen=True, slots=True, eq=False)
class Moments:
    """After which moments customers speak: by moment how many there were, how many customers had
    one, and the share after which they spoke within some days."""

    names: tuple[tuple[str, str | None], ...]
    customers: Ints
    spoke: Shares


def moments(facts: Facts, within_days: float) -> Moments:
    """By kind and touchpoint of an interaction; only those that were followed for long enough."""
    whole = _moments(facts) & (facts.at + within_days <= facts.until)
    places = np.flatnonzero(whole)
    touchpoints = len(facts.touchpoint.names) + 1
    pair = facts.interaction.codes[places].astype(np.int64) * touchpoints
    pair += facts.touchpoint.codes[places] + 1
    pairs, group = np.unique(pair, return_inverse=True)
    spoke = _spoke_within(facts, places, within_days)
    customer = facts.customer[places]
    counted = of_groups(group.astype(np.int32), customer, spoke, len(pairs), len(facts.customers))
    names = tuple(
        (
            facts.interaction.names[one // touchpoints],
            facts.touchpoint.names[one % touchpoints - 1] if one % touchpoints else None,
        )
        for one in pairs
    )
    return Moments(names, counted.clusters.astype(np.int32), shares(counted))


def _moments(facts: Facts) -> Flags:
    """What a known customer did, and the business did not begin."""
    own: Flags = ~facts.feedback & ~facts.outbound & (facts.interaction.codes != NONE)
    known: Flags = facts.customer != NONE
    return own & known


def _spoke_within(facts: Facts, places: np.ndarray, days: float) -> Flags:
    """Whether the same customer said something within so many days after each place."""
    voices = np.flatnonzero(facts.voiced)
    if not len(voices):
        return np.zeros(len(places), dtype=np.bool_)
    following = voices[np.minimum(np.searchsorted(voices, places), len(voices) - 1)]
    found: Flags = (
        (following > places)
        & (facts.customer[following] == facts.customer[places])
        & (facts.at[following] <= facts.at[places] + days)
    )
    return found

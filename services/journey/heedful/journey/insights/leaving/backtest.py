"""How often a flag was right: flags as of past moments against who left afterwards. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from heedful.journey.insights.distinct import distinct
from heedful.journey.insights.facts import Facts, Flags, Floats, Ints
from heedful.journey.insights.followup import followed
from heedful.journey.insights.leavers import contracts, leavers
from heedful.journey.insights.leaving.flags import Rule, Sign, flagged
from heedful.journey.insights.segments import segments
from heedful.journey.insights.statistics.clustered import Counted, Shares, of_groups, shares
from heedful.journey.insights.statistics.stratified import Stratified, compared

ANY = "any"
TENURES: Final = (30.0, 60.0, 90.0, 180.0, 365.0)
"""Days. Who came lately has had less time to say or do anything, and leaves more or less often."""


@dataclass(frozen=True, slots=True, eq=False)
class Looked:
    """Satisfied customers at one moment: whether they showed each sign, and whether they left.

    Attributes:
        stratum: customers who are alike: of one segment and plan, known for as long.
        leavers: customers with a score who left, satisfied or not.
    """

    moment: float
    customer: Ints
    stratum: Ints
    signs: dict[str, Flags]
    left: Flags
    leavers: int


def moments(facts: Facts, rule: Rule, horizon: float, most: int) -> list[float]:
    """Past moments, the horizon apart, newest first, each with its horizon in the period and
    with enough before it to see signs."""
    first = facts.since + rule.recent
    newest = facts.until - horizon
    found = [newest - number * horizon for number in range(most)]
    return [moment for moment in found if moment >= first]


def looked(facts: Facts, given: Flags, at: float, horizon: float, rule: Rule) -> Looked:
    """One moment: flags from before it, departures from after it."""
    follow = followed(facts)
    known = flagged(facts, given, at, rule)
    after = leavers(facts, follow, contracts(facts, follow), at, horizon)
    who = np.flatnonzero(known.satisfied & after.at_risk)
    return Looked(
        at,
        who.astype(np.int32),
        _alike(facts, at - follow.entry)[who],
        {ANY: known.flagged[who], **{sign.value: one[who] for sign, one in known.signs.items()}},
        after.left[who],
        leavers=int((after.left & known.scored).sum()),
    )


def _alike(facts: Facts, tenure: Floats) -> Ints:
    """By customer."""
    known = np.searchsorted(TENURES, np.nan_to_num(tenure), side="right")
    found: Ints = (segments(facts) * (len(TENURES) + 1) + known).astype(np.int32)
    return found


@dataclass(frozen=True, slots=True, eq=False)
class Right:
    """How often flags were right over all moments, by kind of flag.

    Attributes:
        names: `any` and the signs.
        precision: of those who showed it, who left.
        compared: those who showed it against the other satisfied ones, who were alike at the same
            moment.
        base: of all satisfied ones, who left.
        customers: different customers who showed it.
        found: satisfied customers who left, and how many of them had been flagged so.
    """

    names: list[str]
    precision: Shares
    compared: list[Stratified]
    base: Shares
    customers: list[int]
    left: int
    found: list[int]


def right(at: Sequence[Looked]) -> Right:
    """All moments together; a customer who was looked at several times is one cluster."""
    names = [ANY, *(sign.value for sign in Sign)]
    who = np.concatenate([one.customer for one in at])
    _, numbers = np.unique(who, return_inverse=True)
    cluster = numbers.astype(np.int32)
    left = np.concatenate([one.left for one in at])
    moment = np.repeat(np.arange(len(at)), [len(one.customer) for one in at])
    stratum = np.concatenate([one.stratum for one in at])
    _, like = np.unique(moment * (int(stratum.max(initial=0)) + 1) + stratum, return_inverse=True)
    alike = like.astype(np.int32)
    shown = [np.concatenate([one.signs[name] for one in at]) for name in names]
    clusters = int(cluster.max(initial=-1)) + 1

    def sample(flags: Sequence[Flags]) -> Counted:
        sizes = [int(one.sum()) for one in flags]
        group = np.repeat(np.arange(len(flags), dtype=np.int32), sizes)
        own = np.concatenate([cluster[one] for one in flags])
        hit = np.concatenate([left[one] for one in flags])
        return of_groups(group, own, hit, len(flags), clusters)

    return Right(
        names,
        shares(sample(shown)),
        [compared(one, left, alike, cluster) for one in shown],
        shares(sample([np.ones_like(left)])),
        [len(distinct(cluster[one])) for one in shown],
        int(left.sum()),
        [int((one & left).sum()) for one in shown],
    )

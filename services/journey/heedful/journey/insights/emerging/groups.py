"""Groups of recent texts that no topic names and that are like nothing said before. Pure."""

from collections.abc import Sequence

import numpy as np

from heedful.journey.insights.emerging.clusters import Cluster, Novel, novel, sample
from heedful.journey.insights.examples import examples
from heedful.journey.insights.facts import Facts, Flags, Ints, Texts
from heedful.journey.insights.report import Row
from heedful.journey.insights.speakers import customers
from heedful.journey.insights.statistics.proportions import share

GROUP = "group"
_UNNAMED_CHARS = 12
"""Of the most typical text, which names a group whose texts have no term in common."""


def wanted(facts: Facts, said: Flags, recent_since: float) -> Ints:
    """The events that are compared: of what was said before and since then as many as are looked
    at, drawn alike from all of it."""
    chosen = [
        np.flatnonzero(said & when)[sample(int((said & when).sum()))]
        for when in (facts.at < recent_since, facts.at >= recent_since)
    ]
    return np.sort(np.concatenate(chosen)).astype(np.int32)


def new_groups(facts: Facts, texts: Texts, recent_since: float) -> tuple[list[Row], Novel]:
    """A row for each group, and what was compared.

    Groups are found by looking at all texts at once: there is no p-value of one. What speaks for it
    is its share of what was compared, and how few earlier texts are like it.
    """
    recent = np.flatnonzero(facts.at[texts.events] >= recent_since)
    earlier = np.flatnonzero(facts.at[texts.events] < recent_since)
    words = np.array(texts.words, dtype=object)
    found = novel(
        texts.vectors[earlier],
        texts.vectors[recent],
        words[earlier].tolist(),
        words[recent].tolist(),
    )
    events, spoken = texts.events[recent], words[recent].tolist()
    return [_row(facts, events, spoken, one, found.compared) for one in found.clusters], found


def _row(facts: Facts, events: Ints, words: Sequence[str], one: Cluster, compared: int) -> Row:
    members = events[one.members]
    theirs = np.zeros(len(facts), dtype=bool)
    theirs[members] = True
    return Row(
        cells={
            "topic": one.name or words[one.members[0]][:_UNNAMED_CHARS],
            "kind": GROUP,
            "recent": len(members),
            "recent_share": share(len(members), compared),
            "before_share": None,
            "p": None,
            "trend": None,
            "new": True,
            "changed_at": None,
            "likeness": one.likeness,
        },
        customers=customers(facts, theirs),
        examples=examples(facts, members),
    )

"""Feedback with a score as a matrix: who speaks of what, and whether they praise or blame."""

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from heedful.journey.insights.facts import Facts, Flags, Floats, Ints
from heedful.journey.insights.speakers import speakers


@dataclass(frozen=True, slots=True, eq=False)
class Scored:
    """
    Attributes:
        events: places in the facts.
        mentioned, blamed, praised: events x topics, ones.
        speaker: who gave each score.
    """

    events: Ints
    mentioned: sp.csr_array
    blamed: sp.csr_array
    praised: sp.csr_array
    score: Floats
    speaker: Ints

    @property
    def mentions(self) -> Floats:
        return _sums(self.mentioned)

    @property
    def blames(self) -> Floats:
        return _sums(self.blamed)

    @property
    def praises(self) -> Floats:
        return _sums(self.praised)

    @property
    def told(self) -> Flags:
        """Which speak of any topic."""
        found: Flags = np.asarray(self.mentioned.sum(axis=1)).ravel() > 0
        return found

    @property
    def felt(self) -> Flags:
        """Which praise or blame one."""
        found: Flags = np.asarray((self.blamed + self.praised).sum(axis=1)).ravel() > 0
        return found

    def only(self, kept: Flags) -> "Scored":
        """These of them."""
        return Scored(
            events=self.events[kept],
            mentioned=self.mentioned[kept],
            blamed=self.blamed[kept],
            praised=self.praised[kept],
            score=self.score[kept],
            speaker=self.speaker[kept],
        )

    def speaks_of(self, topic: int) -> Flags:
        found: Flags = self.mentioned[:, [topic]].toarray().ravel() > 0
        return found


def scored(facts: Facts, of: Flags) -> Scored:
    """The events `of`, which all have a score. A topic is praised where the valence of the text is
    above 0 and blamed where it is below."""
    events = np.flatnonzero(of).astype(np.int32)
    place = np.full(len(facts), -1, dtype=np.int32)
    place[events] = np.arange(len(events), dtype=np.int32)
    row = place[facts.topics.events]
    there = row >= 0
    row, topic = row[there], facts.topics.codes[there]
    valence = facts.valence[events][row]
    shape = (len(events), len(facts.topics.names))

    def ones(kept: Flags) -> sp.csr_array:
        data = np.ones(int(kept.sum()))
        return sp.csr_array((data, (row[kept], topic[kept])), shape=shape)

    who, _ = speakers(facts)
    return Scored(
        events=events,
        mentioned=ones(np.ones(len(row), dtype=bool)),
        blamed=ones(valence < 0),
        praised=ones(valence > 0),
        score=facts.score[events],
        speaker=who[events],
    )


def _sums(matrix: sp.csr_array) -> Floats:
    found: Floats = np.asarray(matrix.sum(axis=0), dtype=np.float64).ravel()
    return found

"""Which moments set the scores of journeys, and whether others would have in other samples."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from heedful.journey.insights.facts import NONE, Facts, Floats, Ints
from heedful.journey.insights.peak_end.journeys import Journeys
from heedful.journey.insights.peak_end.model import Model
from heedful.journey.insights.report import Estimate
from heedful.journey.insights.statistics.resampling import drawn, interval


@dataclass(frozen=True, slots=True, eq=False)
class Moments:
    """One entry for each touchpoint and topic that some journey peaked or ended with.

    Attributes:
        touchpoint, topic: codes, or `NONE`.
        peaks, ends: journeys that it was the peak or the end of; of several topics said together
            each has its part.
        valence: the mean there, over peaks and ends.
        effect: by how much it moves the mean score of all journeys.
        effect_draws: resamples x moments.
    """

    touchpoint: Ints
    topic: Ints
    peaks: Floats
    ends: Floats
    valence: Floats
    effect: Floats
    effect_draws: Floats
    of: Ints
    """The moment of each entry of `journey`: who looks for examples needs both."""
    journey: Ints

    def estimate(self, moment: int) -> Estimate:
        return interval(float(self.effect[moment]), self.effect_draws[:, moment])

    def among_first(self, most: int) -> Floats:
        """Share of resamples in which each is among so many with the largest effects."""
        size = np.abs(self.effect_draws)
        if size.shape[1] <= most:
            return np.ones(size.shape[1])
        least = -np.partition(-size, most - 1, axis=1)[:, most - 1]
        found: Floats = (size >= least[:, None]).mean(axis=0)
        return found


def setting(facts: Facts, found: Journeys, model: Model, block: Ints, blocks: int) -> Moments:
    """The moments of these journeys, with what the model makes of them."""
    peaks, ends = _entries(facts, found.peak), _entries(facts, found.end)
    keys = np.concatenate([peaks.key, ends.key])
    present, places = np.unique(keys, return_inverse=True)
    of = places.astype(np.int32)
    split = len(peaks.key)
    count = len(present)

    def by_block(entries: "_Entries", moment: Ints, value: Floats) -> Floats:
        cell = block[entries.journey].astype(np.int64) * count + moment
        return _sums(cell, entries.part * value, blocks * count).reshape(blocks, count)

    peak = by_block(peaks, of[:split], found.peak_valence[peaks.journey])
    end = by_block(ends, of[split:], found.end_valence[ends.journey])
    draws = drawn(blocks)
    sizes = np.bincount(block, minlength=blocks)
    weight = model.draws / (draws @ sizes)[:, None]
    peaked = _sums(of[:split], peaks.part, count)
    ended = _sums(of[split:], ends.part, count)
    summed = peak.sum(axis=0), end.sum(axis=0)
    topics = len(facts.topics.names) + 1
    return Moments(
        touchpoint=(present // topics + NONE).astype(np.int32),
        topic=(present % topics + NONE).astype(np.int32),
        peaks=peaked,
        ends=ended,
        valence=(summed[0] + summed[1]) / (peaked + ended),
        effect=(model.peak.value * summed[0] + model.end.value * summed[1]) / len(found),
        effect_draws=weight[:, :1] * (draws @ peak) + weight[:, 1:] * (draws @ end),
        of=of,
        journey=np.concatenate([peaks.journey, ends.journey]),
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Entries:
    """One entry for each topic of each event: its journey, what it is, and its part of it."""

    journey: Ints
    key: Ints
    part: Floats


def _sums(cell: npt.NDArray[np.integer], value: Floats, cells: int) -> Floats:
    return np.bincount(cell, weights=value, minlength=cells).astype(np.float64)


def _entries(facts: Facts, events: Ints) -> _Entries:
    starts = facts.topics.starts
    lengths = starts[events + 1] - starts[events]
    # What is said of no topic has one entry, which names none.
    entries = np.maximum(lengths, 1)
    journey = np.repeat(np.arange(len(events), dtype=np.int32), entries)
    first = np.cumsum(entries) - entries
    place = np.arange(len(journey)) - first[journey] + starts[events][journey]
    silent = lengths[journey] == 0
    codes = np.append(facts.topics.codes, NONE)
    topic = np.where(silent, NONE, codes[np.where(silent, -1, place)])
    width = len(facts.topics.names) + 1
    touchpoint = facts.touchpoint.codes[events][journey]
    key = (touchpoint - NONE) * width + (topic - NONE)
    return _Entries(journey, key.astype(np.int32), 1 / entries[journey])

"""From labels to a text that says the same: what a customer might have said."""

from collections.abc import Sequence

import numpy as np

from heedful.journey.insights.facts import NONE, Facts, Ints, Many
from heedful.journey.simulation import phrases
from heedful.journey.simulation.draws import stream

_PARTS = 6


class Wording:
    """The texts of the feedback of `facts`; the same for a seed."""

    def __init__(self, facts: Facts, seed: int) -> None:
        self._facts = facts
        self._sign = np.sign(np.nan_to_num(facts.valence)).astype(int)
        self._employee = facts.channel.having("employee")
        self._draws: Ints = stream(seed, "texts").integers(
            0, 2**31 - 1, (len(facts), _PARTS), dtype=np.int32
        )

    def text(self, event: int) -> str:
        """Of feedback: where, what, and how it felt."""
        facts, draws = self._facts, self._draws[event].tolist()
        feeling = int(self._sign[event]) + 1
        topics = _names(facts.topics, event)
        parts = [_one(phrases.CLAUSES[topic][feeling], draw)
                 for topic, draw in zip(topics, draws, strict=False)]  # fmt: skip
        said = "，".join(parts or [_one(phrases.PLAIN[feeling], draws[0])])
        felt = _names(facts.perceptions, event)
        ending = _one(phrases.ENDINGS[felt[0]] if felt else phrases.NO_ENDING, draws[3])
        return self._opening(event, draws[4]) + said + ending + self._more(event, draws[5])

    def _opening(self, event: int, draw: int) -> str:
        if self._employee[event]:
            return _one(phrases.NOTE, draw)
        code = self._facts.touchpoint.codes[event]
        return "" if code == NONE else _one(
            phrases.OPENINGS[self._facts.touchpoint.names[code]], draw
        )  # fmt: skip

    def _more(self, event: int, draw: int) -> str:
        leaving = _one(phrases.LEAVING, draw) if self._facts.leaving[event] else ""
        return leaving + (_one(phrases.SOLICITED, draw) if self._facts.solicited[event] else "")


def _one(of: Sequence[str], draw: int) -> str:
    return of[draw % len(of)]


def _names(many: Many, event: int) -> list[str]:
    return [many.names[code] for code in many.codes[many.starts[event] : many.starts[event + 1]]]

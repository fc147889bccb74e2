"""What the encoder hears in a text beyond its mood: what is wanted, needed, felt and at stake."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from heedful.nlp.encoder import tasks
from heedful.nlp.encoder.engine import Temperatures
from heedful.nlp.encoder.focus import Place, focus_in
from heedful.nlp.encoder.spans import Floats, mean_of, softmax
from heedful.nlp.encoder.windows import Window
from heedful.nlp.encoder.wordpiece import Tokens

_NUMBERS: Final[Mapping[str, int]] = {flag: number for number, flag in enumerate(tasks.FLAGS)}


@dataclass(frozen=True, slots=True)
class Heard:
    """One flag: how sure it is, and where the encoder looked for it."""

    share: float
    focus: Place


@dataclass(frozen=True, slots=True)
class Hearing:
    """Shares of `tasks.INTENTS` and `tasks.NEEDS`, where each was looked for, and every flag of
    `tasks.FLAGS`."""

    intent: Floats
    intent_focus: Place
    need: Floats
    need_focus: Place
    flags: tuple[Heard, ...]

    def flag(self, name: str) -> Heard:
        """One of `tasks.FLAGS`.

        Raises:
            KeyError: no such flag.
        """
        return self.flags[_NUMBERS[name]]


def hear(
    answers: Sequence[Floats],
    looked: Floats,
    parts: Sequence[Window],
    tokens: Tokens,
    heat: Temperatures,
) -> Hearing:
    """What is heard in the windows of a text.

    A wish is the mean of the windows by their size; a flag comes from the window that is surest of
    it, for one sentence in a long call is enough.

    Args:
        answers: logits [queries, classes] of each window.
        looked: shares of attention [pieces, queries], each piece from its best window.
        parts: the windows.
        tokens: the pieces.
        heat: what logits are divided by.
    """
    logits = np.stack(answers)
    sizes = [part.last - part.first for part in parts]
    intents = softmax(logits[:, tasks.INTENT_QUERY, : len(tasks.INTENTS)] / heat.intent)
    needs = softmax(logits[:, tasks.NEED_QUERY, : len(tasks.NEEDS)] / heat.need)
    shares = 1 / (1 + np.exp(-logits[:, tasks.FLAG_QUERIES, 0] / heat.flags))
    surest = shares.argmax(axis=0).tolist()
    longest = int(np.argmax(sizes))

    def focus(query: int, part: int) -> Place:
        return focus_in(looked[:, query], parts[part], tokens)

    return Hearing(
        intent=mean_of(intents, sizes),
        intent_focus=focus(tasks.INTENT_QUERY, longest),
        need=mean_of(needs, sizes),
        need_focus=focus(tasks.NEED_QUERY, longest),
        flags=tuple(
            Heard(float(shares[part, number]), focus(tasks.FLAG_QUERIES.start + number, part))
            for number, part in enumerate(surest)
        ),
    )

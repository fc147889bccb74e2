"""What the encoder may hear in a text."""

import numpy as np

from heedful.nlp.encoder.focus import Place
from heedful.nlp.encoder.hearing import Heard, Hearing
from heedful.nlp.encoder.tasks import FLAGS, INTENTS, NEEDS

SURE = 0.9


def hearing(
    shares: dict[str, float] | None = None,
    *,
    intent: str = "complaint",
    need: str = "none",
    focus: Place = (0, 2),
) -> Hearing:
    """A hearing with these shares of flags and no others, that looked everywhere at one place."""
    shares = shares or {}
    return Hearing(
        intent=_sure(INTENTS.index(intent), len(INTENTS)),
        intent_focus=focus,
        need=_sure(NEEDS.index(need), len(NEEDS)),
        need_focus=focus,
        flags=tuple(Heard(shares.get(flag, 0.0), focus) for flag in FLAGS),
    )


def _sure(chosen: int, classes: int) -> np.ndarray:
    shares = np.full(classes, (1 - SURE) / (classes - 1), dtype=np.float32)
    shares[chosen] = SURE
    return shares

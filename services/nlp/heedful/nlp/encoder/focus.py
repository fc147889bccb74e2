"""Where the encoder looked: runs of pieces around a peak of attention."""

from typing import Final

from heedful.nlp.encoder.spans import Floats
from heedful.nlp.encoder.windows import Window
from heedful.nlp.encoder.wordpiece import Tokens

Place = tuple[int, int]
"""Of the normal form, half-open."""

_ATTENDED: Final = 0.5


def focus_in(looked: Floats, part: Window, tokens: Tokens) -> Place:
    """The run of pieces around the one that was looked at most, of those for which a window is the
    best.

    `looked` [pieces] shares of attention of one query.
    """
    own = looked[: part.last]
    return around(own, part.first + int(own[part.first :].argmax()), tokens, part.first)


def around(looked: Floats, peak: int, tokens: Tokens, floor: int = 0) -> Place:
    """The pieces beside a peak that were looked at half as much; none before `floor`."""
    least = looked[peak] * _ATTENDED
    first, last = peak, peak + 1
    while first > floor and looked[first - 1] >= least:
        first -= 1
    while last < len(looked) and looked[last] >= least:
        last += 1
    return tokens.starts[first], tokens.ends[last - 1]

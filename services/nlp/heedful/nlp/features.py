"""What the model sees of a text: hashed character n-grams, the same at training and at work.

Chinese needs no word segmentation for this: n-grams of one to four characters hold most words.
After Joulin et al., "Bag of Tricks for Efficient Text Classification" (2016), and Weinberger et
al., "Feature Hashing for Large Scale Multitask Learning" (2009). Pure numpy arithmetic on code
points, so a text costs microseconds.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

BUCKETS: Final = 1 << 17
ORDER: Final = 4
MAX_CHARS: Final = 4000
"""What a model of bags gains from more text is nothing; the cost must stay bounded."""

_BITS: Final = np.uint64(64 - 17)
_MIX: Final = np.uint64(0x9E3779B97F4A7C15)
_FOLD: Final = np.uint64(31)
# Which number it is says little; that there is one says something.
_DIGITS: Final = dict.fromkeys(range(ord("0"), ord("9") + 1), "0")
_STEP: Final = np.uint64(0xBF58476D1CE4E5B9)


def ngrams(normal: str) -> NDArray[np.int64]:
    """Bucket numbers of all n-grams of a normal form, with its two edges marked."""
    text = f"\x02{normal[:MAX_CHARS]}\x03".translate(_DIGITS)
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    points = codes.astype(np.uint64)
    size = len(points)
    state = np.zeros(size, dtype=np.uint64)
    parts = []
    for length in range(1, min(ORDER, size) + 1):
        state = (state[: size - length + 1] + points[length - 1 :]) * _MIX
        state ^= state >> _FOLD
        parts.append(state)
    # A bucket is below 2**17, so the signed view reads the same number.
    return ((np.concatenate(parts) * _STEP) >> _BITS).view(np.int64)

"""Analyses of texts that come again: surveys and reviews repeat themselves ("不错", "好评")."""

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Final, Generic, TypeVar

from heedful.nlp import metrics

_DIGEST_BYTES: Final = 16
# What repeats is short; long texts would only fill the memory.
_MAX_CHARS: Final = 500

Value = TypeVar("Value")


class TextCache(Generic[Value]):
    """The results of a pure function of a text, by a hash of it; the longest unused goes first.

    The text itself is no key. Thread-safe; two threads may compute the same text once each.
    """

    def __init__(self, texts: int) -> None:
        """`texts`: how many are kept; 0 keeps none."""
        self._texts = texts
        self._kept: OrderedDict[bytes, Value] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, text: str, compute: Callable[[str], Value]) -> Value:
        """The kept value of a text, or what `compute` makes of it."""
        if not self._texts or len(text) > _MAX_CHARS:
            return compute(text)
        key = hashlib.blake2b(text.encode(), digest_size=_DIGEST_BYTES).digest()
        with self._lock:
            kept = self._kept.get(key)
            if kept is not None:
                self._kept.move_to_end(key)
        metrics.CACHE.labels("miss" if kept is None else "hit").inc()
        if kept is not None:
            return kept
        value = compute(text)
        with self._lock:
            self._kept[key] = value
            if len(self._kept) > self._texts:
                self._kept.popitem(last=False)
        return value

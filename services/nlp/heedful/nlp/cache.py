"""Analyses of texts that come again: surveys and reviews repeat themselves ("不错", "好评")."""

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
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

    def get(
        self, texts: Sequence[str], compute: Callable[[Sequence[str]], Sequence[Value]]
    ) -> list[Value]:
        """The values of all texts, in order: kept ones, and what `compute` makes of the others."""
        keys = {text: self._key(text) for text in texts}
        found = {text: kept for text, key in keys.items() if (kept := self._look_up(key))}
        missing = [text for text in keys if text not in found]
        for text, value in zip(missing, compute(missing) if missing else (), strict=True):
            found[text] = value
            self._keep(keys[text], value)
        return [found[text] for text in texts]

    def _key(self, text: str) -> bytes | None:
        """None where the text is not kept."""
        if not self._texts or len(text) > _MAX_CHARS:
            return None
        return hashlib.blake2b(text.encode(), digest_size=_DIGEST_BYTES).digest()

    def _look_up(self, key: bytes | None) -> Value | None:
        if key is None:
            return None
        with self._lock:
            kept = self._kept.get(key)
            if kept is not None:
                self._kept.move_to_end(key)
        metrics.CACHE.labels("miss" if kept is None else "hit").inc()
        return kept

    def _keep(self, key: bytes | None, value: Value) -> None:
        if key is None:
            return
        with self._lock:
            self._kept[key] = value
            if len(self._kept) > self._texts:
                self._kept.popitem(last=False)

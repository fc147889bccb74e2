"""The consumer runtime: at least once, in order per key, nothing lost. See docs/runtime.md."""

from heedful.common.runtime.handler import Handled, Handler, Ordering, Subscription, as_is, each
from heedful.common.runtime.runner import ConsumerRunner

__all__ = ["ConsumerRunner", "Handled", "Handler", "Ordering", "Subscription", "as_is", "each"]

"""The consumer runtime: at least once, in order per key, nothing lost."""

from heedful.common.runtime.handler import Handled, Handler, Subscription
from heedful.common.runtime.runner import ConsumerRunner

__all__ = ["ConsumerRunner", "Handled", "Handler", "Subscription"]

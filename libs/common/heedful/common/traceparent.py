"""The W3C trace context of what is being done, where somebody traces it.

https://www.w3.org/TR/trace-context/#traceparent-header. Set by `heedful.common.tracing` alone, so
without it nothing travels that nobody would look at.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final

HEADER: Final = "traceparent"
_CURRENT: Final[ContextVar[str | None]] = ContextVar(HEADER, default=None)

Headers = Iterable[tuple[str, bytes]]


def current() -> str | None:
    """Of what is being done; None: it is not traced."""
    return _CURRENT.get()


@contextmanager
def continuing(traceparent: str | None) -> Iterator[None]:
    """What is done inside belongs to this."""
    token = _CURRENT.set(traceparent)
    try:
        yield
    finally:
        _CURRENT.reset(token)


def of_record(headers: Headers) -> str | None:
    """That of the step which wrote a record; None: it has none.

    The plain header, which each step writes anew; `ce_traceparent` stays that of the event's
    beginning (CloudEvents, extensions/distributed-tracing.md).
    """
    return next((value.decode(errors="replace") for name, value in headers if name == HEADER), None)


def stamped(headers: Headers, traceparent: str) -> tuple[tuple[str, bytes], ...]:
    """Headers of a record that say so, and nothing else about it."""
    kept = (one for one in headers if one[0] != HEADER)
    return (*kept, (HEADER, traceparent.encode()))

"""Python's garbage collector, set for a process that holds many records for a short time."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

_NEW_OBJECTS = 50_000
_YOUNG_RUNS = 20
_OLD_RUNS = 50


@contextmanager
def loading() -> Iterator[None]:
    """While modules are imported: what they make stays, and to look through it time and again
    takes a fifth of the time that a service needs to start."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def calm() -> None:
    """Call once, when everything that stays is loaded.

    Reference counting frees records at once; the collector only looks for cycles. With its own
    thresholds it looks through everything that is buffered every 700 new objects, which took a
    third of the consumer runtime's speed (docs/performance.md). What is loaded stays for ever
    and need not be looked through at all.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_NEW_OBJECTS, _YOUNG_RUNS, _OLD_RUNS)

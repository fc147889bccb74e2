"""Python's garbage collector, set for a process that holds many records for a short time."""

import gc

_NEW_OBJECTS = 50_000
_YOUNG_RUNS = 20
_OLD_RUNS = 50


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

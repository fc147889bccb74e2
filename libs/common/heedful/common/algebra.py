"""Threads of the linear algebra (OpenBLAS) that numpy and scipy bring."""

import os


def one_thread() -> None:
    """Call before numpy is imported, which reads it once; what the environment says holds.

    By default each product of matrices is shared among as many threads as there are processors, and
    waits for all of them. Ours are small: with other work on the machine a hundred times a hundred
    took ten times as long.
    """
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

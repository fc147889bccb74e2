"""What nlp takes on each backend: memory, and processor time to start and for a text.

Each in a process of its own without HTTP, in batches of 32 on two threads.
Needs the extra nlp-torch.

    python benchmarks/backends.py --texts 320
"""

import argparse
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.feedback import mixed
from benchmarks.support import machine, table
from heedful.nlp.backend import BACKENDS
from heedful.nlp.pipeline import Pipeline

BATCH = 32
THREADS = 2


def peak_mb() -> int:
    """The most memory that this process held so far."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.split("VmHWM:")[1].split()[0]) // 1024


def measured(backend: str, texts: int) -> tuple[str, ...]:
    """A row of the table, about this process."""
    pipeline = Pipeline.load(backend, embeddings=True)
    ready, started = peak_mb(), time.process_time()
    # No two texts are the same.
    each = [f"{text}{number}" for number, text in enumerate(mixed(texts))]
    batches = [each[first : first + BATCH] for first in range(0, texts, BATCH)]
    with ThreadPoolExecutor(THREADS) as threads:
        list(threads.map(pipeline.embed_all, batches))
    spent = (time.process_time() - started) / texts
    return backend, f"{ready:,}", f"{peak_mb():,}", f"{started:.1f}", f"{spent * 1000:.0f}"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--texts", type=int, default=320)
    parser.add_argument("--only", choices=BACKENDS, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.only is not None:
        print("|".join(measured(options.only, options.texts)))
        return
    again = [sys.executable, __file__, "--texts", str(options.texts), "--only"]
    rows = [
        subprocess.run(
            [*again, backend], capture_output=True, text=True, check=True, timeout=600
        ).stdout.strip()
        for backend in BACKENDS
    ]
    print(machine())
    table(
        ("", "MB, ready", "MB, at most", "CPU s to start", "CPU ms a text"),
        [row.split("|") for row in rows],
    )


if __name__ == "__main__":
    main()

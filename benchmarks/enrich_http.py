"""How long a single text takes through `POST /v1/enrich`: idle, and at half of what it can do.

nlp alone in a process of its own, its cache off, on the embedded bus (needs no Kafka). Idle is one
request after the other; the most that it can do is measured with as many requests under way as
keep it busy; half of that is sent by the clock, evenly and at random (a Poisson process, as
customers come), and each request is timed from when it was due.

    python benchmarks/enrich_http.py --texts 600 --seconds 20
"""

import argparse
import asyncio
import base64
import itertools
import secrets
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import orjson

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.feedback import mixed
from benchmarks.load import Answer, at_random, generate, request, send_at, send_on_time
from benchmarks.support import BIN, NO_QUOTA, free_port, machine, percentile, process, table
from heedful.cli.postgres import embedded_postgres
from heedful.nlp.settings import Backend

KEY = "benchmark"
BUSY = 8
WARM_S = 2.0
SEED = 20261130
OK = 200


def requests(texts: Sequence[str]) -> list[bytes]:
    """One request a text; no two texts are the same."""
    return [
        request(
            "/v1/enrich",
            orjson.dumps({"items": [{"id": f"{number}", "text": f"{text}{number}"}]}),
            {"X-API-Key": KEY},
        )
        for number, text in enumerate(texts)
    ]


def endless(posts: Sequence[bytes]) -> Callable[[], bytes]:
    found: Iterator[bytes] = itertools.cycle(posts)
    return lambda: next(found)


def peak_mb(running: "subprocess.Popen[bytes]") -> float:
    status = Path(f"/proc/{running.pid}/status").read_text(encoding="ascii")
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


async def measure(port: int, posts: Sequence[bytes], seconds: float) -> list[Sequence[str]]:
    """Rows of the table.

    Raises:
        SystemExit: a request was not answered with 200.
    """
    make = endless(posts)
    idle = await generate(port, make, 1, seconds, WARM_S)
    busy = await generate(port, make, BUSY, seconds, WARM_S)
    half = busy.rate / 2
    even = await send_on_time(port, [make() for _ in range(int(half * seconds))], half)
    moments = at_random(half, seconds, SEED)
    random = await send_at(port, [make() for _ in moments], moments)
    wrong = {one.status for one in (*even, *random)} | {*idle.statuses, *busy.statuses}
    if wrong != {OK}:
        raise SystemExit(f"answers other than 200: {wrong}")
    return [
        _row("idle, one after the other", idle.rate, idle.latencies),
        _row(f"busy, {BUSY} under way", busy.rate, busy.latencies),
        _row("half of that, evenly", half, _late(even)),
        _row("half of that, at random", len(random) / seconds, _late(random)),
    ]


def _late(answers: Sequence[Answer]) -> list[float]:
    return [one.answered - one.due for one in answers]


def _row(name: str, rate: float, latencies: Sequence[float]) -> Sequence[str]:
    p50, p99 = (percentile(latencies, percent) * 1000 for percent in (50, 99))
    return name, f"{rate:,.0f}", f"{p50:.1f}", f"{p99:.1f}"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--texts", type=int, default=600)
    parser.add_argument("--seconds", type=float, default=20, help="of each row")
    parser.add_argument("--backend", choices=[one.value for one in Backend], default="onnx")
    options = parser.parse_args()
    port = free_port()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with embedded_postgres(folder / "postgres") as database:
            env = {
                "HEEDFUL_DATABASE_URL": database,
                "HEEDFUL_API_KEYS": f"benchmark:{KEY}:*",
                "HEEDFUL_SECRET_KEYS": "k:" + base64.b64encode(secrets.token_bytes(32)).decode(),
                "HEEDFUL_NLP__BACKEND": options.backend,
                "HEEDFUL_NLP__CACHE_TEXTS": "0",
                "HEEDFUL_HTTP__PORT": str(port),
                **NO_QUOTA,
            }
            command = [str(BIN / "heedful-nlp")]
            ready = f"http://127.0.0.1:{port}/readyz"
            with process(command, env, ready, folder / "nlp.log") as running:
                posts = requests(mixed(options.texts))
                rows = asyncio.run(measure(port, posts, options.seconds))
                peak = peak_mb(running)
    print(machine())
    print(f"the nlp process took {peak:.0f} MB at most\n")
    table(("", "texts/s", "p50 ms", "p99 ms"), rows)


if __name__ == "__main__":
    main()

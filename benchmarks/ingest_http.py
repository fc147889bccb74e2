"""Accept rate of ingest over HTTP, beside the least that could do the job.

Compared, on one Kafka broker and with the same uvicorn settings, each a process of its own:

- heedful: `heedful-ingest` with a PostgreSQL of its own for duplicates;
- bare: a FastAPI handler with a pydantic model that sends to Kafka (aiokafka, acks=all,
  idempotent, linger 5 ms, lz4) and answers 202; see bare.py for what it leaves out.

The load generator is a third process; its own ceiling, against a handler that does nothing, is
printed first. Rounds alternate, figures are medians, ratios are of this run. `BENCHMARK_PREFIX`
is put before heedful's command, for a profiler.

    python benchmarks/ingest_http.py --seconds 4 --rounds 3
"""

import argparse
import itertools
import json
import os
import subprocess
import sys
import tempfile
import uuid
from pathlib import Path
from typing import Any

import uvloop

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks import bare
from benchmarks.load import generate, request
from benchmarks.support import (
    BIN,
    NO_QUOTA,
    broker,
    create_topic,
    free_port,
    machine,
    median,
    process,
    spread,
    table,
)
from heedful.cli.postgres import embedded_postgres

KEY = "benchmark"
TOPIC = "benchmark.bare"
PARTITIONS = 4
TEXT = (
    "你好，我昨天在你们店里做的保养，今天高速上刹车突然变软了，踩到底才有反应，"
    "车上还有孩子，差点出事。打了三次客服电话都没有人接，请马上处理。"
)
SINGLE, SINGLE_ID, BATCH_100, BATCH_500 = "single, no id", "single, id", "batch 100", "batch 500"
NDJSON_100 = "NDJSON 100"
SIZES = {SINGLE: 1, SINGLE_ID: 1, BATCH_100: 100, NDJSON_100: 100, BATCH_500: 500}


def item(id_: str | None, customer: int) -> dict[str, Any]:
    found: dict[str, Any] = {
        "source": "callcentre",
        "channel": "call",
        "text": TEXT,
        "occurred_at": "2026-11-24T08:15:00+08:00",
        "identifiers": [{"type": "customer_id", "value": f"c-{customer}"}],
        "conversation_id": f"conversation-{customer}",
    }
    return found if id_ is None else {**found, "id": id_}


def noop(port: int) -> None:
    """Serve an application that reads the body and answers 202."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        while (await receive()).get("more_body"):
            continue
        status = 200 if scope["path"] == "/readyz" else 202
        headers = [(b"content-length", b"2")]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": b"ok"})

    uvloop.run(bare.serve(app, port))


def load(port: int, kind: str, target: str, concurrency: int, seconds: float) -> None:
    """Generate load and print what came of it as JSON."""
    size = SIZES[kind]
    path = {
        ("heedful", False): "/v1/feedback",
        ("heedful", True): "/v1/feedback/batch",
        ("bare", False): "/one",
        ("bare", True): "/many",
    }.get((target, size > 1), "/")
    headers = {"X-API-Key": KEY} if target == "heedful" else {}
    numbers = itertools.count()
    run = uuid.uuid4().hex[:8]
    # An id of the same length stands for the numbered one, so Content-Length stays right.
    mark = "#" * len(f"{run}-{0:010}")
    body = [item(None if kind == SINGLE else f"{mark}-{index}", index) for index in range(size)]
    lines = [json.dumps(one, ensure_ascii=False) for one in body]
    text = lines[0] if size == 1 else f"[{','.join(lines)}]"
    media = "application/json"
    if kind == NDJSON_100 and target == "heedful":
        text, media = "\n".join(lines), "application/x-ndjson"
    parts = request(path, text.encode(), headers, media).split(mark.encode())

    def make() -> bytes:
        return f"{run}-{next(numbers):010}".encode().join(parts)

    found = uvloop.run(generate(port, make, concurrency, seconds, warm_s=1.0))
    wrong = {status: count for status, count in found.statuses.items() if status != 202}
    print(
        json.dumps(
            {
                "rate": found.rate,
                "p50": found.percentile(50) * 1000,
                "p99": found.percentile(99) * 1000,
                "wrong": wrong,
            }
        )
    )


def measure(port: int, kind: str, target: str, options: argparse.Namespace) -> dict[str, float]:
    concurrency = options.concurrency if SIZES[kind] == 1 else options.batch_concurrency
    answer = subprocess.run(
        [
            sys.executable, __file__, "--role", "load", "--port", str(port), "--kind", kind,
            "--target", target, "--concurrency", str(concurrency),
            "--seconds", str(options.seconds),
        ],
        check=True, stdout=subprocess.PIPE,
    )  # fmt: skip
    found: dict[str, Any] = json.loads(answer.stdout)
    if found["wrong"]:
        raise SystemExit(f"{target}, {kind}: answers other than 202: {found['wrong']}")
    return found


def compare(options: argparse.Namespace) -> None:
    ports = {name: free_port() for name in ("heedful", "bare", "noop")}
    role = [sys.executable, __file__, "--role"]
    with (
        tempfile.TemporaryDirectory() as folder,
        broker() as bootstrap,
        embedded_postgres(Path(folder) / "data") as database,
    ):
        create_topic(bootstrap, TOPIC, PARTITIONS)
        environment = {
            "HEEDFUL_DATABASE_URL": database,
            "HEEDFUL_DATA_DIR": folder,
            "HEEDFUL_KAFKA__BOOTSTRAP_SERVERS": bootstrap,
            "HEEDFUL_KAFKA__PARTITIONS": str(PARTITIONS),
            "HEEDFUL_API_KEYS": f"bench:{KEY}:*",
            "HEEDFUL_HTTP__PORT": str(ports["heedful"]),
            **NO_QUOTA,
        }
        profiled = os.environ.get("BENCHMARK_PREFIX", "").split()
        commands = {
            "heedful": [*profiled, str(BIN / "heedful-ingest")],
            "bare": [
                sys.executable, bare.__file__, "accept", "--port", str(ports["bare"]),
                "--bootstrap", bootstrap, "--topic", TOPIC,
            ],
            "noop": [*role, "noop", "--port", str(ports["noop"])],
        }  # fmt: skip
        ready = {name: f"http://127.0.0.1:{port}/readyz" for name, port in ports.items()}
        with process(commands["noop"], {}, ready["noop"]):
            ceiling = measure(ports["noop"], SINGLE_ID, "noop", options)
        print(machine())
        print(f"ceiling of the load generator: {ceiling['rate']:,.0f} requests/s\n")
        with (
            process(commands["heedful"], environment, ready["heedful"]),
            process(commands["bare"], {}, ready["bare"]),
        ):
            rows = [compare_kind(kind, ports, options) for kind in options.kinds or SIZES]
        table(("", "heedful items/s", "spread", "bare items/s", "spread", "ratio",
               "heedful p50/p99 ms", "bare p50/p99 ms"), rows)  # fmt: skip
        print(f"\n{machine()}")


def compare_kind(kind: str, ports: dict[str, int], options: argparse.Namespace) -> tuple[str, ...]:
    seen: dict[str, list[dict[str, float]]] = {"heedful": [], "bare": []}
    for number in range(options.rounds):
        order = ("heedful", "bare") if number % 2 == 0 else ("bare", "heedful")
        for target in order:
            seen[target].append(measure(ports[target], kind, target, options))
    cells = [kind]
    rates = {}
    for target, found in seen.items():
        items = [one["rate"] * SIZES[kind] for one in found]
        rates[target] = median(items)
        cells += [f"{rates[target]:,.0f}", spread(items)]
    cells.append(f"{rates['heedful'] / rates['bare']:.2f}")
    for found in seen.values():
        cells.append("/".join(f"{median([one[p] for one in found]):.0f}" for p in ("p50", "p99")))
    return tuple(cells)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seconds", type=float, default=4.0, help="measured, after 1 s of warming")
    parser.add_argument("--rounds", type=int, default=3, help="of each, alternated")
    parser.add_argument("--concurrency", type=int, default=64, help="connections, single items")
    parser.add_argument("--batch-concurrency", type=int, default=4, help="connections, batches")
    parser.add_argument("--kinds", nargs="*", choices=list(SIZES), help="default: all")
    parser.add_argument("--role", choices=("noop", "load"), help=argparse.SUPPRESS)
    parser.add_argument("--port", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--kind", help=argparse.SUPPRESS)
    parser.add_argument("--target", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.role == "noop":
        noop(options.port)
    elif options.role == "load":
        load(options.port, options.kind, options.target, options.concurrency, options.seconds)
    else:
        compare(options)


if __name__ == "__main__":
    main()

"""Accept rate of ingest over HTTP, beside the least that could do the job.

Compared, on one Kafka broker and with the same uvicorn settings, each a process of its own:

- heedful: `heedful-ingest` with a PostgreSQL of its own for duplicates;
- bare: a FastAPI handler with a pydantic model that sends to Kafka (aiokafka, acks=all,
  idempotent, linger 5 ms, lz4) and answers 202. No authentication, duplicates, redaction,
  record keys, limits or metrics.

The load generator is a third process; its own ceiling, against a handler that does nothing, is
printed first. Rounds alternate, figures are medians, ratios are of this run.

    python benchmarks/ingest_http.py --seconds 4 --rounds 3
"""

import argparse
import asyncio
import itertools
import json
import os
import subprocess
import sys
import tempfile
import uuid
from pathlib import Path
from typing import Any

import uvicorn
import uvloop
from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from fastapi import FastAPI, Response
from pydantic import BaseModel

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.support import (  # noqa: E402
    BIN,
    broker,
    free_port,
    generate,
    machine,
    median,
    process,
    request,
    spread,
    table,
)
from heedful.cli.postgres import embedded_postgres  # noqa: E402

KEY = "benchmark"
TOPIC = "benchmark.bare"
PARTITIONS = 4
TEXT = (
    "你好，我昨天在你们店里做的保养，今天高速上刹车突然变软了，踩到底才有反应，"
    "车上还有孩子，差点出事。打了三次客服电话都没有人接，请马上处理。"
)
SINGLE, SINGLE_ID, BATCH_100, BATCH_500 = "single, no id", "single, id", "batch 100", "batch 500"
SIZES = {SINGLE: 1, SINGLE_ID: 1, BATCH_100: 100, BATCH_500: 500}


class Identifier(BaseModel):
    type: str
    value: str


class Item(BaseModel):
    """The bare handler's model: the fields that the benchmark sends."""

    source: str
    channel: str
    text: str
    occurred_at: str
    identifiers: list[Identifier]
    conversation_id: str
    id: str | None = None


def item(number: int | None) -> dict[str, Any]:
    found: dict[str, Any] = {
        "source": "callcentre",
        "channel": "call",
        "text": TEXT,
        "occurred_at": "2026-11-24T08:15:00+08:00",
        "identifiers": [{"type": "customer_id", "value": f"c-{(number or 0) % 1000}"}],
        "conversation_id": f"conversation-{(number or 0) % 1000}",
    }
    if number is not None:
        found["id"] = f"{uuid.uuid4().hex[:8]}-{number}"
    return found


def bare(port: int, bootstrap: str) -> None:
    """Serve the bare handler."""
    app = FastAPI()
    producers: list[AIOKafkaProducer] = []

    @app.post("/one")
    async def one(posted: Item) -> Response:
        value = posted.model_dump_json().encode()
        await producers[0].send_and_wait(TOPIC, value, key=posted.conversation_id.encode())
        return Response(b'{"status":"accepted"}', 202, media_type="application/json")

    @app.post("/many")
    async def many(posted: list[Item]) -> Response:
        sent = [
            await producers[0].send(
                TOPIC, one.model_dump_json().encode(), key=one.conversation_id.encode()
            )
            for one in posted
        ]
        await asyncio.gather(*sent)
        return Response(b'{"status":"accepted"}', 202, media_type="application/json")

    @app.get("/readyz")
    async def ready() -> Response:
        return Response(b"ok")

    async def serve() -> None:
        producer = AIOKafkaProducer(
            bootstrap_servers=bootstrap, enable_idempotence=True, acks="all", linger_ms=5,
            compression_type="lz4", max_batch_size=256 * 1024,
        )  # fmt: skip
        await producer.start()
        producers.append(producer)
        await _serve(app, port)
        await producer.stop()

    uvloop.run(serve())


def noop(port: int) -> None:
    """Serve an application that reads the body and answers 202."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        while (await receive()).get("more_body"):
            continue
        status = 200 if scope["path"] == "/readyz" else 202
        headers = [(b"content-length", b"2")]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": b"ok"})

    uvloop.run(_serve(app, port))


async def _serve(app: Any, port: int) -> None:
    await uvicorn.Server(
        uvicorn.Config(
            app, host="127.0.0.1", port=port, log_config=None, access_log=False, lifespan="off",
            timeout_keep_alive=30, server_header=False, backlog=2048,
        )
    ).serve()  # fmt: skip


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
    run = uuid.uuid4().hex[:8].encode()
    mark = b"00000000-"

    def template(count: int) -> bytes:
        body = [item(None if kind == SINGLE else number) for number in range(count)]
        for index, one in enumerate(body):
            if "id" in one:
                one["id"] = f"{mark.decode()}{'#' * 10}-{index}"
        text = json.dumps(body if size > 1 else body[0], ensure_ascii=False)
        return request(path, text.encode(), headers)

    parts = template(size).split(mark + b"#" * 10)

    def make() -> bytes:
        return (run + b"-%010d" % next(numbers) + b"").join(parts) if len(parts) > 1 else parts[0]

    # The mark and its replacement have the same length, so Content-Length stays right.
    assert len(run + b"-%010d" % 0) == len(mark + b"#" * 10)
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
        check=True, capture_output=True,
    )  # fmt: skip
    found: dict[str, Any] = json.loads(answer.stdout)
    if found["wrong"]:
        raise SystemExit(f"{target}, {kind}: answers other than 202: {found['wrong']}")
    return found


async def create_topic(bootstrap: str) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        if TOPIC not in await admin.list_topics():
            await admin.create_topics([NewTopic(TOPIC, PARTITIONS, 1)])
    finally:
        await admin.close()


def compare(options: argparse.Namespace) -> None:
    ports = {name: free_port() for name in ("heedful", "bare", "noop")}
    role = [sys.executable, __file__, "--role"]
    with (
        tempfile.TemporaryDirectory() as folder,
        broker() as bootstrap,
        embedded_postgres(Path(folder) / "data") as database,
    ):
        asyncio.run(create_topic(bootstrap))
        environment = {
            "HEEDFUL_DATABASE_URL": database,
            "HEEDFUL_DATA_DIR": folder,
            "HEEDFUL_KAFKA__BOOTSTRAP_SERVERS": bootstrap,
            "HEEDFUL_KAFKA__PARTITIONS": str(PARTITIONS),
            "HEEDFUL_API_KEYS": f"bench:{KEY}:*",
            "HEEDFUL_HTTP__PORT": str(ports["heedful"]),
        }
        profiled = os.environ.get("BENCHMARK_PREFIX", "").split()
        commands = {
            "heedful": [*profiled, str(BIN / "heedful-ingest")],
            "bare": [*role, "bare", "--port", str(ports["bare"]), "--bootstrap", bootstrap],
            "noop": [*role, "noop", "--port", str(ports["noop"])],
        }
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
    parser.add_argument("--role", choices=("bare", "noop", "load"), help=argparse.SUPPRESS)
    parser.add_argument("--port", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--bootstrap", help=argparse.SUPPRESS)
    parser.add_argument("--kind", help=argparse.SUPPRESS)
    parser.add_argument("--target", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.role == "bare":
        bare(options.port, options.bootstrap)
    elif options.role == "noop":
        noop(options.port)
    elif options.role == "load":
        load(options.port, options.kind, options.target, options.concurrency, options.seconds)
    else:
        compare(options)


if __name__ == "__main__":
    main()

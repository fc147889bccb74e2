"""The least that could do the job, to compare with. Not a benchmark.

    python benchmarks/bare.py accept    a FastAPI handler with a pydantic model that sends to Kafka
                                        (aiokafka, acks=all, idempotent, lz4) and answers 202
    python benchmarks/bare.py forward   reads that topic and posts a signed webhook at once for
                                        every item whose id begins with `red-`

No authentication, duplicates, redaction, record keys, limits, labels, cases, retries or metrics.
"""

import argparse
import asyncio
import signal
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import aiohttp
import orjson
import uvicorn
import uvloop
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from fastapi import FastAPI, Response
from pydantic import BaseModel
from standardwebhooks import Webhook

RED = "red-"
_COMMIT_S = 1.0


class Identifier(BaseModel):
    type: str
    value: str


class Item(BaseModel):
    """The fields that the benchmarks send."""

    source: str
    channel: str
    text: str
    occurred_at: str
    identifiers: list[Identifier]
    conversation_id: str
    id: str | None = None
    touchpoint: str | None = None
    attributes: dict[str, str] | None = None
    score: dict[str, float | str] | None = None


async def serve(app: Any, port: int) -> None:
    """Serve an application with the settings of heedful's server."""
    await uvicorn.Server(
        uvicorn.Config(
            app, host="127.0.0.1", port=port, log_config=None, access_log=False, lifespan="off",
            timeout_keep_alive=30, server_header=False, backlog=2048,
        )
    ).serve()  # fmt: skip


def accept(port: int, bootstrap: str, topic: str, linger_ms: int) -> None:
    """Serve the bare handler until SIGTERM."""
    app = FastAPI()
    producers: list[AIOKafkaProducer] = []

    @app.post("/one")
    async def one(posted: Item) -> Response:
        value = posted.model_dump_json().encode()
        await producers[0].send_and_wait(topic, value, key=posted.conversation_id.encode())
        return Response(b'{"status":"accepted"}', 202, media_type="application/json")

    @app.post("/many")
    async def many(posted: list[Item]) -> Response:
        sent = [
            await producers[0].send(
                topic, one.model_dump_json().encode(), key=one.conversation_id.encode()
            )
            for one in posted
        ]
        await asyncio.gather(*sent)
        return Response(b'{"status":"accepted"}', 202, media_type="application/json")

    @app.get("/readyz")
    async def ready() -> Response:
        return Response(b"ok")

    async def run() -> None:
        producer = AIOKafkaProducer(
            bootstrap_servers=bootstrap, enable_idempotence=True, acks="all", linger_ms=linger_ms,
            compression_type="lz4", max_batch_size=256 * 1024,
        )  # fmt: skip
        await producer.start()
        producers.append(producer)
        await serve(app, port)
        await producer.stop()

    uvloop.run(run())


def forward(bootstrap: str, topic: str, group: str, url: str, secret: str) -> None:
    """Post a webhook for every red item until SIGTERM; at least once."""
    webhook = Webhook(secret)

    async def post(session: aiohttp.ClientSession, value: bytes) -> None:
        item = orjson.loads(value)
        if not item["id"].startswith(RED):
            return
        now = datetime.now(UTC)
        said = {"source": item["source"], "id": item["id"], "channel": item["channel"]}
        body = orjson.dumps(
            {"type": "case.opened", "timestamp": now.isoformat(), "data": {"feedback": said}}
        )
        headers = {
            "content-type": "application/json",
            "webhook-id": item["id"],
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": webhook.sign(item["id"], now, body.decode()),
        }
        async with session.post(url, data=body, headers=headers) as answer:
            answer.raise_for_status()

    async def run() -> None:
        stopping = asyncio.Event()
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopping.set)
        consumer = AIOKafkaConsumer(
            topic, bootstrap_servers=bootstrap, group_id=group, enable_auto_commit=False,
            auto_offset_reset="earliest",
        )  # fmt: skip
        await consumer.start()
        committed_at = time.monotonic()
        async with aiohttp.ClientSession() as session:
            while not stopping.is_set():
                batches: Sequence[Any] = (await consumer.getmany(timeout_ms=200)).values()
                await asyncio.gather(
                    *(post(session, record.value) for batch in batches for record in batch)
                )
                if time.monotonic() - committed_at >= _COMMIT_S:
                    await consumer.commit()
                    committed_at = time.monotonic()
        await consumer.commit()
        await consumer.stop()

    uvloop.run(run())


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", choices=("accept", "forward"))
    parser.add_argument("--bootstrap", required=True)
    parser.add_argument("--topic", required=True)
    parser.add_argument("--port", type=int, help="of accept")
    parser.add_argument("--linger-ms", type=int, default=5, help="of accept")
    parser.add_argument("--group", help="of forward")
    parser.add_argument("--url", help="of forward")
    parser.add_argument("--secret", help="of forward")
    options = parser.parse_args()
    if options.what == "accept":
        accept(options.port, options.bootstrap, options.topic, options.linger_ms)
    else:
        forward(options.bootstrap, options.topic, options.group, options.url, options.secret)


if __name__ == "__main__":
    main()

"""What a channel's request costs before it is in the log: proof, reading, judging.

A signed webhook with one feedback, and a call of 200 turns, each through the adapter alone and then
to the checked item; one core, the median of the rounds, in microseconds. Beside each, what it takes
to read its JSON with orjson.

    python benchmarks/channels.py
"""

import argparse
import base64
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.support import machine, median, table
from heedful.ingest.channels import ChannelRequest, Draft, proof
from heedful.ingest.channels.callcentre import CallCentre
from heedful.ingest.channels.callcentre import Options as CallOptions
from heedful.ingest.channels.registry import AnyAdapter
from heedful.ingest.channels.standard_webhooks import Options, Secrets, StandardWebhooks
from heedful.ingest.models import PostedFeedback

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
NOW = datetime(2026, 11, 24, 8, 15, tzinfo=UTC)
WORDS = "我昨天做的保养，今天高速上刹车突然变软了"


def signed(body: Any) -> ChannelRequest:
    encoded = orjson.dumps(body)
    stamp = str(int(NOW.timestamp()))
    key = base64.b64decode(SECRET.removeprefix("whsec_"))
    signature = proof.hmac_sha256(key, b".".join((b"msg_1", stamp.encode(), encoded)))
    headers = {
        "webhook-id": "msg_1",
        "webhook-timestamp": stamp,
        "webhook-signature": f"v1,{base64.b64encode(signature).decode()}",
    }
    return ChannelRequest("POST", {}, headers, encoded, NOW)


def webhook() -> ChannelRequest:
    data = {"channel": "app", "text": WORDS, "identifiers": [{"type": "phone", "value": "139"}]}
    return signed({"type": "voc.feedback.received.v1", "data": data})


def call(turns: int) -> ChannelRequest:
    segments = [
        {
            "speaker": "agent" if number % 2 else "customer",
            "start": number * 3.0,
            "end": number * 3.0 + 2,
            "text": WORDS,
            "confidence": 0.9,
        }
        for number in range(turns)
    ]
    began = "2026-11-24T08:15:00+08:00"
    return signed(
        {"type": "call.completed", "call": {"id": "c", "started_at": began, "segments": segments}}
    )


def microseconds(what: Callable[[], object], rounds: int, times: int) -> float:
    found = []
    for _ in range(rounds):
        started = time.perf_counter()
        for _ in range(times):
            what()
        found.append((time.perf_counter() - started) / times * 1e6)
    return median(found)


def row(
    name: str, adapter: AnyAdapter, given: ChannelRequest, options: Any, rounds: int, times: int
) -> tuple[str, ...]:
    secrets = Secrets(secret=SECRET)

    def to_item() -> None:
        first = adapter.parse(adapter.verify(given, secrets), options).items[0]
        assert isinstance(first, Draft)
        PostedFeedback.model_validate({**first.values, "source": "benchmark"})

    steps: list[Callable[[], object]] = [
        lambda: orjson.loads(given.body),
        lambda: adapter.verify(given, secrets),
        lambda: adapter.parse(given, options),
        to_item,
    ]
    figures = [microseconds(step, rounds, times) for step in steps]
    return (name, f"{len(given.body):,}", *(f"{figure:,.1f}" for figure in figures))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=7)
    options = parser.parse_args()
    print(machine())
    table(
        ("request", "bytes", "its JSON alone", "verify", "parse", "to a checked item"),
        [
            row("signed webhook", StandardWebhooks(), webhook(), Options(), options.rounds, 2000),
            row("call, 200 turns", CallCentre(), call(200), CallOptions(), options.rounds, 50),
        ],
    )


if __name__ == "__main__":
    main()

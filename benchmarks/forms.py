"""The chains whose latency is measured, as real processes. Not a benchmark."""

import base64
import contextlib
import secrets
import sys
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks import bare
from benchmarks.receiver import SECRET
from benchmarks.support import BIN, NO_QUOTA, create_topic, delete_topic, free_port, process
from heedful.cli.postgres import embedded_postgres
from heedful.common.bus.base import Bus
from heedful.common.bus.embedded import EmbeddedBus
from heedful.common.bus.kafka import KafkaBus
from heedful.common.settings import KafkaSettings

KEY = "benchmark"
PARTITIONS = 4
SERVICES = ("ingest", "nlp", "journey", "alerting")
BARE_TOPIC = "benchmark.bare.chain"


@dataclass(frozen=True)
class Chain:
    """A running chain from a POST to a webhook.

    Attributes:
        metrics: URL of the Prometheus metrics of each process.
        open_bus: opens the log of the chain, to see when what was written; None has no such log.
    """

    port: int
    path: str
    headers: Mapping[str, str] = field(default_factory=dict)
    metrics: Mapping[str, str] = field(default_factory=dict)
    open_bus: Callable[[], Bus] | None = None


@contextlib.contextmanager
def bare_chain(folder: Path, bootstrap: str, hook: str) -> Iterator[Chain]:
    """POST handler, Kafka, and a consumer that posts the webhook at once: two processes."""
    port = free_port()
    topic = f"{BARE_TOPIC}.{uuid.uuid4().hex[:8]}"
    create_topic(bootstrap, topic, PARTITIONS)
    common = ["--bootstrap", bootstrap, "--topic", topic]
    accept = [*_bare("accept"), *common, "--port", str(port), "--linger-ms", "0"]
    forward = [
        *_bare("forward"), *common, "--group", topic, "--url", hook, "--secret", SECRET,
    ]  # fmt: skip
    try:
        with (
            process(accept, {}, f"http://127.0.0.1:{port}/readyz", folder / "accept.log"),
            process(forward, {}, None, folder / "forward.log"),
        ):
            yield Chain(port, "/one")
    finally:
        delete_topic(bootstrap, topic)


@contextlib.contextmanager
def embedded(folder: Path, bootstrap: str, hook: str) -> Iterator[Chain]:
    """`heedful up`: all services in one process, the log in PostgreSQL, no Kafka."""
    with embedded_postgres(folder / "postgres") as database:
        port = free_port()
        url = f"http://127.0.0.1:{port}"
        env = {**environment(folder, database, hook), "HEEDFUL_HTTP__PORT": str(port)}
        command = [str(BIN / "heedful"), "up", "--log-file", "-"]
        with process(command, env, f"{url}/readyz", folder / "heedful.log"):
            yield Chain(
                port,
                "/v1/feedback",
                {"X-API-Key": KEY},
                {"heedful": f"{url}/metrics"},
                lambda: EmbeddedBus(database, "benchmark"),
            )


@contextlib.contextmanager
def on_kafka(folder: Path, bootstrap: str, hook: str) -> Iterator[Chain]:
    """Four processes on Kafka and PostgreSQL."""
    ports = {name: free_port() for name in SERVICES}
    with contextlib.ExitStack() as stack:
        database = stack.enter_context(embedded_postgres(folder / "postgres"))
        env = {
            **environment(folder, database, hook),
            "HEEDFUL_KAFKA__BOOTSTRAP_SERVERS": bootstrap,
            "HEEDFUL_KAFKA__PARTITIONS": str(PARTITIONS),
        }
        for name, port in ports.items():
            stack.enter_context(
                process(
                    [str(BIN / f"heedful-{name}")],
                    {**env, "HEEDFUL_HTTP__PORT": str(port)},
                    f"http://127.0.0.1:{port}/readyz",
                    folder / f"{name}.log",
                )
            )
        yield Chain(
            ports["ingest"],
            "/v1/feedback",
            {"X-API-Key": KEY},
            {name: f"http://127.0.0.1:{port}/metrics" for name, port in ports.items()},
            lambda: KafkaBus(KafkaSettings(bootstrap_servers=bootstrap), "benchmark"),
        )


def environment(folder: Path, database: str, hook: str | None) -> dict[str, str]:
    """What all services of a chain are given.

    Args:
        hook: who is notified; None: nobody.
    """
    told = {
        "HEEDFUL_ALERTING__WEBHOOK_SECRET": SECRET,
        "HEEDFUL_ALERTING__ALLOW_PRIVATE_TARGETS": "true",
    }
    return {
        "HEEDFUL_DATA_DIR": str(folder / "data"),
        "HEEDFUL_DATABASE_URL": database,
        "HEEDFUL_API_KEYS": f"benchmark:{KEY}:*",
        "HEEDFUL_SECRET_KEYS": "benchmark:" + base64.b64encode(secrets.token_bytes(32)).decode(),
        **({} if hook is None else {"HEEDFUL_ALERTING__WEBHOOK_URL": hook, **told}),
        **NO_QUOTA,
    }


def _bare(what: str) -> list[str]:
    return [sys.executable, bare.__file__, what]


BARE = "bare"
FORMS: Mapping[
    str, tuple[str, Callable[[Path, str, str], contextlib.AbstractContextManager[Chain]]]
] = {
    BARE: ("bare chain on Kafka", bare_chain),
    "embedded": ("heedful up, embedded", embedded),
    "kafka": ("heedful, 4 processes on Kafka", on_kafka),
}
"""By name: what it is called in the table, and what starts it (folder, bootstrap, webhook URL)."""

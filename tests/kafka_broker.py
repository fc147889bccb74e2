"""A real Apache Kafka broker for tests and benchmarks.

Looked for in this order: `HEEDFUL_TEST_KAFKA` (bootstrap servers of a running one), `KAFKA_HOME`
(an Apache Kafka distribution), `../shared/kafka`, Docker through testcontainers. None found is a
failure: who has none runs `make test`, which leaves out what is marked `kafka`.
"""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

# Read at import: the tests' environment is cleaned of every HEEDFUL_ variable.
_GIVEN = os.environ.get("HEEDFUL_TEST_KAFKA")
_KAFKA_HOME = os.environ.get("KAFKA_HOME")
_SHARED = Path(__file__).parents[2] / "shared" / "kafka" / "kafka"
_START_S = 60.0
_STOP_S = 30.0
_FORMATS = 5
_PROPERTIES = """\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller}
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=PLAINTEXT://127.0.0.1:{port}
controller.listener.names=CONTROLLER
inter.broker.listener.name=PLAINTEXT
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT
log.dirs={folder}/data
auto.create.topics.enable=false
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
group.initial.rebalance.delay.ms=0
"""


@dataclass
class LocalBroker:
    """A single-node broker of our own that can be killed and started again on its data.

    The Java process is its own group leader, so that a kill reaches it and not its parent.
    """

    folder: Path
    settings: Mapping[str, str] = field(default_factory=dict)
    port: int = field(default_factory=lambda: two_free_ports())
    _process: subprocess.Popen[bytes] | None = None

    @property
    def bootstrap(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        environment = os.environ | {
            "KAFKA_SET": " ".join(f"{name}={value}" for name, value in self.settings.items())
        }
        code: int | None = None
        for _ in range(_FORMATS):
            with (self.folder / "broker.log").open("ab") as log:
                self._process = subprocess.Popen(
                    self._command(), stdout=log, stderr=log, start_new_session=True, env=environment
                )
            code = self._wait()
            if code is None:
                return
            # One random cluster id in 64 begins with a dash, and the formatter takes it for an
            # option; nothing is written then, so another one may be tried.
            if (self.folder / "data" / "meta.properties").exists():
                break
        output = (self.folder / "broker.log").read_text("utf-8", "replace")
        raise RuntimeError(f"the broker ended with {code}:\n{output[-2000:]}")

    def stop(self) -> None:
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """kill -9: nothing is flushed or announced."""
        self._end(signal.SIGKILL)

    def _end(self, number: signal.Signals) -> None:
        process, self._process = self._process, None
        if process is None or process.poll() is not None:
            return
        os.killpg(process.pid, number)
        try:
            process.wait(_STOP_S)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def _command(self) -> list[str]:
        if _KAFKA_HOME is None:
            return [str(_SHARED), "start", str(self.folder), str(self.port)]
        home = Path(_KAFKA_HOME)
        config = self.folder / "server.properties"
        properties = _PROPERTIES.format(
            port=self.port, controller=self.port + 1, folder=self.folder
        )
        given = "".join(f"{name}={value}\n" for name, value in self.settings.items())
        config.write_text(properties + given)
        storage = home / "bin" / "kafka-storage.sh"
        format_ = ["format", "--ignore-formatted", "-t", uuid.uuid4().hex[:22], "-c", str(config)]
        if not (self.folder / "data" / "meta.properties").exists():
            subprocess.run([str(storage), *format_], check=True, capture_output=True, timeout=60)
        return [str(home / "bin" / "kafka-server-start.sh"), str(config)]

    def _wait(self) -> int | None:
        """The exit code if it ended, None once it answers."""
        assert self._process is not None
        deadline = time.monotonic() + _START_S
        while time.monotonic() < deadline:
            code = self._process.poll()
            if code is not None:
                return code
            if _answers(self.bootstrap):
                return None
            time.sleep(0.1)
        raise RuntimeError(f"the broker at {self.bootstrap} did not answer in {_START_S:g} s")


@contextmanager
def running_broker() -> Iterator[str]:
    """Bootstrap servers of a broker that runs until the block ends."""
    if _GIVEN:
        yield _GIVEN
    elif local_is_there():
        with local_broker() as broker:
            yield broker.bootstrap
    elif shutil.which("docker") is not None and _docker_answers():
        yield from _in_docker()
    else:
        no_broker()


@contextmanager
def local_broker(settings: Mapping[str, str] | None = None) -> Iterator[LocalBroker]:
    """A broker of our own, for tests that kill it.

    Args:
        settings: broker properties beside the defaults.
    """
    if not local_is_there():
        no_broker()
    folder = Path(tempfile.mkdtemp(prefix="heedful-kafka-"))
    broker = LocalBroker(folder, settings or {})
    try:
        broker.start()
        yield broker
    finally:
        broker.stop()
        shutil.rmtree(folder, ignore_errors=True)


def _in_docker() -> Iterator[str]:
    from testcontainers.community.kafka import KafkaContainer

    with KafkaContainer("confluentinc/cp-kafka:7.6.0").with_kraft() as container:
        yield container.get_bootstrap_server()


def local_is_there() -> bool:
    if shutil.which("java") is None:
        return False
    return _KAFKA_HOME is not None or _SHARED.is_file()


def _docker_answers() -> bool:
    return subprocess.run(["docker", "info"], capture_output=True, check=False).returncode == 0


def no_broker() -> None:
    where = (
        "no Apache Kafka: set HEEDFUL_TEST_KAFKA (host:port) or KAFKA_HOME, "
        "or install Java and Kafka, or start Docker"
    )
    pytest.fail(where)


def _answers(bootstrap: str) -> bool:
    from confluent_kafka import KafkaException
    from confluent_kafka.admin import AdminClient

    host, port = bootstrap.split(":")
    try:
        # librdkafka logs every refused connection; ask it only once somebody listens.
        socket.create_connection((host, int(port)), timeout=1).close()
        AdminClient({"bootstrap.servers": bootstrap}).list_topics(timeout=2)
    except (OSError, KafkaException):
        return False
    return True


def two_free_ports() -> int:
    """A free port whose successor is free too: broker and controller."""
    while True:
        with socket.socket() as first, socket.socket() as second:
            first.bind(("127.0.0.1", 0))
            port: int = first.getsockname()[1]
            try:
                second.bind(("127.0.0.1", port + 1))
            except (OSError, OverflowError):
                continue
            return port

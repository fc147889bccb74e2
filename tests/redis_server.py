"""A real Redis for tests: Debian's and Ubuntu's package redis-server."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import redis
from redis.backoff import ConstantBackoff
from redis.retry import Retry

_MISSING = "redis-server is not on the path (Debian and Ubuntu: apt-get install redis-server)"


@dataclass(frozen=True)
class Redis:
    """A running server."""

    url: str

    def wait(self) -> None:
        """Until it answers."""
        patient = Retry(ConstantBackoff(0.05), retries=400)
        with redis.Redis.from_url(self.url, retry=patient) as client:
            client.ping()

    def flush(self) -> None:
        with redis.Redis.from_url(self.url) as client:
            client.flushall()


@contextmanager
def running_redis() -> Iterator[Redis]:
    """A server on a unix socket of its own, without persistence.

    Without the program a test is skipped, but in CI it fails.
    """
    program = shutil.which("redis-server")
    if program is None:
        if os.environ.get("CI") == "true":
            pytest.fail(_MISSING)
        pytest.skip(_MISSING)
    with tempfile.TemporaryDirectory(prefix="heedful-redis-") as folder:
        socket = Path(folder) / "redis.sock"
        arguments = ["--port", "0", "--unixsocket", str(socket), "--save", "", "--dir", folder]
        with subprocess.Popen([program, *arguments], stdout=subprocess.DEVNULL) as server:
            try:
                found = Redis(f"unix://{socket}")
                found.wait()
                yield found
            finally:
                server.terminate()

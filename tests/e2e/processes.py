"""heedful as a user runs it: real processes, real ports, signals, restarts."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import httpx

T = TypeVar("T")

READY_S = 180.0
STOP_S = 45.0
BIN = Path(sys.executable).parent


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def eventually(look: Callable[[], T], what: str, seconds: float = 60.0) -> T:
    """Poll until `look` gives something true; fail with `what` after the deadline.

    Looking takes the processor from what is looked at: it rests twice as long as it looks.
    """
    deadline = time.monotonic() + seconds
    while True:
        began = time.monotonic()
        found = look()
        if found:
            return found
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds:g} s: {what} (last seen: {found!r})")
        time.sleep(max(0.1, 2 * (time.monotonic() - began)))


@dataclass
class Process:
    """One heedful process that can be stopped, killed and started again on its port."""

    name: str
    command: tuple[str, ...]
    env: Mapping[str, str]
    log: Path
    port: int = field(default_factory=free_port)
    popen: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        clean = {name: value for name, value in os.environ.items() if "HEEDFUL_" not in name}
        with self.log.open("ab") as log:
            self.popen = subprocess.Popen(
                [str(BIN / self.command[0]), *self.command[1:]],
                env={**clean, **self.env, "HEEDFUL_HTTP__PORT": str(self.port)},
                stdout=log,
                stderr=log,
                cwd=self.log.parent,
            )

    def wait_ready(self) -> None:
        def look() -> bool:
            assert self.popen is not None
            code = self.popen.poll()
            assert code is None, f"{self.name} ended with {code}:\n{self.tail()}"
            try:
                return httpx.get(f"{self.url}/readyz", timeout=5).status_code == 200
            except httpx.TransportError:
                return False

        eventually(look, f"{self.name} ready", READY_S)

    def kill(self) -> None:
        """kill -9: no handler runs, nothing is flushed."""
        assert self.popen is not None
        self.popen.send_signal(signal.SIGKILL)
        self.popen.wait(STOP_S)

    def terminate(self) -> int:
        """SIGTERM; the exit code."""
        assert self.popen is not None
        self.popen.send_signal(signal.SIGTERM)
        return self.popen.wait(STOP_S)

    def running(self) -> bool:
        return self.popen is not None and self.popen.poll() is None

    def tail(self) -> str:
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-30:])


def start_all(processes: Collection[Process]) -> None:
    """All at once, and until each is ready."""
    for process in processes:
        process.start()
    for process in processes:
        process.wait_ready()


def stop_all(processes: Iterable[Process]) -> None:
    """Those that run."""
    for process in processes:
        if process.running():
            process.terminate()

"""`heedful up` on a data folder, and who asks it. Not a benchmark."""

import contextlib
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import httpx

from benchmarks.support import BIN, NO_QUOTA, cpu_s, free_port, postgres_cpu_s, process

TENANT: Final = "demo"
KEY: Final = "benchmark-key"
CSRF: Final = re.compile(r'name="csrf" value="([^"]+)"')
_READY_S: Final = 300.0
_PASSWORD: Final = re.compile(r"password (\S+)")


@dataclass(frozen=True, slots=True)
class Server:
    """`heedful up` with its PostgreSQL."""

    url: str
    pid: int
    data: Path

    @property
    def cpu(self) -> tuple[float, float]:
        """Seconds of the process and of PostgreSQL, until now."""
        return cpu_s(self.pid), postgres_cpu_s(self.data)


@contextlib.contextmanager
def up(data: Path) -> Iterator[Server]:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    env = {
        **NO_QUOTA,
        "HEEDFUL_API_KEYS": f"{TENANT}:{KEY}:*",
        "HEEDFUL_DATA_DIR": str(data),
        "HEEDFUL_HTTP__PORT": str(port),
        "HEEDFUL_WEB__IDLE_MINUTES": "600",
    }
    with process([str(BIN / "heedful"), "up"], env, None, data / "out") as started:
        until(lambda: ready(url), _READY_S, f"{url} is not ready; {data / 'out'} says why")
        yield Server(url, started.pid, data)


def ready(url: str) -> bool:
    with contextlib.suppress(httpx.TransportError):
        return httpx.get(f"{url}/readyz", timeout=5, trust_env=False).is_success
    return False


def until(look: Callable[[], bool], seconds: float, why: str) -> None:
    deadline = time.monotonic() + seconds
    while not look():
        if time.monotonic() > deadline:
            raise SystemExit(why)
        time.sleep(1)


@contextlib.contextmanager
def browser(url: str, data: Path) -> Iterator[httpx.Client]:
    """As somebody who has signed in."""
    found = _PASSWORD.search((data / "out").read_text())
    assert found is not None
    with httpx.Client(base_url=url, timeout=120, trust_env=False) as client:
        answer = client.post("/login", data={"id": "admin", "password": found[1]})
        assert answer.status_code == 303, answer.text
        yield client


def api(url: str) -> httpx.Client:
    return httpx.Client(base_url=url, headers={"X-API-Key": KEY}, timeout=120, trust_env=False)


def objects(services: httpx.Client, path: str, key: str, most: int) -> list[str]:
    """The ids of so many of a list."""
    found: list[str] = []
    cursor = ""
    while len(found) < most:
        joined = "&" if "?" in path else "?"
        answer = services.get(f"{path}{joined}limit=100{cursor}").raise_for_status().json()
        found += [one[key] for one in answer["items"]]
        if not answer.get("next_cursor"):
            break
        cursor = f"&cursor={answer['next_cursor']}"
    return found[:most]

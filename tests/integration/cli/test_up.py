"""`heedful up` as a person at a terminal has it: one process, its own PostgreSQL, Ctrl-C."""

import os
import signal
import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import httpx
import pytest

from tests.e2e.processes import STOP_S, Process, eventually

KEY = "up-key"
POSTED = 40


@pytest.fixture
def up() -> Iterator[Process]:
    # Not in pytest's own folder: a second run beside this one shuts PostgreSQL's user out of it.
    with tempfile.TemporaryDirectory(prefix="heedful-up-") as folder:
        env = {"HEEDFUL_API_KEYS": f"acme:{KEY}:*", "HEEDFUL_DATA_DIR": f"{folder}/data"}
        process = Process("up", ("heedful", "up"), env, Path(folder) / "out")
        process.start()
        process.wait_ready()
        yield process
        if process.running():
            process.terminate()


def post(client: httpx.Client, numbers: range) -> None:
    """Each until it is accepted, as a sender does."""
    for number in numbers:
        item = {"id": str(number), "source": "shop", "channel": "chat", "text": "排队两个小时"}
        eventually(partial(_accepted, client, item), "a 202", 30)


def _accepted(client: httpx.Client, item: dict[str, str]) -> bool:
    answer = client.post("/v1/feedback", json=item)
    assert answer.status_code in (202, 503), answer.text
    return answer.status_code == 202


def test_its_database_is_killed_and_nothing_is_lost_and_ctrl_c_ends_it(up: Process) -> None:
    data = Path(up.env["HEEDFUL_DATA_DIR"])
    with httpx.Client(base_url=up.url, headers={"X-API-Key": KEY}, timeout=30) as client:
        post(client, range(POSTED // 2))
        os.kill(int((data / "postgres" / "postmaster.pid").read_text().split()[0]), signal.SIGKILL)
        post(client, range(POSTED // 2, POSTED))

        def all_known() -> bool:
            answer = client.get("/v1/summary")
            return answer.status_code == 200 and answer.json()["feedback"] == POSTED

        eventually(all_known, "all that was accepted in journey", 60)
        assert client.get("/readyz").status_code == 200
    assert up.popen is not None
    up.popen.send_signal(signal.SIGINT)
    assert up.popen.wait(STOP_S) == 0
    said = up.log.read_text().splitlines()
    assert said[0] == f"PostgreSQL starts in {data / 'postgres'}"
    assert said[1].startswith("Console: sign in as admin with the password ")
    assert said[2].startswith(f"heedful is ready at {up.url} ")
    assert said[-2].startswith("Stopping: ")
    assert said[-1] == f"Drained and stopped. The data stays in {data}"
    assert not (data / "postgres" / "postmaster.pid").exists(), "PostgreSQL was left behind"

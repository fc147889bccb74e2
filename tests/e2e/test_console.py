"""The console as a process of its own, before four services on Kafka."""

import base64
import re
from collections.abc import Mapping
from pathlib import Path

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.e2e.client import Client
from tests.e2e.processes import Process, eventually
from tests.e2e.receiver import Receiver
from tests.e2e.stack import KEY, SECRET_KEYS, SERVICES, Stack, running_stack

TENANT = "e2e"
RED = {
    "id": "t1",
    "source": "shop",
    "channel": "call",
    "text": "今天高速上刹车突然变软了，车上还有孩子。",
}
_PASSWORD = re.compile(r"password (\S+)")


@pytest.mark.kafka
def test_it_asks_four_services_and_says_so_when_one_is_away(
    receiver: Receiver, tmp_path: Path
) -> None:
    private = Ed25519PrivateKey.generate()
    public = base64.b64encode(private.public_key().public_bytes_raw()).decode()
    believed = {"HEEDFUL_CONSOLE__PUBLIC_KEYS": f"console-1:{public}"}
    with running_stack("kafka", tmp_path, TENANT, receiver, believed) as stack:
        console = Process(
            "console", ("heedful-console",), settings(stack, private), tmp_path / "console.log"
        )
        console.start()
        try:
            console.wait_ready()
            Client(stack).post("feedback", [RED])
            with httpx.Client(base_url=console.url, follow_redirects=True, timeout=30) as browser:
                sign_in(browser, console)
                eventually(lambda: "/cases/" in browser.get("/board").text, "the case", 60)
                # Sessions are in PostgreSQL: who has signed in stays so.
                console.kill()
                console.start()
                console.wait_ready()
                assert "/cases/" in browser.get("/board").text
                assert len(_PASSWORD.findall(console.log.read_text())) == 1, "printed once"
                alerting = stack.processes["alerting"]
                alerting.kill()
                away = browser.get("/board")
                assert away.status_code == 503
                assert 'class="error"' in away.text
                assert console.running()
                alerting.start()
                alerting.wait_ready()
                eventually(lambda: browser.get("/board").status_code == 200, "the board", 30)
            assert console.terminate() == 0, console.tail()
        finally:
            if console.running():
                console.terminate()


def settings(stack: Stack, private: Ed25519PrivateKey) -> Mapping[str, str]:
    """Without Kafka: the console reads no topic."""
    key = base64.b64encode(private.private_bytes_raw()).decode()
    return {
        **{f"HEEDFUL_WEB__{name.upper()}_URL": stack.url(name) for name in SERVICES},
        "HEEDFUL_WEB__SERVICE_KEYS": f"{TENANT}:{KEY}",
        "HEEDFUL_WEB__SIGNING_KEY": f"console-1:{key}",
        "HEEDFUL_WEB__SECURE_COOKIES": "false",
        "HEEDFUL_DATABASE_URL": stack.database_url(),
        "HEEDFUL_SECRET_KEYS": SECRET_KEYS,
    }


def sign_in(browser: httpx.Client, console: Process) -> None:
    found = _PASSWORD.search(console.log.read_text())
    assert found is not None, console.tail()
    answer = browser.post("/login", data={"id": "admin", "password": found[1], "next": "/board"})
    assert answer.status_code == 200, answer.text
    assert answer.url.path == "/board"

"""A webhook receiver as a customer would write it, with the `standardwebhooks` library."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from standardwebhooks import Webhook, WebhookVerificationError

SECRET = "whsec_" + "aGVlZGZ1bC1lMmUtc2VjcmV0LTMyLWJ5dGVzLWxvbmc="
REFUSE_EVERY = 7


@dataclass(frozen=True)
class Received:
    webhook_id: str
    body: dict[str, Any]


@dataclass
class Receiver:
    """What arrived. Every seventh id is refused once, so that retries are part of every run."""

    port: int = 0
    accepted: list[Received] = field(default_factory=list)
    refused: set[str] = field(default_factory=set)
    unverified: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook"

    def take(self, webhook_id: str, body: bytes, headers: dict[str, str]) -> int:
        try:
            parsed = Webhook(SECRET).verify(body, headers)
        except WebhookVerificationError as error:
            with self.lock:
                self.unverified.append(str(error))
            return 400
        with self.lock:
            if self._refuse(webhook_id):
                self.refused.add(webhook_id)
                return 500  # 503 asks for patience: after a minute; this comes after five seconds
            self.accepted.append(Received(webhook_id, parsed))
        return 204

    def ids_by_step(self) -> dict[tuple[str, str, str, str], set[str]]:
        """Distinct webhook ids of each (case, type, clock, step of the ladder or signal)."""
        steps: dict[tuple[str, str, str, str], set[str]] = {}
        with self.lock:
            for received in self.accepted:
                data = received.body["data"]
                clock = str(data.get("clock"))
                step = data["signal"]["id"] if "signal" in data else data["step"]
                key = (data["case_id"], received.body["type"], clock, step)
                steps.setdefault(key, set()).add(received.webhook_id)
        return steps

    def told(self) -> dict[str, set[tuple[str, str]]]:
        """What was told of each case: (type, clock)."""
        cases: dict[str, set[tuple[str, str]]] = {}
        for case_id, kind, clock, _ in self.ids_by_step():
            cases.setdefault(case_id, set()).add((kind, clock))
        return cases

    def _refuse(self, webhook_id: str) -> bool:
        return webhook_id not in self.refused and hash_of(webhook_id) % REFUSE_EVERY == 0


def hash_of(text: str) -> int:
    return sum(text.encode())


@contextmanager
def receiving() -> Iterator[Receiver]:
    """A receiver on a free port."""
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            status = receiver.take(headers.get("webhook-id", ""), body, headers)
            self.send_response(status)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    receiver.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()

"""The example feedback in a data folder, worked on as people do. Not a benchmark."""

import contextlib
import re
import threading
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Final

import httpx

from benchmarks.console_server import CSRF, KEY, api, browser, objects, until, up
from benchmarks.support import BIN, process

_REPLAY_S: Final = 1200.0
_SENT_S: Final = 300.0
_MESSAGES: Final = 30
_SEQUENCE: Final = re.compile(r'name="sequence" value="(\d+)"')
_WORK: Final[Sequence[Sequence[str]]] = (
    (),
    (),
    ("claim",),
    ("claim", "contacts"),
    ("claim", "plan"),
    ("claim", "plan", "land"),
    ("claim", "contacts", "plan", "land", "close"),
)
"""The steps that are taken with one case after the other, so that they stand in all states."""
_FIELDS: Final[Mapping[str, Mapping[str, str]]] = {
    "contacts": {"kind": "call", "note": "打过电话，客户接受了解释"},
    "plan": {"owner": "admin", "action": "检查并更换软管"},
    "land": {
        "root_cause": "没有人检查",
        "action_taken": "更换了全部软管",
        "why_1": "软管老化",
        "evidence_1": "照片",
    },
}


def seed(data: Path) -> None:
    """The example feedback, worked on. It is replayed unless it is there."""
    with up(data) as server, hook() as target, api(server.url) as services:
        made = services.post("/v1/endpoints", json={"url": target}).raise_for_status().json()
        for _ in range(_MESSAGES):
            services.post(f"/v1/endpoints/{made['id']}/test").raise_for_status()
        if services.get("/v1/summary").raise_for_status().json()["feedback"] == 0:
            replay(server.url)
        rows = [
            {
                "row": n + 1,
                "reason": "invalid",
                "detail": "occurred_at: is no time",
                "fields": {
                    "id": f"row-{n}",
                    "channel": "review",
                    "text": "送货太慢",
                    "occurred_at": "yesterday",
                },
            }
            for n in range(100)
        ]
        body = {"import_id": "im-" + "b" * 32, "source": "benchmark", "rows": rows}
        services.post("/v1/quarantine", json=body).raise_for_status()
        with browser(server.url, data) as client:
            for number, case in enumerate(objects(services, "/v1/cases", "id", 200)):
                work(client, case, _WORK[number % len(_WORK)])
        until(lambda: all_sent(services), _SENT_S, "deliveries are not sent")


@contextlib.contextmanager
def hook() -> Iterator[str]:
    """Takes whatever is delivered."""

    class Taking(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["content-length"]))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Taking)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/hook"
    server.shutdown()


def replay(url: str) -> None:
    demo = [str(BIN / "heedful"), "demo", "--key", KEY]
    for service in ("ingest", "journey", "alerting"):
        demo += [f"--{service}-url", url]
    with process(demo, {}, None) as replaying:
        assert replaying.wait(_REPLAY_S) == 0


def work(client: httpx.Client, case: str, steps: Sequence[str]) -> None:
    """Take these steps with a case, as its page has them."""
    due = (datetime.now(UTC) + timedelta(hours=40)).isoformat()
    for step in steps:
        page = client.get(f"/cases/{case}").text
        csrf, sequence = CSRF.search(page), _SEQUENCE.search(page)
        assert csrf is not None, page
        assert sequence is not None, page
        typed = {**_FIELDS.get(step, {}), **({"due": due} if step == "plan" else {})}
        answer = client.post(
            f"/cases/{case}/{step}", data={"csrf": csrf[1], "sequence": sequence[1], **typed}
        )
        assert answer.status_code == 303, (step, answer.text)


def all_sent(services: httpx.Client) -> bool:
    waiting = services.get("/v1/deliveries?state=pending&limit=1").raise_for_status().json()
    return not waiting["items"]

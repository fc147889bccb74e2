"""Asking nlp where a question lies: an answer, none, one too late, and one that is remembered."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from heedful.common.contracts import Embedding
from heedful.journey.embedder import Embedder, NoEmbedding

PLACE = Embedding.of("m1", bytes(range(256)) * 2)


class Nlp(ThreadingHTTPServer):
    """Answers with `answer`, and remembers what it was asked."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answering)
        self.answer: Any = {"items": [json.loads(PLACE.encode())]}
        self.status = 200
        self.free = threading.Event()
        self.free.set()
        self.asked: list[tuple[str, Any, str | None]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/"


class _Answering(BaseHTTPRequestHandler):
    server: Nlp

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.asked.append((self.path, body, self.headers["X-API-Key"]))
        self.server.free.wait(10)
        content = json.dumps(self.server.answer).encode()
        self.send_response(self.server.status)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Location", self.server.url)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def nlp() -> Iterator[Nlp]:
    server = Nlp()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.free.set()
    server.shutdown()
    thread.join()
    server.server_close()


async def test_it_asks_once_for_the_same_text(nlp: Nlp) -> None:
    embedder = Embedder(nlp.url, "key", 5.0)
    assert await embedder.embed("刹车") == PLACE
    assert await embedder.embed("刹车") == PLACE
    assert nlp.asked == [("/v1/embed", {"texts": ["刹车"]}, "key")]


async def test_what_the_model_does_not_read_has_none(nlp: Nlp) -> None:
    nlp.answer = {"items": [None]}
    with pytest.raises(NoEmbedding, match="does not read"):
        await Embedder(nlp.url, None, 5.0).embed("brakes")


@pytest.mark.parametrize(
    ("status", "answer"), [(500, {}), (401, {}), (302, {}), (200, {"items": []}), (200, [])]
)
async def test_whatever_else_it_answers_is_no_answer(nlp: Nlp, status: int, answer: object) -> None:
    nlp.status, nlp.answer = status, answer
    with pytest.raises(NoEmbedding, match="did not answer"):
        await Embedder(nlp.url, None, 5.0).embed("刹车")


async def test_it_does_not_wait_for_a_slow_one(nlp: Nlp) -> None:
    nlp.free.clear()
    with pytest.raises(NoEmbedding, match="did not answer"):
        await Embedder(nlp.url, None, 0.05).embed("刹车")


async def test_without_an_address_it_says_which_setting(nlp: Nlp) -> None:
    with pytest.raises(NoEmbedding, match="EMBED_URL"):
        await Embedder(None, None, 1.0).embed("刹车")

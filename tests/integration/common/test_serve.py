"""A service process from start to exit: the order of things, and what its supervisor sees."""

import asyncio
import os
import signal
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import asyncpg
import httpx
import pytest

from heedful.common.topics import TOPICS
from tests.integration.common.process import SmallProcess

Start = Callable[..., Awaitable[SmallProcess]]


def _ipv6() -> bool:
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        return False
    return True


needs_ipv6 = pytest.mark.skipif(
    not _ipv6() and os.environ.get("CI") != "true", reason="this machine has no IPv6 loopback"
)


@pytest.fixture
def database_url(empty_database_url: str) -> str:
    """As at the first start."""
    return empty_database_url


@pytest.fixture
async def start(database_url: str, tmp_path: Path) -> AsyncIterator[Start]:
    """Starts the small service; settings are given without their prefix, None unsets."""
    running: list[SmallProcess] = []

    async def started(**settings: str | None) -> SmallProcess:
        chosen = {
            "DATABASE_URL": database_url,
            "HTTP__PORT": "0",
            "HTTP__LINGER_SECONDS": "0",
            **settings,
        }
        environment = {f"HEEDFUL_{k}": v for k, v in chosen.items() if v is not None}
        process = SmallProcess(tmp_path, environment)
        running.append(process)
        process.start()
        return process

    yield started
    for process in running:
        await process.kill()


async def test_it_answers_once_everything_is_ready(start: Start) -> None:
    process = await start()
    url = await process.url()
    assert process.trace[0] == "service-started"
    async with httpx.AsyncClient(base_url=url) as client:
        assert (await client.get("/readyz")).json()["status"] == "ready"
        assert (await client.get("/healthz")).json()["parts"] == {
            "first": True,
            "second": True,
            "idempotency.purge": True,
            "keys": True,
            "quota.purge": True,
            "loop lag": True,
        }
    process.terminate()
    assert await process.end() == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_it_stops_in_order_and_answers_what_it_has_taken(
    start: Start, number: signal.Signals
) -> None:
    process = await start()
    url = await process.url()
    async with httpx.AsyncClient(base_url=url, timeout=30) as client:
        answer = asyncio.create_task(client.post("/v1/work"))
        await process.until(lambda: "request-in" in process.trace)
        process.terminate(number)
        await process.until(lambda: not _listens(url))
        assert not answer.done()
        assert "first-told" not in process.trace
        process.file("release").touch()
        response = await answer
    assert (response.status_code, response.json()) == (200, {"said": "done"})
    assert await process.end() == 0
    found = process.trace
    assert found[0] == "service-started"
    assert sorted(found[1:3]) == ["first-started", "second-started"]
    assert found[3:5] == ["request-in", "request-out"]
    assert sorted(found[5:7]) == ["first-told", "second-told"]
    assert sorted(found[7:9]) == ["first-drained", "second-drained"]
    assert found[9:] == ["service-stopped"]
    assert [bool(process.logged(event)) for event in ("stopping", "stopped")] == [True, True]


async def test_callers_are_let_go_before_their_connections_close(start: Start) -> None:
    process = await start(HTTP__LINGER_SECONDS="60")
    url = await process.url()
    async with httpx.AsyncClient(base_url=url, timeout=30) as client:
        before = await client.get("/healthz")
        answer = asyncio.create_task(client.post("/v1/work"))
        await process.until(lambda: "request-in" in process.trace)
        process.terminate()
        # Whoever comes is still answered, on a connection that is open or on a new one.
        while (ready := await client.get("/readyz")).status_code == 200:  # noqa: ASYNC110
            await asyncio.sleep(0.02)
        process.file("release").touch()
        last = await answer
    assert "connection" not in before.headers
    assert ready.json()["checks"]["process"] == "stopping"
    assert [one.headers["connection"] for one in (ready, last)] == ["close", "close"]
    # Nobody is connected any more, so it does not wait for the rest of the minute.
    assert await process.end() == 0


@pytest.mark.parametrize("seconds", ["0", "0.2"])
async def test_a_request_that_does_not_end_in_time_is_given_up(start: Start, seconds: str) -> None:
    process = await start(HTTP__DRAIN_SECONDS=seconds)
    async with httpx.AsyncClient(base_url=await process.url(), timeout=60) as client:
        answer = asyncio.create_task(client.post("/v1/work"))
        await process.until(lambda: "request-in" in process.trace)
        process.terminate()
        assert await process.end() == 0
        await asyncio.wait([answer])
    assert "request-out" not in process.trace
    assert process.trace[-1] == "service-stopped"


@pytest.mark.parametrize("kind", ["fatal", "bug"])
async def test_a_failing_part_stops_the_process_with_an_error_after_the_others_have_drained(
    start: Start, kind: str
) -> None:
    process = await start()
    await process.url()
    process.file("failing").write_text(kind)
    process.file("failing").rename(process.file("fail"))
    assert await process.end() == 1
    assert process.trace[-2:] == ["second-drained", "service-stopped"]
    (line,) = process.logged("a part failed")
    assert "the loop cannot go on" in line["exception"]


async def test_a_port_in_use_is_one_line_that_says_what_to_set(start: Start) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        process = await start(HTTP__PORT=str(port))
        assert await process.end() == 1
    (line,) = process.errors
    assert line.startswith(f"small: cannot listen on 127.0.0.1:{port} (")
    assert "HEEDFUL_HTTP__PORT" in line
    assert process.trace == []


@needs_ipv6
@pytest.mark.parametrize(
    ("host", "shown", "callers"),
    [
        ("::1", "[::1]", ["[::1]"]),
        ("::", "[::]", ["[::1]", "127.0.0.1"]),
        # Has addresses of both families on most machines; a caller tries IPv4.
        ("localhost", "127.0.0.1", ["127.0.0.1"]),
    ],
)
async def test_it_answers_at_addresses_of_both_families(
    start: Start, host: str, shown: str, callers: list[str]
) -> None:
    process = await start(HTTP__HOST=host)
    url = await process.url()
    assert url.startswith(f"http://{shown}:")
    port = url.rsplit(":", 1)[1]
    async with httpx.AsyncClient() as client:
        for caller in callers:
            answer = await client.get(f"http://{caller}:{port}/readyz")
            assert answer.status_code == 200


@pytest.mark.parametrize("host", ["192.0.2.1", "no-such-host.invalid"])
async def test_a_host_that_is_not_this_machine_is_one_line_that_says_what_to_set(
    start: Start, host: str
) -> None:
    process = await start(HTTP__HOST=host)
    assert await process.end() == 1
    (line,) = process.errors
    assert line.startswith(f"small: cannot listen on {host}:0 (")
    assert "HEEDFUL_HTTP__HOST" in line
    assert "HEEDFUL_HTTP__PORT" not in line


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"DATABASE_URL": None}, "HEEDFUL_DATABASE_URL is not set"),
        ({"DATABASE_URL": "mysql://u:pa55word@h/d"}, "HEEDFUL_DATABASE_URL must have the form"),
        (
            {"API_KEYS": "acme:pa55word:*,shop:pa55word:enrich"},
            "HEEDFUL_API_KEYS: tenants 'acme' and 'shop' have the same key",
        ),
        ({"SECRET_KEYS": "k:pa55word"}, "HEEDFUL_SECRET_KEYS: each entry has the form"),
        ({"DATA_DIR": "/dev/null/data"}, "HEEDFUL_DATA_DIR"),
    ],
)
async def test_a_wrong_setting_is_one_line_without_its_value(
    start: Start, settings: dict[str, str | None], said: str
) -> None:
    process = await start(**settings)
    assert await process.end() == 1
    (line,) = process.errors
    assert said in line
    assert "pa55word" not in line
    assert process.trace == []


async def test_every_wrong_setting_is_told_at_once(start: Start) -> None:
    process = await start(HTTP__PORT="pa55word", LOG_LEVEL="pa55word")
    assert await process.end() == 1
    assert process.errors[0] == "small: wrong settings:"
    assert sorted(line.split(":")[0].strip() for line in process.errors[1:]) == [
        "HEEDFUL_HTTP__PORT",
        "HEEDFUL_LOG_LEVEL",
    ]
    assert "pa55word" not in "".join(process.errors)


async def test_an_empty_kafka_setting_is_the_embedded_bus_with_its_topics(
    start: Start, database_url: str
) -> None:
    process = await start(KAFKA__BOOTSTRAP_SERVERS="", KAFKA__CREATE_TOPICS="false")
    await process.url()
    connection = await asyncpg.connect(database_url)
    assert await connection.fetchval("SELECT count(*) FROM bus.topic") == 2 * len(TOPICS)
    await connection.close()


def _listens(url: str) -> bool:
    host, port = url.removeprefix("http://").split(":")
    try:
        socket.create_connection((host, int(port)), timeout=1).close()
    except OSError:
        return False
    return True

"""What is sent to `/v1/imports` and is no file, too much of one, or one that wants to harm."""

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from tests.integration.ingest.conftest import Start
from tests.integration.ingest.importing import GIVEN, PATH, csv_of, rows, upload
from tests.integration.ingest.world import Ingest, problem
from tests.unit.ingest.importing.sheets import package, sheet_xml

BOUNDARY = "x-boundary"
FORM = f"multipart/form-data; boundary={BOUNDARY}"


def part(name: str, value: bytes, *, file_name: str | None = None) -> bytes:
    named = f'; filename="{file_name}"' if file_name is not None else ""
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"{named}\r\n\r\n'
    return head.encode() + value + b"\r\n"


END = f"--{BOUNDARY}--\r\n".encode()
FIELDS = b"".join(part(name, value.encode()) for name, value in GIVEN.items())
GOOD = part("file", csv_of(*rows(3)), file_name="r.csv")


async def send(
    ingest: Ingest, body: bytes | AsyncIterator[bytes], media: str = FORM, **headers: str
) -> httpx.Response:
    return await ingest.client.post(PATH, content=body, headers={"content-type": media, **headers})


async def left(ingest: Ingest) -> int:
    async with ingest.platform.engine.connect() as connection:
        return int(await connection.scalar(text("SELECT count(*) FROM ingest.import")) or 0)


async def test_the_order_of_the_parts_does_not_matter(ingest: Ingest) -> None:
    assert (await send(ingest, GOOD + FIELDS + END)).status_code == 202
    assert (await send(ingest, FIELDS + GOOD + END)).status_code == 202


@pytest.mark.parametrize("size", [1, 7, 1000])
async def test_it_may_come_in_any_pieces(ingest: Ingest, size: int) -> None:
    body = FIELDS + GOOD + END

    async def slowly() -> AsyncIterator[bytes]:
        for start in range(0, len(body), size):
            yield body[start : start + size]

    answer = await send(ingest, slowly())
    assert answer.status_code == 202, answer.text
    assert answer.json()["file_bytes"] == len(csv_of(*rows(3)))


@pytest.mark.parametrize(
    ("body", "media", "status", "code"),
    [
        (b"{}", "application/json", 415, "not-a-form"),
        (b"", "multipart/form-data", 415, "not-a-form"),
        (GOOD + END, f"multipart/form-data; boundary={'b' * 300}", 400, "bad-form"),
        (b"nothing of the kind", FORM, 400, "bad-form"),
        (FIELDS + GOOD, FORM, 400, "bad-form"),
        (GOOD[:-40], FORM, 400, "bad-form"),
        (FIELDS + END, FORM, 422, "no-file"),
        (FIELDS + part("file", b"a,b") + END, FORM, 422, "no-file"),
        (FIELDS + GOOD + GOOD + END, FORM, 422, "two-files"),
        (FIELDS + part("file", b"", file_name="r.csv") + END, FORM, 422, "unreadable"),
        (FIELDS * 40 + GOOD + END, FORM, 413, "too-many"),
        (part("source", b"s" * 5000) + GOOD + END, FORM, 413, "too-large"),
        (FIELDS + part("colour", b"red") + GOOD + END, FORM, 422, "invalid"),
        (FIELDS + part("channel", b"smoke") + GOOD + END, FORM, 422, "invalid"),
        (FIELDS + part("backfill", b"perhaps") + GOOD + END, FORM, 422, "invalid"),
        (FIELDS + part("header_row", b"-1") + GOOD + END, FORM, 422, "invalid"),
        (part("channel", b"review") + GOOD + END, FORM, 422, "invalid"),
        (FIELDS + part("map", b"text") + GOOD + END, FORM, 422, "unreadable"),
        (FIELDS + part("map", b"text=\xff") + GOOD + END, FORM, 422, "unreadable"),
        (FIELDS + part("sheet", b"\0") + GOOD + END, FORM, 202, ""),
    ],
)
async def test_what_is_wrong_is_told_and_nothing_is_left(
    ingest: Ingest, body: bytes, media: str, status: int, code: str
) -> None:
    answer = await send(ingest, body, media)
    if status == 202:
        assert answer.status_code == 202
        return
    problem(answer, status, code)
    assert await left(ingest) == 0


async def test_a_file_that_is_too_large(start: Start) -> None:
    ingest = await start(IMPORT_MAX_BYTES=100_000)
    large = csv_of(*rows(10_000))
    problem(await upload(ingest, large), 413, "too-large")

    async def unknown() -> AsyncIterator[bytes]:
        body = FIELDS + part("file", large, file_name="r.csv") + END
        for at in range(0, len(body), 5000):
            yield body[at : at + 5000]

    problem(await send(ingest, unknown()), 413, "too-large")
    assert await left(ingest) == 0


async def test_a_body_may_be_larger_here_than_elsewhere(ingest: Ingest) -> None:
    limit = ingest.platform.settings.http.max_body_bytes
    padding = part(
        "file", csv_of(*rows(3), *["长" * 30_000 + ",2026-11-01,1,"] * 100), file_name="r"
    )
    assert len(padding) > limit
    assert (await send(ingest, FIELDS + padding + END)).status_code == 202
    repeated = await send(ingest, FIELDS + padding + END, **{"idempotency-key": "k"})
    problem(repeated, 413, "too-large")
    problem(await ingest.post("/v1/feedback", padding), 413, "too-large")


async def test_the_same_request_with_a_key_is_one_import(ingest: Ingest) -> None:
    first = await send(ingest, FIELDS + GOOD + END, **{"idempotency-key": "k"})
    again = await send(ingest, FIELDS + GOOD + END, **{"idempotency-key": "k"})
    assert first.json()["id"] == again.json()["id"]
    assert await left(ingest) == 1


async def test_a_caller_who_leaves_leaves_nothing(ingest: Ingest) -> None:
    begun = asyncio.Event()

    async def half() -> AsyncIterator[bytes]:
        yield FIELDS + GOOD[:100]
        begun.set()
        await asyncio.Event().wait()

    request = asyncio.create_task(send(ingest, half()))
    await begun.wait()
    assert await left(ingest) == 1
    request.cancel()
    await asyncio.gather(request, return_exceptions=True)
    assert await left(ingest) == 0


@pytest.mark.parametrize(
    "content",
    [
        package(sheet_xml(f'<row r="3"><c r="A3" t="str"><v>{" " * 30_000_000}</v></c></row>')),
        b"PK\x03\x04" + b"\0" * 1000,
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 1000,
        b"\x00\x01\x02" * 500,
        b'"' * 2_000_001,
        b"<html></html>",
    ],
)
async def test_files_that_want_to_harm_are_refused_with_words(start: Start, content: bytes) -> None:
    ingest = await start(IMPORT_MAX_UNPACKED_BYTES=5_000_000)
    body = problem(await upload(ingest, content), 422, "unreadable")
    assert len(body["detail"]) < 300
    assert await left(ingest) == 0


@settings(
    max_examples=60,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    pieces=st.lists(
        st.binary(max_size=30)
        | st.sampled_from([GOOD, FIELDS, END, GOOD[:60], b"\r\n", f"--{BOUNDARY}".encode()])
        | st.tuples(st.text(max_size=8), st.binary(max_size=20)).map(
            lambda given: part(given[0].replace('"', ""), given[1])
        ),
        max_size=6,
    )
)
async def test_whatever_is_sent_it_is_no_fault_of_ours(ingest: Ingest, pieces: list[bytes]) -> None:
    answer = await send(ingest, b"".join(pieces))
    assert answer.status_code < 500 or answer.status_code == 503, answer.text
    if answer.status_code >= 400:
        assert answer.headers["content-type"] == "application/problem+json"


async def test_it_takes_the_scope_of_feedback(ingest: Ingest) -> None:
    problem(
        await upload(ingest, csv_of(*rows(1)), headers={"X-API-Key": "no"}), 401, "unauthorized"
    )

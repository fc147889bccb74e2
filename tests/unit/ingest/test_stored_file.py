"""A file in pieces reads as the file that it was."""

import asyncio
import io
from collections.abc import Iterator
from threading import Thread

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from heedful.ingest import stored_file
from heedful.ingest.stored_file import StoredFile, Vanished

PIECE = 16


@pytest.fixture(scope="module")
def loop() -> Iterator[asyncio.AbstractEventLoop]:
    """A loop in another thread, as that of a service is."""
    running = asyncio.new_event_loop()
    thread = Thread(target=running.run_forever)
    thread.start()
    yield running
    running.call_soon_threadsafe(running.stop)
    thread.join()
    running.close()


@pytest.fixture(autouse=True, scope="module")
def small_pieces() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stored_file, "CHUNK_BYTES", PIECE)
        yield


def stored(content: bytes, loop: asyncio.AbstractEventLoop) -> tuple[StoredFile, list[int]]:
    """The file, and the numbers of the pieces that were asked for."""
    asked: list[int] = []

    async def piece(number: int) -> bytes | None:
        asked.append(number)
        return content[number * PIECE : (number + 1) * PIECE] or None

    return StoredFile(len(content), piece, loop), asked


@settings(max_examples=60)
@given(st.binary(max_size=200), st.lists(st.tuples(st.integers(0, 220), st.integers(0, 70))))
def test_it_reads_as_a_file_in_memory(
    loop: asyncio.AbstractEventLoop, content: bytes, moves: list[tuple[int, int]]
) -> None:
    plain, found = io.BytesIO(content), io.BufferedReader(stored(content, loop)[0], PIECE)
    for place, size in moves:
        assert found.seek(place) == plain.seek(place)
        assert found.read(size) == plain.read(size)


def test_places_are_counted_from_anywhere(loop: asyncio.AbstractEventLoop) -> None:
    file, _ = stored(bytes(range(100)), loop)
    assert file.seek(-10, io.SEEK_END) == 90
    assert file.seek(5, io.SEEK_CUR) == 95
    assert file.readall() == bytes(range(95, 100))
    with pytest.raises(ValueError, match="before the beginning"):
        file.seek(-1)


def test_a_piece_is_asked_for_once_while_it_is_read(loop: asyncio.AbstractEventLoop) -> None:
    file, asked = stored(bytes(range(160)), loop)
    for _ in file.readall():
        pass
    assert asked == list(range(10))


def test_a_piece_that_is_gone_is_told(loop: asyncio.AbstractEventLoop) -> None:
    async def gone(_number: int) -> bytes | None:
        return None

    with pytest.raises(Vanished):
        StoredFile(10, gone, loop).read(1)


def test_a_failure_of_the_database_is_the_readers(loop: asyncio.AbstractEventLoop) -> None:
    async def fails(_number: int) -> bytes | None:
        raise ConnectionRefusedError

    with pytest.raises(ConnectionRefusedError):
        StoredFile(10, fails, loop).read(1)

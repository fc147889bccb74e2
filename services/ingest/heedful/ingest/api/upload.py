"""`multipart/form-data` (RFC 7578) with one file, taken as it comes: the file goes on in pieces and
is never whole in memory or on a disk."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Final

from fastapi import Request
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.requests import ClientDisconnect

from heedful.common.http.problems import Problem

FILE: Final = "file"
_MEDIA: Final = b"multipart/form-data"
_MOST_FIELDS: Final = 64
_MOST_FIELD_BYTES: Final = 4096
_MOST_NAME_CHARS: Final = 200

Put = Callable[[bytes], Awaitable[None]]


@dataclass
class Form:
    """What came beside the file. `fields` has every value of a name, in order."""

    fields: dict[str, list[str]] = field(default_factory=dict)
    file_name: str | None = None
    file_bytes: int = 0


async def receive(request: Request, put: Put, *, piece_bytes: int, most_bytes: int) -> Form:
    """Read the body; `put` gets the file in pieces of that size, the last one smaller.

    Args:
        most_bytes: of the file.

    Raises:
        Problem: 400, 413 or 415.
    """
    kind, options = parse_options_header(request.headers.get("content-type", ""))
    boundary = options.get(b"boundary", b"")
    if kind != _MEDIA or not boundary:
        raise Problem(
            415, "not-a-form", "send multipart/form-data with a boundary, as curl -F does"
        )
    form = Form()
    reader = _Reader(form, most_bytes)
    parser = _parser(boundary, reader)
    try:
        async for block in request.stream():
            parser.write(block)
            while len(reader.waiting) >= piece_bytes:
                await put(reader.take(piece_bytes))
    except FormParserError as error:
        raise Problem(400, "bad-form", "the body is no multipart/form-data") from error
    except ClientDisconnect as error:
        raise Problem(400, "incomplete", "the request ended before its body") from error
    if not reader.ended:
        raise Problem(400, "bad-form", "the form is not complete: its last boundary is missing")
    if reader.waiting:
        await put(reader.take(piece_bytes))
    if form.file_name is None:
        raise Problem(422, "no-file", f"the form has no part {FILE!r} with a file in it")
    return form


def _parser(boundary: bytes, reader: "_Reader") -> MultipartParser:
    try:
        return MultipartParser(
            boundary,
            {
                "on_part_begin": reader.begin,
                "on_header_field": reader.header_name,
                "on_header_value": reader.header_value,
                "on_header_end": reader.header_end,
                "on_headers_finished": reader.headers_end,
                "on_part_data": reader.data,
                "on_part_end": reader.part_end,
                "on_end": reader.end,
            },
        )
    except FormParserError as error:
        raise Problem(400, "bad-form", "the boundary is too long") from error


class _Reader:
    """Keeps fields, and of the file what was not put yet."""

    def __init__(self, form: Form, most_bytes: int) -> None:
        self.waiting = bytearray()
        self.ended = False
        self._form = form
        self._most_bytes = most_bytes
        self._count = 0
        self._name = ""
        self._in_file = False
        self._value = bytearray()
        self._header = bytearray()
        self._header_value = bytearray()
        self._disposition = b""

    def take(self, most: int) -> bytes:
        piece = bytes(self.waiting[:most])
        del self.waiting[:most]
        return piece

    def begin(self) -> None:
        self._count += 1
        if self._count > _MOST_FIELDS:
            raise Problem(413, "too-many", f"a form has at most {_MOST_FIELDS} parts")
        self._disposition = b""
        self._value.clear()

    def header_name(self, data: bytes, start: int, end: int) -> None:
        self._header += data[start:end]

    def header_value(self, data: bytes, start: int, end: int) -> None:
        self._header_value += data[start:end]

    def header_end(self) -> None:
        if self._header.lower() == b"content-disposition":
            self._disposition = bytes(self._header_value)
        self._header.clear()
        self._header_value.clear()

    def headers_end(self) -> None:
        _, options = parse_options_header(self._disposition)
        self._name = options.get(b"name", b"").decode("utf-8", "replace")
        self._in_file = self._name == FILE and b"filename" in options
        if not self._in_file:
            return
        if self._form.file_name is not None:
            raise Problem(422, "two-files", "one form has one file")
        name = options[b"filename"].decode("utf-8", "replace").replace("\0", "")
        self._form.file_name = name[:_MOST_NAME_CHARS]

    def data(self, data: bytes, start: int, end: int) -> None:
        if self._in_file:
            self._form.file_bytes += end - start
            if self._form.file_bytes > self._most_bytes:
                raise Problem(
                    413,
                    "too-large",
                    f"a file has at most {self._most_bytes} bytes; split it, or send it with "
                    "heedful import",
                )
            self.waiting += data[start:end]
            return
        self._value += data[start:end]
        if len(self._value) > _MOST_FIELD_BYTES:
            raise Problem(413, "too-large", f"a field has at most {_MOST_FIELD_BYTES} bytes")

    def part_end(self) -> None:
        if not self._in_file:
            value = self._value.decode("utf-8", "replace")
            self._form.fields.setdefault(self._name, []).append(value)

    def end(self) -> None:
        self.ended = True

"""The parts of an Excel file (ECMA-376 part 2: a ZIP with XML in it), each read once and bounded.

Own code, because both well-kept readers fall to small hostile files: calamine fills a rectangle of
cells between the outermost two (tafia/calamine#693: 2 KB abort the process), openpyxl builds a tree
of elements, seventy bytes for each four. Here a part is streamed, and nothing grows with it.
"""

import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from typing import BinaryIO, Final
from xml.parsers import expat

from heedful.ingest.importing.records import Limits, Unreadable

_BLOCK_BYTES: Final = 1 << 16
_END: Final = struct.Struct("<4s4H2LH")
_END_MARK: Final = b"PK\x05\x06"
_MOST_COMMENT: Final = 1 << 16
_MOST_DIRECTORY: Final = 1 << 20
_MOST_DEPTH: Final = 32
_MOST_TOKEN: Final = 1 << 20
_METHODS: Final = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})

Attributes = Mapping[str, str]


class Package:
    """An opened Excel file.

    Raises:
        Unreadable: no ZIP, or one that no Excel writes.
    """

    def __init__(self, file: BinaryIO, limits: Limits) -> None:
        self._limits = limits
        self._unpacked = 0
        _refuse_large_directory(file)
        try:
            self._archive = zipfile.ZipFile(file)
            self._names = {info.filename.lower(): info for info in self._archive.infolist()}
        except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError) as error:
            raise damaged() from error
        if "xl/workbook.bin" in self._names:
            raise Unreadable("this is .xlsb; save it in Excel as .xlsx or CSV UTF-8")
        if "xl/workbook.xml" not in self._names:
            raise Unreadable("this is a ZIP, but no Excel file; give the .xlsx or CSV within")

    def size(self, path: str) -> int | None:
        """Bytes of a part as the ZIP has it, unpacked; None without such a part."""
        info = self._names.get(path.lower())
        return None if info is None else info.file_size

    def blocks(self, path: str, most: int | None = None) -> Iterator[bytes]:
        """The bytes of a part.

        Args:
            most: bytes of this part; without it only the limit of all parts holds.

        Raises:
            Unreadable: no such part, damaged, or too large.
        """
        info = self._names.get(path.lower())
        if info is None or info.compress_type not in _METHODS:
            raise damaged()
        if info.flag_bits & 1:
            raise Unreadable("the file has a password; save it without one")
        size = 0
        try:
            with self._archive.open(info) as part:
                while block := part.read(_BLOCK_BYTES):
                    size += len(block)
                    self._unpacked += len(block)
                    self._refuse_large(size, most)
                    yield block
        except (
            zipfile.BadZipFile,
            zlib.error,
            EOFError,
            NotImplementedError,
            OSError,
            ValueError,
        ) as error:
            raise damaged() from error

    def _refuse_large(self, size: int, most: int | None) -> None:
        if self._unpacked > self._limits.unpacked_bytes or (most is not None and size > most):
            shown = min(most or self._limits.unpacked_bytes, self._limits.unpacked_bytes)
            raise Unreadable(
                f"unpacked, the Excel file is larger than {shown:,} bytes; save it as CSV UTF-8, "
                "or split it"
            )


class Elements:
    """Feeds a part to handlers, element by element; names are without their namespace."""

    def __init__(
        self,
        start: Callable[[str, Attributes], None],
        end: Callable[[str], None],
        text: Callable[[str], None],
    ) -> None:
        self._start, self._end = start, end
        self._depth = self._fed = 0
        self._parser = expat.ParserCreate(namespace_separator=" ")
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._started
        self._parser.EndElementHandler = self._ended
        self._parser.CharacterDataHandler = text
        self._parser.StartDoctypeDeclHandler = _refuse_doctype

    def feed(self, block: bytes) -> None:
        """Take the next bytes; an empty block is the end.

        Raises:
            Unreadable: not XML, or not as Excel writes it.
        """
        self._fed += len(block)
        try:
            self._parser.Parse(block, not block)
        except expat.ExpatError as error:
            raise damaged() from error
        if self._fed - self._parser.CurrentByteIndex > _MOST_TOKEN:
            raise damaged()

    def _started(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth > _MOST_DEPTH:
            raise damaged()
        self._start(name.rpartition(" ")[2], attributes)

    def _ended(self, name: str) -> None:
        self._depth -= 1
        self._end(name.rpartition(" ")[2])


def damaged() -> Unreadable:
    return Unreadable(
        "the Excel file is damaged, or was not written as one; open it in Excel and save it anew, "
        "or as CSV UTF-8"
    )


def _refuse_doctype(*_: object) -> None:
    """No spreadsheet has one; it is how a small file declares entities that become large."""
    raise damaged()


def _refuse_large_directory(file: BinaryIO) -> None:
    """zipfile makes an object of half a kilobyte for each of 46 bytes of the directory."""
    size = file.seek(0, 2)
    file.seek(max(0, size - _END.size - _MOST_COMMENT))
    tail = file.read()
    file.seek(0)
    at = len(tail) - _END.size
    if at < 0:
        raise damaged()
    if not (tail.startswith(_END_MARK, at) and tail.endswith(b"\0\0")):
        at = tail.rfind(_END_MARK, 0, at + len(_END_MARK))
    if at < 0:
        raise damaged()
    directory = _END.unpack_from(tail, at)[5]
    if directory > _MOST_DIRECTORY:
        raise damaged()

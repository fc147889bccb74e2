"""The sheets of an Excel file and the texts that their cells share.

ECMA-376 part 1 §18.2.20 (sheets), §18.4 (shared strings).
"""

import posixpath
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO, Final

from heedful.ingest.importing.number_formats import EPOCH, EPOCH_1904, time_styles
from heedful.ingest.importing.package import Attributes, Elements, Package, damaged
from heedful.ingest.importing.records import Limits, Unreadable

_WORKBOOK: Final = "xl/workbook.xml"
_RELATIONS: Final = "xl/_rels/workbook.xml.rels"
_SHARED: Final = "xl/sharedStrings.xml"
_MOST_BYTES: Final = 5_000_000
_MOST_STRINGS: Final = 5_000_000
_RELATION_ID: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships id"
_RELATION_ID_STRICT: Final = "http://purl.oclc.org/ooxml/officeDocument/relationships id"
_TRUE: Final = frozenset({"1", "true"})


@dataclass(frozen=True, slots=True)
class Sheet:
    """`path` is its part of the package."""

    name: str
    path: str
    visible: bool


@dataclass(frozen=True, slots=True)
class Workbook:
    """What every sheet of the file shares."""

    package: Package
    sheets: Sequence[Sheet]
    epoch: datetime


def open_workbook(file: BinaryIO, limits: Limits) -> Workbook:
    """Read the list of sheets.

    Raises:
        Unreadable: not an Excel file, or one without sheets.
    """
    package = Package(file, limits)
    listed = _Listed()
    _read(package, _WORKBOOK, listed)
    related = _Related()
    _read(package, _RELATIONS, related)
    sheets = [
        Sheet(name, related.targets[relation], visible)
        for name, relation, visible in listed.sheets
        if package.size(related.targets.get(relation, "")) is not None
    ]
    if not sheets:
        raise damaged()
    return Workbook(package, sheets, EPOCH_1904 if listed.since_1904 else EPOCH)


def sheet_of(workbook: Workbook, name: str | None) -> Sheet:
    """The sheet of that name, or the first that is visible.

    Raises:
        Unreadable: there is none of that name; says which there are.
    """
    if name is None:
        return next((one for one in workbook.sheets if one.visible), workbook.sheets[0])
    for sheet in workbook.sheets:
        if sheet.name == name:
            return sheet
    names = ", ".join(one.name for one in workbook.sheets)
    raise Unreadable(f"there is no sheet of that name; there are: {names}")


def shared_texts(workbook: Workbook, limits: Limits) -> Sequence[str]:
    """The texts to which cells refer by their place; what is longer than a cell may be is cut one
    character behind it."""
    package = workbook.package
    if package.size(_SHARED) is None:
        return ()
    reader = _Shared(limits.cell_chars)
    elements = Elements(reader.start, reader.end, reader.text)
    for block in package.blocks(_SHARED, limits.shared_bytes):
        elements.feed(block)
    elements.feed(b"")
    return reader.texts


def styles(workbook: Workbook) -> frozenset[int]:
    """The styles that show a time."""
    return time_styles(workbook.package)


class _Listed:
    def __init__(self) -> None:
        self.sheets: list[tuple[str, str, bool]] = []
        self.since_1904 = False

    def start(self, name: str, attributes: Attributes) -> None:
        if name == "workbookPr":
            self.since_1904 = attributes.get("date1904", "").lower() in _TRUE
        elif name == "sheet":
            relation = attributes.get(_RELATION_ID) or attributes.get(_RELATION_ID_STRICT, "")
            visible = attributes.get("state", "visible") == "visible"
            self.sheets.append((attributes.get("name", ""), relation, visible))


class _Related:
    def __init__(self) -> None:
        self.targets: dict[str, str] = {}

    def start(self, name: str, attributes: Attributes) -> None:
        if name == "Relationship" and attributes.get("Type", "").endswith("/worksheet"):
            target = posixpath.normpath(posixpath.join("/xl", attributes.get("Target", "")))
            self.targets[attributes.get("Id", "")] = target.lstrip("/")


def _read(package: Package, path: str, reader: _Listed | _Related) -> None:
    elements = Elements(reader.start, lambda _: None, lambda _: None)
    for block in package.blocks(path, _MOST_BYTES):
        elements.feed(block)
    elements.feed(b"")


class _Shared:
    """Rich text is its runs together; how a word is read aloud (rPh) is no text."""

    def __init__(self, most: int) -> None:
        self.texts: list[str] = []
        self._most = most
        self._parts: list[str] = []
        self._chars = 0
        self._in_text = False
        self._aloud = False

    def start(self, name: str, _attributes: Attributes) -> None:
        if name == "si":
            self._parts, self._chars = [], 0
        elif name == "t":
            self._in_text = True
        elif name == "rPh":
            self._aloud = True

    def text(self, text: str) -> None:
        if self._in_text and not self._aloud and self._chars <= self._most:
            self._parts.append(text)
            self._chars += len(text)

    def end(self, name: str) -> None:
        if name == "t":
            self._in_text = False
        elif name == "rPh":
            self._aloud = False
        elif name == "si":
            if len(self.texts) >= _MOST_STRINGS:
                raise Unreadable(
                    f"the Excel file has more than {_MOST_STRINGS:,} texts; save it as CSV UTF-8"
                )
            self.texts.append("".join(self._parts)[: self._most + 1])

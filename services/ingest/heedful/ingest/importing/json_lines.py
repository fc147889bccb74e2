"""JSON lines: one object a line. Objects within become names with dots, so `user.phone` is a
column; a list of `{"type": …, "value": …}` becomes one column for each type."""

from collections.abc import Iterator, Mapping, Sequence
from typing import BinaryIO, Final

import orjson

from heedful.ingest.importing.records import (
    Broken,
    BrokenRecord,
    Cell,
    Limits,
    Record,
    Records,
    Unreadable,
    too_long,
)

_DEPTH: Final = 5
_LONGEST_NAME: Final = 200
_BYTES_A_CHAR: Final = 12
"""At most, in JSON: a surrogate pair that is spelled out."""


def columns(file: BinaryIO, limits: Limits, sample: int) -> Sequence[str]:
    """The names of the first objects' members, in the order in which they come up.

    Raises:
        Unreadable: there is no object, or there are too many names.
    """
    start = file.tell()
    found: dict[str, None] = {}
    for line, _ in zip(_lines(file, limits), range(sample), strict=False):
        members = _members(line)
        if isinstance(members, Mapping):
            found.update(dict.fromkeys(filter(_is_name, members)))
        if len(found) > limits.columns:
            raise Unreadable(f"the objects have more than {limits.columns} members; leave some out")
    file.seek(start)
    if not found:
        raise Unreadable(
            'no line is a JSON object; one line a feedback is wanted: {"text": "…", "time": "…"}'
        )
    return list(found)


def records(file: BinaryIO, names: Sequence[str], limits: Limits) -> Records:
    """One row for each line, its cells in the order of the names; an empty line is a row."""
    for number, line in enumerate(_lines(file, limits), start=1):
        if line is not None and not line.strip():
            yield Record(number, ())
            continue
        members = _members(line)
        if isinstance(members, str):
            yield BrokenRecord(number, members)
        else:
            yield Record(number, [_cell(members.get(name), limits) for name in names])


def _is_name(name: str) -> bool:
    """Whether a column can be called so; a member that is not is no column."""
    return bool(name.strip()) and len(name) <= _LONGEST_NAME and name.isprintable()


def _lines(file: BinaryIO, limits: Limits) -> Iterator[bytes | None]:
    """Lines; None for one that is too long, which is skipped."""
    most = limits.row_chars * _BYTES_A_CHAR
    while line := file.readline(most + 1):
        if len(line) <= most:
            yield line
            continue
        while line and not line.endswith(b"\n"):
            line = file.readline(most + 1)
        yield None


def _members(line: bytes | None) -> Mapping[str, object] | str:
    """The members of an object by name, flat; or what is wrong with the line."""
    if line is None:
        return "the line is too long"
    try:
        found = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        return f"not JSON: {error.msg} at character {error.colno}"
    if not isinstance(found, dict):
        return "not a JSON object"
    flat: dict[str, object] = {}
    _flatten(found, "", _DEPTH, flat)
    return flat


def _flatten(value: object, name: str, depth: int, into: dict[str, object]) -> None:
    inner: Mapping[str, object] | None = None
    if isinstance(value, dict):
        inner = value
    elif isinstance(value, list) and value and all(map(_is_typed, value)):
        inner = {one["type"]: one["value"] for one in value}
    if inner is None:
        into[name] = value
    elif depth == 0:
        into[name] = Broken("holds objects within objects, too deep")
    else:
        for key, member in inner.items():
            _flatten(member, f"{name}.{key}" if name else key, depth - 1, into)


def _is_typed(value: object) -> bool:
    return (
        isinstance(value, dict)
        and {"type", "value"} <= value.keys()
        and (isinstance(value["type"], str))
    )


def _cell(value: object, limits: Limits) -> Cell:
    if isinstance(value, str):
        if len(value) > limits.cell_chars:
            return too_long(limits)
        return value or None
    if isinstance(value, list):
        # Tags, say. Anything deeper has no form that a person would know again.
        if all(isinstance(one, str | int | float) for one in value):
            return _cell("; ".join(map(str, value)), limits)
        return Broken("holds a list of objects")
    if value is None or isinstance(value, bool | int | float | Broken):
        return value
    return Broken("holds what is no text and no number")

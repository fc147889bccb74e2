"""From a row to an item, or to what is wrong with it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from pydantic import ValidationError

from heedful.common.contracts import Channel
from heedful.common.wording import fault
from heedful.ingest.importing.candidates import IDENTIFIERS
from heedful.ingest.importing.names import channel_of, is_placeholder
from heedful.ingest.importing.plan import NOW, Plan, Use
from heedful.ingest.importing.profile import CUT, is_masked, is_rounded, says_nothing, written
from heedful.ingest.importing.records import (
    AnyRecord,
    Broken,
    BrokenRecord,
    Cell,
    Format,
    Record,
)
from heedful.ingest.importing.row_ids import MadeIds, id_of_row
from heedful.ingest.importing.scores import value_of
from heedful.ingest.importing.times import moment, zone_of
from heedful.ingest.models import PostedFeedback

_ATTRIBUTE: Final = "attributes."
_SIMPLE: Final = ("conversation_id", "touchpoint", "department", "language")


@dataclass(frozen=True, slots=True)
class Item:
    """A row that can be sent."""

    number: int
    posted: PostedFeedback


@dataclass(frozen=True, slots=True)
class Rejected:
    """A row that cannot be sent; `detail` says what is wrong, in which column, how to mend it.

    Attributes:
        fields: of an item, as far as they could be read; in the place of one that could not stands
            what its cells hold. None of a row that could not be taken apart.
    """

    number: int
    detail: str
    fields: Mapping[str, Any] | None = None


class _Wrong(Exception):  # a row's, told in the report
    """What is wrong with a row."""


class Converter:
    """Makes items of rows, which are given in their order, each once."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._zone = zone_of(plan.timezone)
        self._width = len(plan.layout.columns)
        self._texts, self._times = plan.of("text"), plan.of("occurred_at")
        self._identifiers = [use for target in IDENTIFIERS for use in plan.of(target)]
        self._attributes = [use for use in plan.uses if use.target.startswith(_ATTRIBUTE)]
        self._scores, self._channels, self._ids = (
            plan.of("score"),
            plan.of("channel"),
            plan.of("id"),
        )
        self._scale = {} if plan.scale is None else plan.scale.model_dump()
        self._simple = [use for use in plan.uses if use.target in _SIMPLE]
        self._ids_made = MadeIds(dated=bool(self._times))
        self._behind_broken = False

    def convert(self, record: AnyRecord) -> Item | Rejected | None:
        """The item of a row; None of one that is empty, or no row of the table."""
        if record.number <= self._plan.layout.header_row:
            return None
        if isinstance(record, BrokenRecord):
            self._behind_broken = self._plan.layout.format is Format.CSV
            return Rejected(record.number, record.reason)
        if all(cell is None for cell in record.cells):
            return None
        try:
            self._refuse_width(record)
            return Item(record.number, self._posted(record.cells))
        except _Wrong as error:
            return Rejected(record.number, str(error), self._as_far(record))
        except ValidationError as error:
            return Rejected(record.number, self._described(error), self._as_far(record))

    def _refuse_width(self, record: Record) -> None:
        """Behind a quote that stands wrong may come what is left of its row."""
        width = len(record.cells)
        if self._behind_broken and width != self._width:
            raise _Wrong(
                f"stands behind a row with a broken quote and has {width} cells, the header "
                f"{self._width}; it may be what is left of that row"
            )
        self._behind_broken = False
        if any(cell is not None for cell in record.cells[self._width :]):
            raise _Wrong(
                f"has {width} cells, the header {self._width}; is a quote missing around a cell "
                "that holds the delimiter?"
            )

    def _posted(self, cells: Sequence[Cell]) -> PostedFeedback:
        plan = self._plan
        fields: dict[str, Any] = {
            "source": plan.source,
            "backfill": plan.backfill,
            "text": self._text(cells),
            "occurred_at": self._occurred_at(cells),
            "identifiers": self._identified(cells),
            "touchpoint": plan.touchpoint,
            "department": plan.department,
            "score": self._score(cells),
        }
        for use in self._simple:
            fields[use.target] = _said(cells, use) or fields.get(use.target)
        attributes = {
            use.target.removeprefix(_ATTRIBUTE): value
            for use in self._attributes
            if (value := _said(cells, use))
        }
        fields["channel"] = self._channel(cells, attributes)
        fields["attributes"] = attributes
        given = [value for use in self._ids if (value := _said(cells, use))]
        fields["id"] = given[0] if given else self._ids_made.next(fields)
        return PostedFeedback.model_validate(fields)

    def _as_far(self, record: Record) -> Mapping[str, Any]:
        """The fields of a row that makes no item, to be mended by hand."""
        plan, cells = self._plan, record.cells
        fields: dict[str, Any] = {
            "source": plan.source,
            "backfill": plan.backfill,
            "touchpoint": plan.touchpoint,
            "department": plan.department,
        }
        simple = {use.target: _held(cells, [use]) for use in self._simple}
        fields |= {target: held for target, held in simple.items() if held}
        attributes = {
            use.target.removeprefix(_ATTRIBUTE): held
            for use in self._attributes
            if (held := _held(cells, [use]))
        }
        score = {**self._scale, "value": _held(cells, self._scores)} if self._scores else None
        fields |= {
            "channel": _or(lambda: self._channel(cells, attributes), _held(cells, self._channels)),
            "text": _or(lambda: self._text(cells), _held(cells, self._texts)),
            "occurred_at": _or(lambda: self._occurred_at(cells), _held(cells, self._times)),
            "score": _or(lambda: self._score(cells), score),
            "identifiers": [
                {"type": use.target, "value": held}
                for use in self._identifiers
                if (held := _held(cells, [use])) and not is_masked(held)
            ],
            "attributes": attributes,
            "id": _held(cells, self._ids[:1])
            or id_of_row(plan.source, record.number, [written(cell) for cell in cells]),
        }
        return {name: value for name, value in fields.items() if value not in (None, "", [], {})}

    def _text(self, cells: Sequence[Cell]) -> str:
        parts: list[str] = []
        for use in self._texts:
            said = _said(cells, use)
            if said and not is_placeholder(said) and not any(said in part for part in parts):
                parts = [part for part in parts if part not in said]
                parts.append(said)
        if not parts:
            raise _wrong(self._texts[0], "has no words in this row")
        return "\n".join(parts)

    def _occurred_at(self, cells: Sequence[Cell]) -> datetime | None:
        if not self._times:
            said = self._plan.occurred_at
            return None if said == NOW or isinstance(said, str) else said
        found = moment(
            [_cell(cells, use) for use in self._times], self._zone, self._plan.date_order
        )
        if isinstance(found, str):
            raise _wrong(self._times[0], found)
        return found

    def _identified(self, cells: Sequence[Cell]) -> list[dict[str, str]]:
        return [
            {"type": use.target, "value": value}
            for use in self._identifiers
            if (value := _said(cells, use)) and not is_masked(value)
        ]

    def _score(self, cells: Sequence[Cell]) -> dict[str, Any] | None:
        scale = self._plan.scale
        for use in self._scores:
            value = value_of(_cell(cells, use))
            if isinstance(value, str):
                raise _wrong(use, value)
            if value is None or scale is None:
                return None
            if not scale.minimum <= value <= scale.maximum:
                raise _wrong(use, f"is not on the scale {scale}; give the scale if it is another")
            return {**self._scale, "value": value}
        return None

    def _channel(self, cells: Sequence[Cell], attributes: dict[str, str]) -> Channel:
        for use in self._channels:
            said = _said(cells, use)
            found = channel_of(said) if said else None
            if found is not None:
                return found
            if said:
                attributes.setdefault("platform", said)
            if self._plan.channel is None:
                raise _wrong(use, "names no channel that is known here; give one for such rows")
        return self._plan.channel or Channel.OTHER

    def _described(self, error: ValidationError) -> str:
        """What pydantic found, in the names of the columns."""
        found: dict[str, None] = {}
        for item in error.errors(include_input=False, include_url=False):
            uses = self._uses_at(item["loc"])
            names = " + ".join(use.column for use in uses) or str(item["loc"][0])
            found[f"{names}: {fault(item)}"] = None
        return "; ".join(found)

    def _uses_at(self, location: Sequence[int | str]) -> Sequence[Use]:
        if location[0] == "identifiers":
            return self._identifiers
        if location[0] == "attributes" and len(location) > 1:
            return self._plan.of(f"{_ATTRIBUTE}{location[1]}")
        return self._plan.of(str(location[0]))


def _wrong(use: Use, reason: str) -> _Wrong:
    return _Wrong(f"{use.column}: {reason}")


def _or(read: Callable[[], Any], held: Any) -> Any:
    """What is read; what its cells hold, where that cannot be read."""
    try:
        return read()
    except _Wrong:
        return held


def _held(cells: Sequence[Cell], uses: Sequence[Use]) -> str:
    """What cells hold, whatever it is."""
    held = [cells[use.position] for use in uses if use.position < len(cells)]
    return " ".join(written(cell) for cell in held if not says_nothing(cell)).strip()


def _cell(cells: Sequence[Cell], use: Use) -> Cell:
    cell = cells[use.position] if use.position < len(cells) else None
    if isinstance(cell, Broken):
        raise _wrong(use, cell.reason)
    return None if says_nothing(cell) else cell


def _said(cells: Sequence[Cell], use: Use) -> str:
    """What a cell says; empty when it says nothing."""
    cell = _cell(cells, use)
    if cell is None:
        return ""
    said = written(cell)
    if use.target != "text" and is_rounded(said):
        raise _wrong(use, CUT)
    return said

"""What would be done with a file, why, and what is in doubt: shown before anything happens."""

import re
from collections.abc import Mapping, Sequence
from itertools import islice
from typing import BinaryIO, Final

from pydantic import BaseModel, ConfigDict

from heedful.common.contracts import Channel
from heedful.ingest.importing.dates import DateOrder, first_numbers
from heedful.ingest.importing.guess import SURE, Assignment, guess
from heedful.ingest.importing.layout import SAMPLE_ROWS, Found, Hints, Layout, find, read
from heedful.ingest.importing.names import plain_name
from heedful.ingest.importing.plan import (
    IGNORE,
    LABELS,
    MANY,
    NOW,
    OccurredAt,
    Options,
    Plan,
    Use,
    is_target,
)
from heedful.ingest.importing.records import Cell, Limits, Record, Unreadable
from heedful.ingest.importing.scores import Scale, given_scale, scale_of
from heedful.ingest.importing.times import moment, order_of, zone_of

_PLACE: Final = re.compile(r"#(\d{1,4})")
_SHOWN_COLUMNS: Final = 30
_STARRED: Final = frozenset({Channel.REVIEW, Channel.SOCIAL, Channel.APP, None})


class Proposal(BaseModel):
    """A plan with its reasons.

    Attributes:
        plan: null while something is missing.
        missing: what is needed and neither guessed nor given, and how to give it.
        doubts: what was guessed and may be wrong; somebody should look at it.
        notes: what else to know.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    layout: Layout
    columns: tuple[Assignment, ...]
    scale: Scale | None = None
    scale_reason: str = ""
    timezone: str
    date_order: DateOrder | None = None
    missing: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    plan: Plan | None = None


def propose(file: BinaryIO, hints: Hints, options: Options, limits: Limits) -> Proposal:
    """Look at the beginning of a file; its encoding is judged over all of it.

    Raises:
        Unreadable: the file, or an option, cannot be read.
    """
    zone_of(options.timezone)
    found = find(file, hints, limits)
    return propose_rows(found, sample(file, found.layout, limits), options)


def sample(file: BinaryIO, layout: Layout, limits: Limits) -> list[Sequence[Cell]]:
    """The first rows behind the header."""
    rows = read(file, layout, limits)
    records = iter(rows)
    first = [
        record.cells
        for record in islice(records, layout.header_row + SAMPLE_ROWS)
        if isinstance(record, Record)
        and record.number > layout.header_row
        and any(cell is not None for cell in record.cells)
    ]
    records.close()
    return first


def propose_rows(found: Found, rows: Sequence[Sequence[Cell]], options: Options) -> Proposal:
    """The proposal for a file with such rows."""
    columns = assign(guess(found.layout.columns, rows), options.mapping)
    uses = [
        Use(position=one.position, column=one.column, target=one.target)
        for one in columns
        if one.target is not None
    ]
    scale, scale_sure, scale_reason = _scale(uses, rows, options)
    order = options.date_order or order_of(_cells(uses, "occurred_at", rows))
    missing = _missing(uses, scale, options)
    plan = None
    if not missing:
        plan = Plan(
            layout=found.layout,
            uses=tuple(uses),
            source=options.source,
            channel=options.channel,
            timezone=options.timezone,
            date_order=order,
            scale=scale,
            occurred_at=_occurred_at(options),
            touchpoint=options.touchpoint,
            department=options.department,
            backfill=options.backfill,
        )
    return Proposal(
        layout=found.layout,
        columns=columns,
        scale=scale,
        scale_reason=scale_reason,
        timezone=options.timezone,
        date_order=order,
        missing=tuple(missing),
        doubts=_doubts(columns, scale, (scale_sure, scale_reason), found),
        notes=(*found.notes, *_notes(uses, rows, order)),
        plan=plan,
    )


def _doubts(
    columns: Sequence[Assignment], scale: Scale | None, why: tuple[float, str], found: Found
) -> tuple[str, ...]:
    doubts = [
        f"{one.column!r} as {one.target}: {one.reason}"
        for one in columns
        if one.target is not None and one.sure < SURE
    ]
    sure, reason = why
    if scale is not None and sure < SURE:
        doubts.append(f"the scale {scale}: {reason}")
    if not found.sure:
        doubts.append("the encoding of the file")
    return tuple(doubts)


def assign(guesses: Sequence[Assignment], mapping: Sequence[str]) -> tuple[Assignment, ...]:
    """The guesses, with what the user says in their place.

    Raises:
        Unreadable: an entry names no target or no column, or a target too often.
    """
    columns = {one.position: one.column for one in guesses}
    given = list(dict.fromkeys(_entry(entry, columns) for entry in mapping))
    targets = [target for target, _ in given]
    for target in set(targets) - MANY - {IGNORE}:
        if targets.count(target) > 1:
            raise Unreadable(
                f"{target} takes one column; {' and '.join(sorted(MANY))} take several"
            )
    places = {place for _, place in given}
    kept = [
        one.model_copy(update={"target": None, "reason": "another column was given"})
        if one.target in targets
        else one
        for one in guesses
        if one.position not in places
    ]
    said = [
        Assignment(
            position=place,
            column=columns[place],
            target=None if target == IGNORE else target,
            sure=1.0,
            reason="as given",
        )
        for target, place in given
    ]
    return tuple(sorted([*kept, *said], key=lambda one: one.position))


def _entry(text: str, columns: Mapping[int, str]) -> tuple[str, int]:
    target, _, column = (part.strip() for part in text.partition("="))
    if not column or not is_target(target):
        raise Unreadable(
            "a mapping is written TARGET=COLUMN, e.g. text=评论内容; targets are "
            f"{', '.join(LABELS)}, attributes.NAME in small letters, and ignore"
        )
    for place, name in columns.items():
        if name == column:
            return target, place
    numbered = _PLACE.fullmatch(column)
    if numbered is not None and int(numbered[1]) - 1 in columns:
        return target, int(numbered[1]) - 1
    shown = [columns[place] for place in sorted(columns)]
    more = ", …" if len(shown) > _SHOWN_COLUMNS else ""
    raise Unreadable(
        f"the column given for {target} is not there; there are: "
        f"{', '.join(shown[:_SHOWN_COLUMNS])}{more}"
    )


def _missing(uses: Sequence[Use], scale: Scale | None, options: Options) -> list[str]:
    targets = {use.target for use in uses}
    found: list[str] = []
    if "text" not in targets:
        found.append("no column looks like what customers said; name it: text=COLUMN")
    if "channel" not in targets and options.channel is None:
        found.append("on which channel it was said; give it, e.g. review")
    if "occurred_at" not in targets and options.occurred_at is None:
        found.append(
            "no column looks like a time; name it (occurred_at=COLUMN), or give one time for all "
            "rows, or now"
        )
    if "score" in targets and scale is None:
        found.append(
            "the values of the score fit no usual scale; give it (nps, csat, ces, stars, or "
            "kind:minimum-maximum such as other:0-100), or leave the column out: ignore=COLUMN"
        )
    return found


def _cells(uses: Sequence[Use], target: str, rows: Sequence[Sequence[Cell]]) -> list[Cell]:
    return [
        row[use.position]
        for use in uses
        if use.target == target
        for row in rows
        if use.position < len(row)
    ]


def _scale(
    uses: Sequence[Use], rows: Sequence[Sequence[Cell]], options: Options
) -> tuple[Scale | None, float, str]:
    if options.scale is not None:
        return given_scale(options.scale), 1.0, "as given"
    column = next((use.column for use in uses if use.target == "score"), None)
    if column is None:
        return None, 1.0, ""
    starred = options.channel in _STARRED
    found = scale_of(plain_name(column), _cells(uses, "score", rows), review=starred)
    return found or (None, 0.0, "")


def _occurred_at(options: Options) -> OccurredAt | None:
    if options.occurred_at is None or options.occurred_at == NOW:
        return NOW if options.occurred_at else None
    found = moment([options.occurred_at], zone_of(options.timezone), options.date_order)
    if isinstance(found, str):
        raise Unreadable(f"the time for all rows {found}")
    return found


def _notes(
    uses: Sequence[Use], rows: Sequence[Sequence[Cell]], order: DateOrder | None
) -> list[str]:
    found: list[str] = []
    if order is None and any(map(first_numbers, _cells(uses, "occurred_at", rows))):
        found.append(
            "the dates end with the year, and none says whether the day or the month comes first: "
            "give the date order, dmy or mdy"
        )
    if not any(use.target == "id" for use in uses):
        found.append(
            "no column names the rows: a row's id is made of who said what and when, so the same "
            "row is not taken twice"
        )
    return found

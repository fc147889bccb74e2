"""What the routes of imports take and give."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, Field, ValidationError

from heedful.common.http.problems import Problem
from heedful.common.wording import fault
from heedful.ingest.api.upload import Form
from heedful.ingest.importing.guess import Assignment
from heedful.ingest.importing.layout import Hints, Layout
from heedful.ingest.importing.plan import Options
from heedful.ingest.importing.proposal import Proposal
from heedful.ingest.importing.report import Counts, Status
from heedful.ingest.imports import Import, ImportState
from heedful.ingest.models import PostedFeedback

_REPEATED = {"map": "mapping"}
_TRUE, _FALSE = frozenset({"true", "1", "yes"}), frozenset({"false", "0", "no"})
AGREED = "accept_guesses"


class Rows(BaseModel):
    """Rows by what became of them; empty ones do not count."""

    imported: int = 0
    duplicate: int = 0
    rejected: int = 0
    last_row: int = Field(default=0, description="Number of the last one, the header included.")


class ImportOut(BaseModel):
    """An import. `report` is where the report of its rows is, also while it runs."""

    id: str
    state: ImportState
    file_name: str
    file_bytes: int
    fraction: float = Field(description="How much of the file was read, 0 to 1.")
    rows: Rows
    failure: str | None = Field(
        default=None, description="Why the file could not be read to its end."
    )
    backfill: bool
    source: str
    mapping: dict[str, str] = Field(description="What the columns become.")
    report: str
    created_at: datetime
    created_by: str = Field(description="The id of the API key.")
    started_at: datetime | None = None
    ended_at: datetime | None = None


class CheckedRow(BaseModel):
    """One of the first rows: the item that it would be, or why it would be rejected."""

    row: int
    status: Status
    item: PostedFeedback | None = None
    detail: str | None = None


class Checked(BaseModel):
    """What a dry run says.

    `complete` is false when only the beginning of the file was looked at.
    """

    layout: Layout
    columns: list[Assignment]
    scale: str | None
    timezone: str
    date_order: str | None
    missing: list[str]
    doubts: list[str]
    notes: list[str]
    rows: Counts
    complete: bool
    failure: str | None = None
    first_rows: list[CheckedRow]


def shown(one: Import) -> ImportOut:
    return ImportOut(
        id=one.id,
        state=one.state,
        file_name=one.file_name,
        file_bytes=one.file_bytes,
        fraction=one.fraction,
        rows=Rows(**one.counts.model_dump(include=set(Rows.model_fields))),
        failure=one.failure,
        backfill=one.plan is None or one.plan.backfill,
        source="" if one.plan is None else one.plan.source,
        mapping={} if one.plan is None else one.plan.mapping(),
        report=f"/v1/imports/{one.id}/report",
        created_at=one.created_at,
        created_by=one.created_by,
        started_at=one.started_at,
        ended_at=one.ended_at,
    )


def said(form: Form) -> tuple[Options, Hints, bool]:
    """What the fields of the form say of the file, and whether guesses are agreed to.

    Raises:
        Problem: 422, a field is wrong or not known.
    """
    fields = {**form.fields}
    agreed = _truth(AGREED, fields.pop(AGREED, ["false"])[-1])
    given: dict[str, Any] = {}
    for name, values in fields.items():
        if name in _REPEATED:
            given[_REPEATED[name]] = tuple(value for value in values if value)
        elif name not in {*Options.model_fields, *Hints.model_fields} - {"mapping"}:
            raise _wrong(name[:60], "there is no such field")
        elif values[-1]:
            given[name] = values[-1]
    if "backfill" in given:
        given["backfill"] = _truth("backfill", given["backfill"])
    try:
        options = Options.model_validate(_of(Options, given))
        hints = Hints.model_validate(_of(Hints, given))
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        raise _wrong(str(first["loc"][0]), fault(first)) from error
    return options, hints, agreed


def incomplete(code: str, detail: str, found: Proposal) -> Problem:
    """422: the file is not taken as it was asked for; what was guessed is told with it."""
    return Problem(
        422,
        code,
        detail,
        missing=list(found.missing),
        doubts=list(found.doubts),
        columns=[one.model_dump(mode="json") for one in found.columns],
    )


def _of(model: type[BaseModel], given: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in given.items() if name in model.model_fields}


def _truth(name: str, value: str) -> bool:
    if value.lower() in _TRUE | _FALSE:
        return value.lower() in _TRUE
    raise _wrong(name, "is true or false")


def _wrong(name: str, message: str) -> Problem:
    return Problem(
        422,
        "invalid",
        "a field of the form is wrong",
        errors=[{"at": f"form.{name}", "message": message}],
    )

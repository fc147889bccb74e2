"""`POST /v1/quarantine`: rows of a file that whoever reads it could not make items of."""

from datetime import UTC, datetime
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field

from heedful.common.contracts import Name, Whole
from heedful.common.http.auth import Authenticator
from heedful.common.http.route import Route
from heedful.common.quota.quota import Quota
from heedful.common.security import Principal, Scope
from heedful.ingest.importing.rejects import MAX_DETAIL_CHARS, Reject
from heedful.ingest.intake import Intake
from heedful.ingest.rejected_rows import RejectedRows, entries_of

MAX_ROWS: Final = 500
_MAX_FIELDS: Final = 300


class RejectedRow(BaseModel):
    """One row, as far as it could be read."""

    model_config = ConfigDict(extra="forbid")

    row: Annotated[Whole, Field(ge=1, le=2**31 - 1)] = Field(
        description="Its number in the file, the header included.", examples=[5]
    )
    reason: Literal["malformed", "invalid", "unfit", "conflict"]
    detail: str = Field(
        max_length=MAX_DETAIL_CHARS,
        description="What is wrong and where.",
        examples=["评价时间: is relative to the day of the export; export the full time"],
    )
    fields: dict[str, Any] = Field(
        default_factory=dict,
        max_length=_MAX_FIELDS,
        description="Of the feedback that it would have been; mended later with PUT.",
        examples=[{"id": "r5", "channel": "review", "text": "汤洒了一身", "occurred_at": "昨天"}],
    )


class Rejected(BaseModel):
    """Rows of one file. `source` and `backfill` hold for all of them, also when they are mended."""

    model_config = ConfigDict(extra="forbid")

    import_id: str = Field(
        pattern=r"^im-[0-9a-f]{32}$",
        description="Made by whoever reads the file; the same row of it is kept once.",
        examples=["im-3f1d98573b97cdca98a65347dd4be064"],
    )
    source: Name
    backfill: bool = Field(default=True, strict=True)
    mapping: dict[str, str] = Field(
        default_factory=dict,
        max_length=_MAX_FIELDS,
        description="Field to column.",
        examples=[{"text": "评价内容", "occurred_at": "评价时间"}],
    )
    rows: list[RejectedRow] = Field(min_length=1, max_length=MAX_ROWS)


class Kept(BaseModel):
    """How many rows are in quarantine now; more of one import than
    HEEDFUL_INGEST__IMPORT_MAX_QUARANTINED are not kept."""

    kept: int = Field(examples=[1])
    left_out: int = Field(examples=[0])


def router(rejected: RejectedRows, intake: Intake, auth: Authenticator, quota: Quota) -> APIRouter:
    """The route by which rows come to quarantine."""
    routes = APIRouter(tags=["quarantine"], route_class=Route)
    Sender = Annotated[Principal, Depends(auth.requires(Scope.FEEDBACK_WRITE))]  # noqa: N806  # a type

    @routes.post("/v1/quarantine")
    async def quarantine_rows(body: Rejected, principal: Sender) -> Kept:
        """Keep rows that could not be sent, to be mended and sent again. `heedful import` does."""
        await quota.take(principal, items=len(body.rows))
        of_the_file = {"source": body.source, "backfill": body.backfill}
        entries = entries_of(
            intake,
            principal.tenant,
            body.import_id,
            body.mapping,
            [
                Reject(one.row, one.fields | of_the_file, one.reason, one.detail)
                for one in body.rows
            ],
            datetime.now(UTC),
        )
        number = await rejected.keep(entries)
        return Kept(kept=number, left_out=len(entries) - number)

    return routes

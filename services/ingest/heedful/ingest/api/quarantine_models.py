"""What the routes of the quarantine take and show."""

from datetime import datetime
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field

from heedful.ingest import quarantine
from heedful.ingest.quarantine import Choice, Form, Reason, State, Stored

MAX_AT_ONCE: Final = 500
"""Entries of a `Selection`."""


class EntryOut(BaseModel):
    """One thing in quarantine, without its words."""

    id: str
    channel: str
    connection_id: str | None = Field(description="None of a row of a file.")
    import_id: str | None = Field(description="Of the file that it is a row of.")
    row: int | None = Field(description="Its number in the file, the header included.")
    adapter_version: str
    form: Form = Field(description="A whole request, a part of one, or an item.")
    reason: Reason
    detail: str = Field(description="What is wrong and where.")
    received_at: datetime
    state: State
    tries: int
    resolved_at: datetime | None
    resolved_by: str | None


class EntryWithContent(EntryOut):
    item: dict[str, Any] | None = Field(
        default=None, description="The fields of an item; mend them with PUT."
    )
    mapping: dict[str, str] = Field(
        default_factory=dict, description="Where each field stood in what the channel sent."
    )
    request: dict[str, Any] | None = Field(
        default=None, description="A request as the channel sent it, its body as text."
    )


class MendedItem(BaseModel):
    model_config = ConfigDict(extra="forbid")

    item: dict[str, Any] = Field(description="All fields as they should be.")


class Selection(BaseModel):
    """Which open entries: all that fit, up to 500 at a time."""

    model_config = ConfigDict(extra="forbid")

    channel: str | None = None
    connection_id: str | None = None
    import_id: str | None = None
    reason: Reason | None = None

    @property
    def choice(self) -> Choice:
        return Choice(
            plain(self.channel), plain(self.connection_id), plain(self.import_id), self.reason
        )


class Discarded(BaseModel):
    discarded: int = Field(
        description="How many; 500 at a time, so ask again when it is as many.", examples=[3]
    )


class Replayed(BaseModel):
    id: str
    state: State
    detail: str | None = Field(default=None, description="Why it stays.")


def plain(given: str | None) -> str | None:
    """PostgreSQL compares with no U+0000."""
    return None if given is None else given.replace("\x00", "")


def shown(stored: Stored) -> dict[str, Any]:
    origin = stored.origin
    return {
        "id": stored.id,
        "channel": origin.channel,
        "connection_id": origin.connection_id,
        "import_id": origin.import_id,
        "row": origin.row,
        "adapter_version": origin.adapter_version,
        "form": stored.form,
        "reason": stored.reason,
        "detail": stored.detail,
        "received_at": origin.received_at,
        "state": stored.state,
        "tries": stored.tries,
        "resolved_at": stored.resolved_at,
        "resolved_by": stored.resolved_by,
    }


def content_of(stored: Stored, content: bytes | None) -> dict[str, Any]:
    if content is None:
        return {}
    if stored.form is Form.ITEM:
        item = quarantine.item_in(content)
        return {"item": dict(item.fields), "mapping": dict(item.mapping)}
    if stored.form is Form.PART:
        return {"request": {"body": content.decode(errors="replace")}}
    request = quarantine.request_in(content, stored.origin.received_at)
    return {
        "request": {
            "method": request.method,
            "query": dict(request.query),
            "headers": dict(request.headers),
            "body": request.body.decode(errors="replace"),
        }
    }

"""What the routes of connections take and show."""

import inspect
from datetime import datetime
from typing import Any

from fastapi import Request
from pydantic import BaseModel, ConfigDict, Field, StrictBool

from heedful.common.contracts import Name, Whole
from heedful.ingest.channels import Fetches, Listens
from heedful.ingest.channels.registry import AnyAdapter
from heedful.ingest.connections import Connection
from heedful.ingest.store_lines import LineState

_MAX_OVERLAP_S = 7 * 86_400


class ChannelOut(BaseModel):
    """An installed adapter, and what a connection of it is made with."""

    channel: str
    version: str
    title: str
    experimental: bool
    mode: str = Field(description="webhook, fetch or listen: who calls whom.")
    secrets: dict[str, Any] = Field(description="JSON Schema of `secrets`.")
    options: dict[str, Any] = Field(description="JSON Schema of `options`.")


class Said(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: Name = Field(description="For people.")
    options: dict[str, Any] = Field(default_factory=dict)
    touchpoint: Name | None = Field(default=None, description="Of items that name none.")
    department: Name | None = None
    backfill: StrictBool = Field(default=False, description="All that comes in is history.")
    enabled: StrictBool = True


class ConnectionBody(Said):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "channel": "standard_webhooks",
                    "name": "our shop system",
                    "secrets": {"secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"},
                    "touchpoint": "app.checkout",
                }
            ]
        }
    )

    channel: Name = Field(description="One of `GET /v1/channels`.")
    secrets: dict[str, Any] = Field(default_factory=dict, description="Sealed; never shown.")


class ChangedConnection(Said):
    """All of it but the secrets: what is left out gets its default."""


class NewSecrets(BaseModel):
    model_config = ConfigDict(extra="forbid")

    secrets: dict[str, Any]
    overlap_seconds: Whole = Field(
        default=86_400, ge=0, le=_MAX_OVERLAP_S, description="How long the old ones count as well."
    )


class LineOut(BaseModel):
    """How the asking of the vendor goes."""

    due_at: datetime
    failures: int
    last_ok_at: datetime | None
    last_error: str | None
    last_error_at: datetime | None


class ConnectionOut(BaseModel):
    id: str
    channel: str
    name: str
    url: str = Field(description="What the vendor is told to call.")
    options: dict[str, Any]
    touchpoint: str | None
    department: str | None
    backfill: bool
    enabled: bool
    created_at: datetime
    updated_at: datetime
    previous_secrets_until: datetime | None
    line: LineOut | None = Field(description="Of channels that are asked or listened to.")


def channel_out(adapter: AnyAdapter) -> ChannelOut:
    return ChannelOut(
        channel=adapter.name,
        version=adapter.version,
        title=title_of(adapter),
        experimental=adapter.experimental,
        mode=mode_of(adapter),
        secrets=adapter.secrets.model_json_schema(),
        options=adapter.options.model_json_schema(),
    )


def title_of(adapter: AnyAdapter) -> str:
    """The first line of its module's docstring, which its page begins with."""
    module = inspect.getmodule(type(adapter))
    return (inspect.getdoc(module) or adapter.name).splitlines()[0]


def mode_of(adapter: AnyAdapter) -> str:
    if isinstance(adapter, Listens):
        return "listen"
    return "fetch" if isinstance(adapter, Fetches) else "webhook"


def connection_out(
    connection: Connection, request: Request, line: LineState | None
) -> ConnectionOut:
    path = f"v1/channels/{connection.adapter.name}/{connection.id}"
    return ConnectionOut(
        id=connection.id,
        channel=connection.adapter.name,
        name=connection.name,
        url=f"{request.base_url}{path}",
        options=connection.options.model_dump(mode="json"),
        touchpoint=connection.touchpoint,
        department=connection.department,
        backfill=connection.backfill,
        enabled=connection.enabled,
        created_at=connection.created_at,
        updated_at=connection.updated_at,
        previous_secrets_until=connection.previous_until,
        line=None if line is None else LineOut.model_validate(line, from_attributes=True),
    )

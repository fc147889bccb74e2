"""What the API of calendars shows and takes."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

from fastapi import Path
from pydantic import BaseModel, ConfigDict, Field

from heedful.alerting.calendars.announced import Region
from heedful.alerting.calendars.document import EXAMPLE, NAME_PATTERN, CalendarDocument
from heedful.alerting.calendars.knowledge import Lack, Warned
from heedful.alerting.store_calendars import Activation, Version
from heedful.common.contracts.base import Words
from heedful.common.http.openapi import missing
from heedful.common.http.problems import not_found
from heedful.common.security import Principal

MAX_VERSION = 1_000_000
_WHAT = "version of a calendar"
NO_VERSION = missing(_WHAT)

CalendarName = Annotated[
    str,
    Path(
        alias="calendar",
        pattern=NAME_PATTERN,
        description="Small letters, digits and hyphens.",
        examples=["office-cn"],
    ),
]
VersionNumber = Annotated[int, Path(alias="version", ge=1, le=MAX_VERSION, examples=[2])]


class CalendarBody(CalendarDocument):
    """A calendar, and why it is changed."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{**EXAMPLE, "note": "the holidays of 2027"}]}
    )

    note: Annotated[Words | None, Field(max_length=2000, examples=["the holidays of 2027"])] = None

    @property
    def document(self) -> CalendarDocument:
        return CalendarDocument(
            **{name: getattr(self, name) for name in CalendarDocument.model_fields}
        )


class WarningOut(BaseModel):
    """What an operator should know, and how to mend it."""

    code: Lack = Field(examples=[Lack.UNKNOWN])
    label_zh: str = Field(examples=["CN 公众假期只知道到 2026 年；…"])
    label_en: str = Field(examples=["public holidays of CN are known through 2026; …"])


class KnownOut(BaseModel):
    """What the version knows of public holidays."""

    region: Region
    known_through: int = Field(
        description="The last year of which they are known.", examples=[2026]
    )


class VersionOut(BaseModel):
    """One version of a calendar; it never changes."""

    ref: str = Field(description="What a clock is stored with.", examples=["office-cn@2"])
    name: str = Field(examples=["office-cn"])
    version: int = Field(examples=[2])
    active: bool = Field(description="Whether clocks are started under it.")
    document: CalendarDocument
    public_holidays: KnownOut | None
    warnings: list[WarningOut]
    note: str | None = Field(examples=["the holidays of 2027"])
    created_at: datetime
    created_by: str = Field(examples=["human:li.wei"])


class CalendarPut(VersionOut):
    created: bool = Field(description="false: the newest version is made of the same already.")


class CalendarOut(BaseModel):
    """A calendar: its newest version, and the one under which clocks are started."""

    name: str = Field(examples=["office-cn"])
    active_version: int | None = Field(
        description="null: none was activated, so no policy can use it.", examples=[1]
    )
    activated_at: datetime | None
    activated_by: str | None = Field(examples=["human:li.wei"])
    newest: VersionOut


class DueOut(BaseModel):
    """A deadline under a version."""

    start: datetime
    target_seconds: float
    due_at: datetime
    next_open: datetime = Field(description="The first working moment from the start on.")
    guessed: bool = Field(
        description="Whether it lies in a year of which public holidays are not known."
    )


def written_actor(principal: Principal) -> str:
    """Who changes something, as `human:li.wei` or `system:<id of the key>`."""
    return f"{principal.acting.type}:{principal.acting.id}"


def version_out(
    version: Version, activation: Activation | None, warned: Sequence[Warned]
) -> VersionOut:
    public = version.calendar.public
    return VersionOut(
        ref=version.calendar.ref,
        name=version.name,
        version=version.version,
        active=activation is not None and activation.version == version.version,
        document=version.kept.document,
        public_holidays=None
        if public is None
        else KnownOut(region=Region(public.region), known_through=public.known_through),
        warnings=[WarningOut.model_validate(one, from_attributes=True) for one in warned],
        note=version.note,
        created_at=version.created_at,
        created_by=version.created_by,
    )


def calendar_out(
    newest: Version, activation: Activation | None, warned: Sequence[Warned]
) -> CalendarOut:
    return CalendarOut(
        name=newest.name,
        active_version=None if activation is None else activation.version,
        activated_at=None if activation is None else activation.activated_at,
        activated_by=None if activation is None else activation.activated_by,
        newest=version_out(newest, activation, warned),
    )


def existing(found: Version | None) -> Version:
    """
    Raises:
        Problem: 404, there is none.
    """
    if found is None:
        raise not_found(_WHAT)
    return found

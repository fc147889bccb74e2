"""What every contract shares: strict when we produce, lenient when we consume.

A producer builds a model and may not invent a field (`extra="forbid"`). A consumer calls
`parse`, which ignores fields it does not know, so that a newer producer never breaks it
(FULL_TRANSITIVE evolution: optional fields only, in any order of deployment).
"""

import re
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any, Self

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    GetCoreSchemaHandler,
    Strict,
    StringConstraints,
    ValidationError,
    ValidationInfo,
    ValidatorFunctionWrapHandler,
)
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

_CONSUMER = {"consumer": True}


def _to_utc(value: datetime) -> datetime:
    if value.tzinfo is UTC:
        return value
    try:
        return value.astimezone(UTC)
    except OverflowError as error:  # the first and last hours of the calendar
        raise ValueError("the time is out of range in UTC") from error


UtcTime = Annotated[AwareDatetime, AfterValidator(_to_utc)]
"""An ISO-8601 time with an offset, kept in UTC."""


Number = Annotated[float, Strict()]
"""A number; true and false, which Python takes for 1 and 0, are none, nor is one in quotes."""

Whole = Annotated[int, Strict()]
"""A whole number, in the same way."""

_NUMBER = re.compile(r"[+-]?[\d_]*\.?[\d_]*([eE][+-]?\d+)?")


def _not_a_number(value: object) -> object:
    """A number, also in quotes, would be read as seconds or milliseconds since 1970, and
    20261124 as a day in August of that year."""
    if isinstance(value, str) and ":" in value:
        return value  # as nearly all have it, and no number
    text = value.strip() if isinstance(value, str) else value
    if isinstance(text, int | float) or (isinstance(text, str) and _NUMBER.fullmatch(text)):
        raise PydanticCustomError(
            "number_as_time", "write a time as ISO 8601 with its offset: 2026-11-24T08:15:00+08:00"
        )
    return value


WrittenTime = Annotated[UtcTime, BeforeValidator(_not_a_number)]
"""The same as people and programs write it: a number is no time."""

Name = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=r"^[^\x00]+$"),
]
"""A short identifier of somebody's system: 1 to 200 characters."""

Words = Annotated[str, StringConstraints(pattern=r"^[^\x00]*$")]
"""Text without NUL, which PostgreSQL keeps in no text; each field says how long it may be."""


class OpenEnum(StrEnum):
    """An enum that may grow: a consumer reads a value it does not know as `other`.

    Producers are held to the known values. Every subclass has the member `OTHER`.
    """

    @classmethod
    def __get_pydantic_core_schema__(
        cls, source: type[Any], handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        def read(value: Any, inner: ValidatorFunctionWrapHandler, info: ValidationInfo) -> Any:
            try:
                return inner(value)
            except ValidationError:
                if info.context == _CONSUMER and isinstance(value, str):
                    return cls("other")
                raise

        return core_schema.with_info_wrap_validator_function(read, handler(source))


class Contract(BaseModel):
    """Base of every payload that crosses a topic."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, ser_json_timedelta="float", allow_inf_nan=False
    )

    @classmethod
    def parse(cls, data: bytes) -> Self:
        """Read a payload from a topic, ignoring unknown fields at every depth.

        Raises:
            pydantic.ValidationError: the payload does not have the shape of this contract.
        """
        return cls.model_validate_json(data, extra="ignore", context=_CONSUMER)

    def encode(self) -> bytes:
        """UTF-8 JSON; absent optional fields are left out."""
        # What `model_dump_json` calls; it is called for every record, and gives bytes.
        return self.__pydantic_serializer__.to_json(self, exclude_none=True)

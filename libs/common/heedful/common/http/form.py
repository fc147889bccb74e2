"""Forms with files: how many parts, and how large each may be.

The whole body is bounded as any other: see body.py.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from fastapi import Request
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException

from heedful.common.http.problems import Problem, Refused

_TOO_MUCH = ("Too many", "Part exceeded", "Field exceeded", "Headers exceeded")


@dataclass(frozen=True, slots=True)
class FormLimits:
    """Of one form.

    Attributes:
        field_bytes: of a part that is no file; a file may be as large as the body.
    """

    files: int = 1
    fields: int = 20
    field_bytes: int = 65_536


@asynccontextmanager
async def form_of(request: Request, limits: FormLimits = FormLimits()) -> AsyncIterator[FormData]:
    """The form of a request (multipart/form-data, or a form without files); closed at the end.

    Raises:
        Problem: 413, it has too many or too large parts; 400, it is no form.
    """
    try:
        form = await request.form(
            max_files=limits.files, max_fields=limits.fields, max_part_size=limits.field_bytes
        )
    except Refused:
        raise
    except HTTPException as error:
        if str(error.detail).startswith(_TOO_MUCH):
            raise Problem(
                413,
                "too-large",
                f"a form here has at most {limits.files} files and {limits.fields} fields of at "
                f"most {limits.field_bytes} bytes each",
            ) from error
        raise Problem(400, "bad-form", "the body is not the form that it says to be") from error
    try:
        yield form
    finally:
        await form.close()

"""After a form was taken: to another page, which says what was done."""

from http import HTTPStatus
from urllib.parse import urlencode

from fastapi.responses import RedirectResponse


def to(path: str, **query: str | int | None) -> RedirectResponse:
    """303, so that a reload sends nothing again (RFC 9110 §15.4.4)."""
    given = urlencode({name: value for name, value in query.items() if value is not None})
    return RedirectResponse(f"{path}?{given}" if given else path, HTTPStatus.SEE_OTHER)

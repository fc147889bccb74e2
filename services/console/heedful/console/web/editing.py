"""A document that somebody edits as text: what is in the text area, and what is wrong with it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

from starlette.datastructures import FormData

from heedful.console.documents.places import Marked, marked
from heedful.console.documents.text import Unreadable, written
from heedful.console.upstream.errors import UpstreamError
from heedful.console.web.faults import faults


@dataclass(frozen=True, slots=True)
class Edited:
    """`wrong`: by line."""

    text: str
    wrong: Sequence[Marked] = ()

    @classmethod
    def of(cls, document: dict[str, Any]) -> Self:
        return cls(written(document))

    @classmethod
    def refused(cls, text: str, error: UpstreamError) -> Self:
        """With what a service found wrong with a text that can be read."""
        return cls(text, marked(text, faults(error)))

    @classmethod
    def unreadable(cls, text: str, error: Unreadable) -> Self:
        lines = text.splitlines()
        shown = lines[error.line - 1].strip() if error.line <= len(lines) else ""
        return cls(text, (Marked(error.line, "", error.message, shown),))


def typed(form: FormData) -> str:
    return str(form.get("text", "")).replace("\r\n", "\n")

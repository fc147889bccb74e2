"""What can go wrong when a service is asked."""

from collections.abc import Mapping
from typing import Any

from heedful.common.errors import HeedfulError


class UpstreamError(HeedfulError):
    """A service did not do what it was asked.

    Attributes:
        service: which one.
        code: short stable name of its problem, the last part of its `type`.
        detail: its own words: what is wrong and how to mend it.
        members: further members of its problem.
    """

    def __init__(
        self, service: str, code: str, detail: str, members: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__(f"{service}: {detail}")
        self.service = service
        self.code = code
        self.detail = detail
        self.members = members or {}


class Away(UpstreamError):
    """It does not answer, or says that it cannot now. Nothing was done, or nobody knows."""


class NotThere(UpstreamError):
    """404: there is no such thing, or not for this tenant."""


class Conflict(UpstreamError):
    """409 or 412: somebody was faster, or the state does not allow it. Nothing was done."""


class Forbidden(UpstreamError):
    """403: this person may not do it."""


class Invalid(UpstreamError):
    """400, 413, 422: what was sent is wrong. `members["errors"]` names places."""


class Distrusted(UpstreamError):
    """401: the service knows neither the console's API key nor its signing key."""

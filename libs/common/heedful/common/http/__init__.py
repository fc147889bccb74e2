"""HTTP conventions: one error shape, authentication, idempotency, pagination, health."""

from heedful.common.http.auth import Authenticator
from heedful.common.http.pagination import Cursor, Page
from heedful.common.http.problems import Problem

__all__ = ["Authenticator", "Cursor", "Page", "Problem"]

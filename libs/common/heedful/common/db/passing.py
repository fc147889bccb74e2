"""Which failures of PostgreSQL pass by themselves, so that the same work may be tried again."""

import asyncpg
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from heedful.common.db.replanning import is_outdated

MAY_PASS = (DBAPIError, PoolTimeoutError, OSError, TimeoutError)
"""The errors that `passing` has to look at; no other can pass."""

_PASSING = frozenset({"08", "40", "53", "55", "57", "58"})
"""SQLSTATE classes that another try can mend: connection, rollback (deadlock), resources,
object in use, operator intervention (restart, cancel), system error (PostgreSQL appendix A)."""


def passing(error: BaseException) -> bool:
    """Whether another try can succeed where this one failed."""
    if not isinstance(error, DBAPIError):
        return isinstance(error, MAY_PASS)
    if error.connection_invalidated or isinstance(error, OperationalError):
        return True
    if is_outdated(error.orig):
        return True
    if isinstance(error, InterfaceError):
        # asyncpg reports a value that it cannot encode as an interface error too.
        return not isinstance(getattr(error.orig, "__cause__", None), asyncpg.DataError)
    return sqlstate(error)[:2] in _PASSING


def described(error: BaseException) -> str:
    """What failed, without the statement or its values: the error's type and SQLSTATE."""
    return f"PostgreSQL did not do it: {type(error).__name__} {sqlstate(error)}".rstrip()


def sqlstate(error: BaseException) -> str:
    """PostgreSQL's code; empty when it said nothing."""
    return str(getattr(getattr(error, "orig", None), "sqlstate", None) or "")

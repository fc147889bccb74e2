"""Which failures of the database pass, so that the same batch may come again."""

import asyncpg
import pytest
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from heedful.common.db.passing import described, passing


class Original(Exception):
    def __init__(self, sqlstate: str | None) -> None:
        super().__init__("driver")
        self.sqlstate = sqlstate


def unencodable() -> Original:
    error = Original(None)
    error.__cause__ = asyncpg.DataError("invalid input")
    return error


@pytest.mark.parametrize(
    "error",
    [
        OSError("refused"),
        TimeoutError(),
        PoolTimeoutError(),
        OperationalError("q", None, Original(None)),
        InterfaceError("q", None, Original(None)),
        DBAPIError("q", None, Original("40P01")),
        DBAPIError("q", None, Original("57P01")),
        DBAPIError("q", None, Original("57014")),
        DBAPIError("q", None, Original(None), connection_invalidated=True),
    ],
    ids=str,
)
def test_what_the_world_did_passes(error: Exception) -> None:
    assert passing(error)


@pytest.mark.parametrize(
    "error",
    [
        InterfaceError("q", None, unencodable()),
        DBAPIError("q", None, Original("22P05")),
        DBAPIError("q", None, Original("42601")),
        ValueError("ours"),
    ],
    ids=str,
)
def test_what_the_event_or_the_code_did_does_not(error: Exception) -> None:
    """It would come again for ever, and all behind it would wait."""
    assert not passing(error)


def test_what_is_told_names_the_error_and_never_the_statement() -> None:
    """Statements carry customers' words."""
    assert described(DBAPIError("q", None, Original("40P01"))).endswith(": DBAPIError 40P01")
    assert described(OSError("refused")).endswith(": OSError")

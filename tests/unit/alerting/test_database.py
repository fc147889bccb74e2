"""Which failures pass, and what a loop does with them."""

import asyncpg
import pytest
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from heedful.alerting.database import RETRY_S, passing, surviving
from heedful.common.errors import Fatal, Retryable


class Original(Exception):
    def __init__(self, sqlstate: str | None) -> None:
        super().__init__("driver")
        self.sqlstate = sqlstate


def unencodable() -> Original:
    error = Original(None)
    error.__cause__ = asyncpg.DataError("invalid input")
    return error


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (OSError("refused"), True),
        (TimeoutError(), True),
        (PoolTimeoutError(), True),
        (OperationalError("q", None, Original(None)), True),
        (InterfaceError("q", None, Original(None)), True),
        (InterfaceError("q", None, unencodable()), False),
        (DBAPIError("q", None, Original("40P01")), True),
        (DBAPIError("q", None, Original("57P01")), True),
        (DBAPIError("q", None, Original(None), connection_invalidated=True), True),
        (DBAPIError("q", None, Original("22P05")), False),
        (DBAPIError("q", None, Original("42601")), False),
        (ValueError("ours"), False),
    ],
)
def test_passing(error: BaseException, expected: bool) -> None:
    assert passing(error) is expected


async def test_a_loop_survives_what_passes_and_nothing_else() -> None:
    errors: list[Exception] = [Retryable("away"), OSError("refused"), Fatal("stop")]

    async def step() -> float:
        raise errors.pop(0)

    attempt = surviving("test", step)
    assert await attempt() == RETRY_S
    assert await attempt() == RETRY_S
    with pytest.raises(Fatal):
        await attempt()

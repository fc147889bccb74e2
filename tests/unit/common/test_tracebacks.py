"""Where it failed is shown, what it failed on is not."""

from collections.abc import Callable

import asyncpg
import orjson
import pytest
from pydantic import BaseModel
from sqlalchemy.exc import DBAPIError

from heedful.common.errors import ConfigurationError
from heedful.common.tracebacks import rendered, summary

WORDS = "门口的石狮子"


class _Item(BaseModel):
    number: int


def shown(fail: Callable[[], object]) -> str:
    try:
        fail()
    except Exception as error:  # noqa: BLE001  # whatever it is
        return rendered((type(error), error, error.__traceback__))
    raise AssertionError("it did not fail")


def _chain() -> None:
    try:
        int(WORDS)
    except ValueError as error:
        raise RuntimeError("the second one") from error


def _group() -> None:
    raise ExceptionGroup("several", [OSError("away"), KeyError(WORDS)])


@pytest.mark.parametrize(
    "fail",
    [
        lambda: int(WORDS),
        lambda: dict[str, int]()[WORDS],
        lambda: _Item.model_validate({"number": WORDS}),
        lambda: orjson.loads(f'{{"{WORDS}": '),
        lambda: WORDS.encode("ascii"),
        _chain,
        _group,
    ],
)
def test_values_are_not_quoted(fail: Callable[[], object]) -> None:
    found = shown(fail)
    assert WORDS not in found
    assert "Traceback (most recent call last)" in found
    assert "test_tracebacks.py" in found


def test_what_led_to_it_is_shown_in_order() -> None:
    found = shown(_chain)
    assert found.index("ValueError") < found.index("direct cause") < found.index("the second one")


def test_every_error_of_a_group_is_shown() -> None:
    found = shown(_group)
    assert "OSError: away" in found
    assert "KeyError" in found


def test_pydantic_says_what_is_wrong_without_the_input() -> None:
    assert "number: Input should be a valid integer" in shown(
        lambda: _Item.model_validate({"number": WORDS})
    )


def test_our_own_errors_are_written_for_logs() -> None:
    assert summary(ConfigurationError("set X")).endswith("ConfigurationError: set X")


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (asyncpg.UndefinedColumnError("no column x"), "no column x"),
        (asyncpg.UniqueViolationError(f"Key (name)=({WORDS}) already exists"), "SQLSTATE 23505"),
        (asyncpg.InvalidTextRepresentationError(f"invalid input: {WORDS}"), "SQLSTATE 22P02"),
    ],
)
def test_the_database_is_quoted_only_where_it_quotes_no_row(error: Exception, message: str) -> None:
    for one in (error, DBAPIError("INSERT", None, error)):
        assert message in summary(one)
        assert WORDS not in summary(one)

"""Log lines: one JSON object each, without personal data."""

import errno
import io
import logging
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import orjson
import pytest
import structlog

from heedful.common.logging import OncePerInterval, configure
from heedful.common.settings import LogFormat

PHONES = ["13900001234", "+8613900001234", "86-13900001234", "+86 13900001234"]
EMAILS = ["zhang.san@example.com", "a+b@mail.example.com.cn"]


class Log:
    """What the process has logged."""

    def __init__(self) -> None:
        self.stream = io.StringIO()

    @property
    def text(self) -> str:
        return self.stream.getvalue()

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [orjson.loads(line) for line in self.text.splitlines()]


@pytest.fixture
def log() -> Iterator[Log]:
    """Logging configured as in production, and put back afterwards."""
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    made = Log()
    configure("INFO", LogFormat.JSON, made.stream)
    yield made
    root.handlers[:] = before
    root.setLevel(level)
    structlog.contextvars.clear_contextvars()


logger = logging.getLogger("heedful.test")


def test_a_record_is_one_json_object_on_one_line(log: Log) -> None:
    logger.info("started\nand %s", "running", extra={"partitions": 3, "门店": "一号店"})
    logger.warning("second")
    first, second = log.lines
    assert first["event"] == "started\nand running"
    assert (first["level"], first["logger"]) == ("info", "heedful.test")
    assert (first["partitions"], first["门店"]) == (3, "一号店")
    assert datetime.fromisoformat(first["timestamp"]).utcoffset() is not None
    assert (second["event"], second["level"]) == ("second", "warning")
    assert "一号店" in log.text


def test_the_level_is_kept(log: Log) -> None:
    logger.debug("too much")
    assert log.text == ""


def test_what_is_bound_to_the_request_comes_along(log: Log) -> None:
    structlog.contextvars.bind_contextvars(trace_id="0af7651916cd43dd8448eb211c80319c")
    logger.info("accepted")
    assert log.lines[0]["trace_id"] == "0af7651916cd43dd8448eb211c80319c"


@pytest.mark.parametrize(
    "field",
    [
        *("text", "body", "value", "identifiers", "phone", "email", "authorization"),
        *("api_key", "secret", "password", "summary", "note"),
    ],
)
def test_a_field_that_may_carry_personal_data_is_dropped_at_any_depth(log: Log, field: str) -> None:
    logger.info("x", extra={field: "private", "item": {field: "private", "of": [{field: 5}]}})
    assert "private" not in log.text
    (line,) = log.lines
    assert line[field] == "[dropped]"
    assert line["item"] == {field: "[dropped]", "of": [{field: "[dropped]"}]}


@pytest.mark.parametrize("phone", PHONES)
def test_a_phone_number_is_masked(log: Log, phone: str) -> None:
    logger.info("call %s back", phone, extra={"detail": f"电话{phone}，急"})
    (line,) = log.lines
    assert line["event"] == "call [phone] back"
    assert line["detail"] == "电话[phone]，急"


@pytest.mark.parametrize("email", EMAILS)
def test_an_address_is_masked(log: Log, email: str) -> None:
    logger.info("write to <%s>", email)
    assert log.lines[0]["event"] == "write to <[email]>"


def test_masking_reaches_every_kind_of_value(log: Log) -> None:
    private = PHONES[0]
    logger.info(
        "x",
        extra={
            "list": [private, (private,)],
            "mapping": {"detail": private, private: 1},
            "set": {private},
            "error": ValueError(private),
            "raw": private.encode(),
            "count": 3,
            "share": 0.5,
            "fine": True,
            "none": None,
        },
    )
    assert private not in log.text
    (line,) = log.lines
    assert line["list"] == ["[phone]", ["[phone]"]]
    assert line["mapping"] == {"detail": "[phone]", "[phone]": 1}
    assert line["error"].startswith("ValueError: (")
    assert (line["count"], line["share"], line["fine"], line["none"]) == (3, 0.5, True, None)


def test_the_text_of_an_exception_is_masked_too(log: Log) -> None:
    def fail() -> None:
        cause = OSError(EMAILS[0])
        raise RuntimeError(f"no customer {PHONES[0]}") from cause

    try:
        fail()
    except RuntimeError:
        logger.exception("failed")
    assert PHONES[0] not in log.text
    assert EMAILS[0] not in log.text
    (line,) = log.lines
    assert "RuntimeError: no customer [phone]" in line["exception"]
    assert "OSError: [email]" in line["exception"]


def test_an_exception_that_may_quote_a_value_is_logged_without_its_message(log: Log) -> None:
    words = "门口的石狮子"
    try:
        int(words)
    except ValueError:
        logger.exception("failed")
    assert words not in log.text
    (line,) = log.lines
    assert "Traceback" in line["exception"]
    assert "in test_an_exception_that_may_quote" in line["exception"]


def test_numbers_that_are_no_phone_numbers_stay(log: Log) -> None:
    logger.info("offset 1390000 of 139000012345678 at 2026-11-24", extra={"order": "12345678901"})
    (line,) = log.lines
    assert line["event"] == "offset 1390000 of 139000012345678 at 2026-11-24"
    assert line["order"] == "12345678901"


def test_the_console_form_is_masked_as_well(log: Log) -> None:
    configure("INFO", LogFormat.CONSOLE, log.stream)
    logger.info("call %s", PHONES[0], extra={"text": "private"})
    assert "call [phone]" in log.text
    assert "private" not in log.text


@pytest.mark.parametrize(
    "library", ["aiokafka", "uvicorn", "alembic", "asyncio", "httpx", "httpx2"]
)
def test_libraries_are_heard_from_warnings_on(log: Log, library: str) -> None:
    logging.getLogger(library).info("chatter")
    logging.getLogger(library).warning("trouble")
    assert [line["event"] for line in log.lines] == ["trouble"]


def test_a_kafka_client_that_retries_says_so_once_in_a_while_and_nobody_else_is_silenced(
    log: Log,
) -> None:
    for attempt in range(5):
        logging.getLogger("aiokafka.conn").warning("lost %d", attempt)
        logger.warning("mine")
    events = [line["event"] for line in log.lines]
    assert events == ["lost 0", *["mine"] * 5]


def test_a_log_that_cannot_be_written_stops_nothing_and_says_nothing(
    log: Log, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: str) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(log.stream, "write", full)
    logger.warning("lost")
    assert capsys.readouterr().err == ""


def test_once_per_interval_lets_a_template_through_again_later() -> None:
    once = OncePerInterval(interval_s=10)

    def at(created: float, template: str = "lost %s") -> bool:
        record = logging.LogRecord("aiokafka", logging.WARNING, "", 0, template, ("x",), None)
        record.created = created
        return once.filter(record)

    assert [at(0), at(9.9), at(9.9, "other"), at(10), at(19)] == [True, False, True, True, False]

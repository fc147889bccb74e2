"""Times on the command line: a moment, or how long ago."""

import re
from datetime import UTC, datetime, timedelta

import click

_AGO = re.compile(r"(\d{1,5})([dhm])")
_UNITS = {"d": "days", "h": "hours", "m": "minutes"}


def duration(
    _context: click.Context, _option: click.Parameter, value: str | None
) -> timedelta | None:
    """Callback of an option: how long, e.g. `30d`, `12h`, `45m`."""
    if value is None:
        return None
    found = _AGO.fullmatch(value)
    if found is None:
        raise click.BadParameter(f"{value!r} is not a duration, e.g. 30d, 12h or 45m")
    return timedelta(**{_UNITS[found[2]]: int(found[1])})


def moment(_context: click.Context, _option: click.Parameter, value: str | None) -> datetime | None:
    """Callback of an option: an ISO-8601 time with an offset, or a duration before now (`30d`,
    `12h`, `45m`), in UTC."""
    if value is None:
        return None
    ago = _AGO.fullmatch(value)
    if ago:
        return datetime.now(UTC) - timedelta(**{_UNITS[ago[2]]: int(ago[1])})
    try:
        found = datetime.fromisoformat(value)
    except ValueError as error:
        raise click.BadParameter(
            f"{value!r} is not an ISO-8601 time, nor e.g. 30d, 12h or 45m"
        ) from error
    if found.tzinfo is None:
        raise click.BadParameter(f"{value!r} has no offset; write e.g. {value}Z")
    return found.astimezone(UTC)

"""W3C Trace Context: the id under which one cause is followed through every service."""

import re
import secrets
from typing import Final

# Ids of zeros are invalid (Trace Context §3.2.2.3).
_WRITTEN: Final = re.compile(r"00-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")


def new_trace() -> str:
    """A traceparent of something that begins here."""
    return within(secrets.token_hex(16))


def within(trace: str) -> str:
    """A traceparent of the next step in this trace, of 32 hexadecimal digits."""
    return f"00-{trace}-{secrets.token_hex(8)}-01"


def going_on(written: str | None) -> str:
    """The traceparent of the next step after the one written; of a new trace, where none is, or
    none that can be read (Trace Context §3.2)."""
    found = _WRITTEN.fullmatch(written or "")
    return new_trace() if found is None else within(found.group(1))


def trace_of(traceparent: str) -> str:
    """The id of its trace: 32 hexadecimal digits; of what names none, all of it."""
    version, _, rest = traceparent.partition("-")
    return rest.partition("-")[0] or version

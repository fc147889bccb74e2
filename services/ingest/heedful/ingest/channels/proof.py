"""What several vendors' proofs have in common: a keyed digest, compared in constant time, and a
time that must be near ours, so that a request that somebody recorded is worth nothing later."""

import base64
import binascii
import hashlib
import hmac
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from heedful.ingest.channels import ChannelRequest, Unverified

REPLAY_WINDOW = timedelta(minutes=5)
"""Of vendors that name none (Standard Webhooks specification, "Verifying webhook authenticity")."""


def hmac_sha256(secret: bytes, message: bytes) -> bytes:
    return hmac.new(secret, message, hashlib.sha256).digest()


def same(given: str, wanted: str) -> bool:
    """Equal, told in a time that does not say where they differ; any text may be given."""
    return hmac.compare_digest(given.encode("utf-8", "surrogatepass"), wanted.encode())


def header(request: ChannelRequest, name: str) -> str:
    """A header that the vendor always sends.

    Raises:
        Unverified: it is not there.
    """
    found = request.headers.get(name.lower())
    if not found:
        raise Unverified(f"the header {name} is missing")
    return found


def parameter(request: ChannelRequest, name: str) -> str:
    """A query parameter that the vendor always sends.

    Raises:
        Unverified: it is not there.
    """
    found = request.query.get(name)
    if not found:
        raise Unverified(f"the query parameter {name} is missing")
    return found


def token_in_url(request: ChannelRequest, secret: str) -> ChannelRequest:
    """That the URL ends in `?token=` and the secret: for vendors that sign nothing.

    It proves who knows the URL, not that the body is the vendor's. The request is given back
    without the token, so that it is neither kept nor shown with what goes to quarantine.

    Raises:
        Unverified: it is not there, or another one.
    """
    if not same(parameter(request, "token"), secret):
        raise Unverified("the query parameter token is not this connection's")
    left = {name: value for name, value in request.query.items() if name != "token"}
    return replace(request, query=left)


def fresh(
    stamp: str, received_at: datetime, *, unit: timedelta, window: timedelta = REPLAY_WINDOW
) -> None:
    """That a Unix time in the given unit is near the time of receipt, before or after.

    Raises:
        Unverified: it is not a time, or too far away.
    """
    try:
        sent = datetime.fromtimestamp(int(stamp) * unit.total_seconds(), UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise Unverified("the timestamp is not a Unix time") from error
    if abs(received_at - sent) > window:
        raise Unverified(
            f"the timestamp is more than {window.total_seconds():g} s away from this server's "
            "clock: an old request sent again, or a clock that is wrong"
        )


def from_base64(value: str, what: str) -> bytes:
    """Raises Unverified when it is not base64."""
    try:
        return base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError) as error:
        raise Unverified(f"{what} is not base64") from error

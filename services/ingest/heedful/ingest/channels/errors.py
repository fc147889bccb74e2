"""What an adapter raises; nothing else leaves it."""

from datetime import timedelta

from heedful.common.errors import HeedfulError


class Unverified(HeedfulError):
    """401: the request does not prove that it comes from the vendor. Nothing of it is kept.

    The text says what is wrong without quoting secret or signature.
    """


class Malformed(HeedfulError):
    """400: the request is the vendor's but not in the documented shape. It goes to quarantine.

    The text names the place, never the words that stand there.
    """


class VendorFailure(HeedfulError):
    """The vendor's own server refused or did not answer; asked again after `retry_after`.

    Args:
        message: what it said, without tokens.
        retry_after: how long to wait; None leaves it to the backoff.
    """

    def __init__(self, message: str, retry_after: timedelta | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after

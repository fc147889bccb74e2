"""The error tree. Each leaf says what the runtime or the HTTP layer must do with it.

HeedfulError
├── ConfigurationError      a setting is wrong; the process must not start
├── InvalidMessage          this record can never be handled: dead letter queue
├── Retryable               the world is in the way: same record again, later
│   └── BusUnavailable      the log did not take or give records in time
├── UnknownTopic            the topic does not exist and may not be made here
├── RecordTooLarge          the log refuses a record of this size
└── Fatal                   going on would do harm: stop, exit non-zero
"""


class HeedfulError(Exception):
    """Base of every error that heedful raises on purpose."""


class ConfigurationError(HeedfulError):
    """A setting is missing or wrong. The text names it and says how to mend it."""


class InvalidMessage(HeedfulError):
    """A record that cannot be handled, now or later.

    Args:
        code: short stable name of the reason; a metric label and a DLQ header.
        message: what is wrong, without the customer's words or identifiers.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class Retryable(HeedfulError):
    """Something outside failed for now."""


class BusUnavailable(Retryable):
    """The log did not answer within its deadline."""


class UnknownTopic(HeedfulError):
    """No such topic."""

    def __init__(self, topic: str) -> None:
        super().__init__(f"topic {topic!r} does not exist; create it with: heedful topics create")
        self.topic = topic


class RecordTooLarge(HeedfulError):
    """The record exceeds what the topic accepts."""

    def __init__(self, topic: str, size: int, limit: int) -> None:
        super().__init__(f"a record of {size} bytes exceeds the {limit} bytes that {topic} accepts")
        self.topic = topic
        self.size = size
        self.limit = limit


class Fatal(HeedfulError):
    """Stop the process; its supervisor starts it again from the last commit."""

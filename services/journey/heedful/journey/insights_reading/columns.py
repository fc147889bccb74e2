"""Which columns insights read, and the statement that packs them. Pure."""

from collections.abc import Mapping
from typing import Final

FLAGS: Final[Mapping[str, str]] = {
    "feedback": "kind = 'feedback'",
    "leaving": "leaving",
    "solicited": "solicited",
    "outbound": "outbound",
}
"""Each a bit, the first the lowest."""
SPOKEN: Final = 1
"""The bit of `feedback`."""
NUMBERS: Final = ("valence", "score", "amount", "duration_s")
NAMES: Final = ("interaction_kind", "channel", "touchpoint", "department", "colour", "score_kind")
ARRAYS: Final = ("topics", "perceptions")

ALL_ATTRIBUTES: Final = "attributes"
"""What the column is called that has all of them, each row an object in JSON."""

_NOBODY: Final = "00000000-0000-0000-0000-000000000000"


def key(number: int) -> str:
    """What the key of the attribute of this number is called in the statement, and its column."""
    return f"key_{number}"


def statement(attributes: int | None) -> str:
    """Packs the events of `:tenant` from `:since` to before `:until`, and so many attributes; None:
    all of them.

    All aggregates of one statement see the rows in one order, whichever that is.
    """
    bits = " | ".join(f"(CAST({one} AS int) << {bit})" for bit, one in enumerate(FLAGS.values()))
    columns = {
        "customer": f"uuid_send(coalesce(customer_id, '{_NOBODY}'))",
        "occurred_at": "timestamptz_send(occurred_at)",
        "received_at": "timestamptz_send(received_at)",
        "flags": f"substr(int4send({bits}), 4)",
        **{name: f"float8send(coalesce({name}, 'NaN'))" for name in NUMBERS},
        **{f"{name}_lengths": f"int4send(cardinality({name}))" for name in ARRAYS},
        **{name: _ended(f"array_to_string({name}, chr(31))") for name in ARRAYS},
        **{name: _ended(f"coalesce({name}, '')") for name in (*NAMES, "source", "id")},
        **_attributes(attributes),
    }
    packs = ", ".join(f"string_agg({one}, '') AS c_{name}" for name, one in columns.items())
    return (
        f"SELECT {packs} FROM journey.event"  # noqa: S608  # constants
        " WHERE tenant = :tenant AND occurred_at >= :since AND occurred_at < :until"
    )


def _ended(words: str) -> str:
    return f"textsend({words}) || '\\x00'"


def _attributes(count: int | None) -> Mapping[str, str]:
    if count is None:
        return {ALL_ATTRIBUTES: _ended("CAST(attributes AS text)")}
    asked = {key(n): f"attributes ->> CAST(:{key(n)} AS text)" for n in range(count)}
    return {name: _ended(f"coalesce({one}, '')") for name, one in asked.items()}

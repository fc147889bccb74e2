"""What a run left behind, as an independent reader found it. Plain values, no I/O."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

Place = tuple[int, int]
"""Partition and offset of the input topic."""


@dataclass(frozen=True, slots=True)
class Input:
    """A record of the input topic.

    Attributes:
        name: the step's id, or the poison's name.
        fingerprint: of a poison record's key, value and headers; its dead letter keeps them.
    """

    place: Place
    name: str
    key: str
    seq: int
    poison: bool
    fingerprint: int


@dataclass(frozen=True, slots=True)
class Effect:
    """A row of the effects' table; `position` grows in the order of writing."""

    step: str
    key: str
    seq: int
    worker: str
    position: int
    at: float


@dataclass(frozen=True, slots=True)
class Output:
    """A record of the output topic, in the order of its partition."""

    id: str
    step: str
    key: str
    seq: int
    place: Place
    at: float


@dataclass(frozen=True, slots=True)
class Letter:
    """A record of the dead letter queue.

    Attributes:
        source: where it says that it comes from.
        fingerprint: of key, value and original headers, as of `Input`.
    """

    source: Place
    name: str
    fingerprint: int
    at: float


@dataclass(frozen=True, slots=True)
class Commit:
    """The group's committed offset of a partition at this time (seconds since 1970)."""

    at: float
    partition: int
    offset: int


@dataclass(frozen=True, slots=True)
class Exit:
    """A worker's process that ended without being asked to. `tail` is the end of its log."""

    worker: str
    code: int
    tail: str


@dataclass(slots=True)
class History:
    """Everything that the checker judges.

    Attributes:
        accepted: names that the log has acknowledged to the source.
        totals: effects per key, as counted in the transactions that made them.
        commits: all of them, in the order in which the log has booked them.
        samples: what a client was told of them meanwhile, in the order of its questions.
        ends: the next offset of every input partition.
        caught_up: every input record was committed before the deadline.
    """

    accepted: Sequence[str] = ()
    inputs: Sequence[Input] = ()
    effects: Sequence[Effect] = ()
    totals: Mapping[str, int] = field(default_factory=dict)
    outputs: Sequence[Output] = ()
    letters: Sequence[Letter] = ()
    commits: Sequence[Commit] = ()
    samples: Sequence[Commit] = ()
    ends: Mapping[int, int] = field(default_factory=dict)
    exits: Sequence[Exit] = ()
    caught_up: bool = True

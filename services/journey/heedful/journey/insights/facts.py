"""What an insight is computed from: the events of one tenant, as columns. Pure.

Customer by customer, each by time; events of nobody stand last. All columns are equally long.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from heedful.journey.insights.strings import Few, Runs, Strings, Uuids

Ints = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Objects = npt.NDArray[np.object_]
Vectors = npt.NDArray[np.float32]

NONE: Final = -1
"""In a column of codes: nothing was said."""


@dataclass(frozen=True, slots=True, eq=False)
class Coded:
    """Names by number: `names[codes[i]]` is the value of event `i`, unless it is `NONE`."""

    codes: Ints
    names: tuple[str, ...]

    def code(self, name: str) -> int:
        """The number of a name; one that stands for no event where nobody has it."""
        return self.names.index(name) if name in self.names else NONE - 1

    def having(self, name: str) -> Flags:
        """Which events have this value."""
        found: Flags = self.codes == self.code(name)
        return found


@dataclass(frozen=True, slots=True, eq=False)
class Many:
    """Several names an event: those of event `i` are `codes[starts[i]:starts[i + 1]]`."""

    starts: Ints
    codes: Ints
    names: tuple[str, ...]

    @property
    def events(self) -> Ints:
        """The event of each entry of `codes`."""
        lengths = np.diff(self.starts)
        return np.repeat(np.arange(len(lengths), dtype=np.int32), lengths)


@dataclass(frozen=True, slots=True, eq=False)
class Texts:
    """What was said in some events, where an embedding of it is stored.

    Attributes:
        events: of the facts, in their order.
        words: the beginning of each text.
        vectors: texts x dimensions, all of one model.
    """

    events: Ints
    words: tuple[str, ...]
    vectors: Vectors


@dataclass(frozen=True, slots=True, eq=False)
class Facts:
    """The events of a tenant in a period.

    Attributes:
        since, until: the period, half-open, in days since 1970-01-01 UTC. Who was a customer in
            it, and what was censored at its end, is known by these.
        customers: ids, in the order of `customer`.
        customer: index of `customers`; `NONE` for events of nobody.
        at: occurred_at, days since 1970-01-01 UTC.
        feedback: they said something; the others are interactions.
        interaction: order, payment, visit, contact, refund, churn, …
        outbound: the business began it: it called, wrote or asked.
        colour: the light.
        valence: -1 (all blame) to 1 (all praise); NaN where the text does not tell.
        score: 0 to 1 of its scale; NaN without one. `score_kind`: nps, csat, ces, stars, other.
        perceptions: delight, disappointment, ease, hassle.
        leaving: they say that they leave or may. `solicited`: the score or praise was asked for.
        amount: money of an order or payment; NaN without.
        duration_s: seconds, of a call or a visit; NaN without.
        attributes: by key, of those that were asked for: segment, outlet, agent, plan, …
        sources, ids: with `feedback`, what an event is called in the API.
        texts: of the events that an insight wants them of; None where none does.
    """

    since: float
    until: float
    customers: Objects | Strings[Uuids]
    customer: Ints
    at: Floats
    feedback: Flags
    interaction: Coded
    outbound: Flags
    channel: Coded
    touchpoint: Coded
    department: Coded
    topics: Many
    colour: Coded
    valence: Floats
    score: Floats
    score_kind: Coded
    perceptions: Many
    leaving: Flags
    solicited: Flags
    amount: Floats
    duration_s: Floats
    attributes: Mapping[str, Coded]
    sources: Objects | Strings[Few]
    ids: Objects | Strings[Runs]
    texts: Texts | None = None

    def __len__(self) -> int:
        return len(self.at)

    @property
    def voiced(self) -> Flags:
        """What customers said: employees are heard apart, and never counted as customers."""
        return self.feedback & ~self.channel.having("employee")

    def attribute(self, key: str) -> Coded:
        """By event; one that is not among `attributes` nobody has."""
        found = self.attributes.get(key)
        return Coded(np.full(len(self), NONE, dtype=np.int32), ()) if found is None else found

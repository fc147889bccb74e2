"""What was simulated as it is posted: items of `/v1/feedback` and of `/v1/interactions`."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import orjson

from heedful.common.contracts import Identifier
from heedful.journey.insights.facts import NONE, Coded
from heedful.journey.simulation import phrases
from heedful.journey.simulation.columns import SOURCE
from heedful.journey.simulation.identities import Carried, Identities, identities
from heedful.journey.simulation.simulate import Simulated
from heedful.journey.simulation.wording import Wording

SCALES: Final = {"nps": (0.0, 10.0), "csat": (1.0, 5.0)}
_MS_A_DAY = 86_400_000


@dataclass(frozen=True, slots=True)
class Item:
    """One line of JSON without its end."""

    feedback: bool
    line: bytes


@dataclass(frozen=True, slots=True)
class Person:
    """Who a customer is, as a line of JSON: what names them, and which items are theirs."""

    line: bytes


class Items:
    """All items in the order of time, and all people; the same for a seed."""

    def __init__(self, simulated: Simulated) -> None:
        facts, seed = simulated.facts, simulated.truth.plan.seed
        self._facts = facts
        self._people: Identities = identities(len(facts.customers), seed)
        self._carried = Carried(facts, self._people, seed)
        self._wording = Wording(facts, seed)
        milliseconds = np.round(facts.at * _MS_A_DAY).astype("datetime64[ms]")
        self._times = np.datetime_as_string(milliseconds, timezone="UTC")

    def __len__(self) -> int:
        return len(self._facts)

    def __iter__(self) -> Iterator[Item]:
        for event in np.argsort(self._facts.at, kind="stable").tolist():
            said = bool(self._facts.feedback[event])
            told = self._feedback(event) if said else self._interaction(event)
            yield Item(said, orjson.dumps(told))

    def people(self) -> Iterator[Person]:
        """Who is who: the partition that stitching should find."""
        facts = self._facts
        begins = np.searchsorted(facts.customer, np.arange(len(facts.customers) + 1))
        for number, name in enumerate(facts.customers.tolist()):
            told = {
                "customer": name,
                "identifiers": _identifiers(self._people.all(number)),
                "items": facts.ids[begins[number] : begins[number + 1]].tolist(),
            }
            yield Person(orjson.dumps(told))

    def _common(self, event: int) -> dict[str, Any]:
        facts = self._facts
        found: dict[str, Any] = {
            "id": facts.ids[event],
            "source": SOURCE,
            "occurred_at": str(self._times[event]),
            "identifiers": _identifiers(self._carried.by(event)),
            "attributes": {
                key: value
                for key, told in facts.attributes.items()
                if (value := _name(told, event)) is not None
            },
            "backfill": True,
        }
        for key, column in (
            ("channel", facts.channel),
            ("touchpoint", facts.touchpoint),
            ("department", facts.department),
        ):
            if (value := _name(column, event)) is not None:
                found[key] = value
        return found

    def _feedback(self, event: int) -> dict[str, Any]:
        found = self._common(event)
        found["text"] = self._wording.text(event)
        kind = _name(self._facts.score_kind, event)
        if kind is not None:
            low, high = SCALES[kind]
            value = low + float(self._facts.score[event]) * (high - low)
            found["score"] = {"kind": kind, "value": round(value), "minimum": low, "maximum": high}
        return found

    def _interaction(self, event: int) -> dict[str, Any]:
        facts, found = self._facts, self._common(event)
        kind = str(_name(facts.interaction, event))
        found["kind"] = kind
        found["summary"] = phrases.SUMMARIES[kind]
        by_us = kind == "campaign"
        found["direction"] = "outbound" if by_us else "inbound"
        found["actor"] = {"type": "system" if by_us else "customer"}
        if not np.isnan(facts.amount[event]):
            found["amount"] = round(float(facts.amount[event]), 2)
            found["attributes"]["currency"] = "CNY"
        if not np.isnan(facts.duration_s[event]):
            found["duration_s"] = round(float(facts.duration_s[event]), 1)
        return found


def _identifiers(found: list[Identifier]) -> list[dict[str, str]]:
    return [{"type": one.type.value, "value": one.value} for one in found]


def _name(column: Coded, event: int) -> str | None:
    code = column.codes[event]
    return None if code == NONE else column.names[code]

"""Insights of journey."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import httpx2

from heedful.console.upstream.caller import Caller
from heedful.console.upstream.reading import Read


class Words(Read):
    zh: str
    en: str


class Known(Read):
    """An insight that can be asked.

    Attributes:
        parameters: JSON Schema of what may be asked beside the period.
    """

    name: str
    title: Words
    parameters: Mapping[str, Any]


class KnownPage(Read):
    items: list[Known]


class Estimate(Read):
    """With its 95 % interval."""

    value: float
    low: float
    high: float


class Column(Read):
    key: str
    label: Words
    unit: str


class Example(Read):
    customer_id: str


Cell = str | int | float | bool | Estimate | None


class Row(Read):
    cells: Mapping[str, Cell]
    customers: int
    grey: bool = False
    why: Words | None = None
    examples: Sequence[Example] = ()

    def estimate(self, key: str) -> Estimate | None:
        """What was estimated; None: nothing was."""
        found = self.cells.get(key)
        return found if isinstance(found, Estimate) else None

    def number(self, key: str) -> float | None:
        """A number, of an estimate its value."""
        found = self.cells.get(key)
        if isinstance(found, Estimate):
            return found.value
        return None if isinstance(found, bool | str) or found is None else float(found)

    def text(self, key: str) -> str | None:
        found = self.cells.get(key)
        return found if isinstance(found, str) else None


class Report(Read):
    name: str
    title: Words
    meaning: Words
    since: datetime | None = None
    until: datetime | None = None
    customers: int
    events: int
    state: str
    figures: Mapping[str, Cell]
    columns: list[Column]
    rows: list[Row]
    notes: list[Words]


Asked = Mapping[str, str | None]


async def known(journey: Caller) -> list[Known]:
    """Every insight.

    Raises:
        UpstreamError: they could not be had.
    """
    return (await journey.get(KnownPage, "/v1/insights")).items


async def report(journey: Caller, name: str, asked: Asked, timeout_s: float) -> Report:
    """What one says.

    Args:
        asked: period and parameters; what has structure is JSON.
        timeout_s: it may read millions of events.

    Raises:
        UpstreamError: it could not be had.
    """
    return await journey.get(Report, f"/v1/insights/{name}", asked, timeout_s=timeout_s)


async def file(journey: Caller, name: str, asked: Asked, timeout_s: float) -> httpx2.Response:
    """What one says, as CSV.

    Raises:
        UpstreamError: it could not be had.
    """
    return await journey.send(
        "GET", f"/v1/insights/{name}", query={**asked, "format": "csv"}, timeout_s=timeout_s
    )

"""From a question to a report: bounded in events, time and how many at once, off the event loop."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any, TypeVar

from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from heedful.common.db.passing import sqlstate
from heedful.common.http.problems import unavailable
from heedful.journey import metrics
from heedful.journey.insights.facts import Facts
from heedful.journey.insights.insight import Insight, Parameters
from heedful.journey.insights.report import Report
from heedful.journey.insights.selecting import SEGMENT, selected
from heedful.journey.insights_reading.period import Period
from heedful.journey.insights_reading.reading import read
from heedful.journey.insights_reading.texts import texts
from heedful.journey.settings import JourneySettings

_CANCELED = "57014"
"""PostgreSQL's code of a statement that took too long."""

T = TypeVar("T")

Stored = Mapping[str, Callable[[str, Period], Awaitable[Any]]]
"""By the field of parameters that holds it: reads what a tenant's team has entered."""


class Insights:
    """Computes insights.

    Args:
        stored: what of the parameters is read and not asked for.
    """

    def __init__(self, engine: AsyncEngine, settings: JourneySettings, stored: Stored) -> None:
        self._engine = engine
        self._events = settings.insight_events
        self._seconds = settings.insight_seconds
        self._stored = stored
        self._turn = asyncio.Semaphore(settings.insights_at_once)
        # A thread cannot be stopped: what takes too long keeps its place here until it is done.
        self._threads = ThreadPoolExecutor(settings.insights_at_once, "insight")

    async def report(
        self, tenant: str, insight: Insight[Any], asked: Parameters, period: Period
    ) -> Report:
        """
        Raises:
            TooMany: of events in the period.
            Problem: 503, it takes too long, or the database is away.
        """
        try:
            with metrics.INSIGHT_SECONDS.labels(insight.name).time():
                async with asyncio.timeout(self._seconds), self._turn:
                    return await self._computed(tenant, insight, asked, period)
        except TimeoutError as error:
            raise self._too_long() from error
        except DBAPIError as error:
            raise (self._too_long() if sqlstate(error) == _CANCELED else error) from error

    async def close(self) -> None:
        """Begin nothing more."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _computed(
        self, tenant: str, insight: Insight[Any], asked: Parameters, period: Period
    ) -> Report:
        wanted = [*insight.attributes, *asked.further_attributes()]
        attributes = list(
            dict.fromkeys([*wanted, SEGMENT] if asked.segment is not None else wanted)
        )
        entered = {name: await self._stored[name](tenant, period) for name in insight.stored}
        facts = await read(self._engine, tenant, period, attributes, self._events, insight.lookback)
        facts = await self._off(selected, facts, asked)
        if insight.texts is not None:
            wanted_of = await self._off(insight.texts, facts, asked)
            facts = replace(facts, texts=await texts(self._engine, tenant, facts, wanted_of))
        return await self._off(computed, insight, facts, asked.model_copy(update=entered), period)

    async def _off(self, work: Callable[..., T], *given: Any) -> T:
        """Off the event loop."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, work, *given)

    def _too_long(self) -> Exception:
        return unavailable(
            f"not computed within {self._seconds:g} s; ask for a shorter period, or send it again "
            "when fewer insights are asked for"
        )


def computed(insight: Insight[Any], facts: Facts, asked: Parameters, period: Period) -> Report:
    """The report of a period. Pure."""
    report: Report = insight.compute(facts, asked)
    return report.model_copy(update={"since": period.since, "until": period.until})

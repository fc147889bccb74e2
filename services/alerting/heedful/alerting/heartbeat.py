"""Tells somebody outside that the timers run, as long as they do (DESIGN.md, "Data flow").

Silence is the alarm: whoever is pinged raises it when no ping comes, so a dead process, a dead
database and a machine without network are noticed by one who shares none of them.
"""

import logging
from datetime import timedelta

import aiohttp

from heedful.alerting import metrics, store_clocks
from heedful.alerting.database import Database
from heedful.common.version import service_version

log = logging.getLogger(__name__)

EVERY_S = 60.0
OVERDUE_AFTER = timedelta(seconds=60)
"""A timer that is late by less is within the precision that is promised."""
_TIMEOUT = aiohttp.ClientTimeout(total=10)


class Heartbeat:
    """One step pings once.

    Args:
        url: of a monitor that expects a GET every minute.
    """

    def __init__(self, database: Database, url: str) -> None:
        self._database = database
        self._url = url

    async def step(self) -> float:
        async with self._database.begin() as (connection, now):
            overdue = await store_clocks.count_overdue(connection, now - OVERDUE_AFTER)
        if overdue:
            log.error("timers are overdue, no heartbeat", extra={"overdue": overdue})
            metrics.HEARTBEATS.labels("withheld").inc()
            return EVERY_S
        outcome = await self._ping()
        metrics.HEARTBEATS.labels(outcome).inc()
        return EVERY_S

    async def _ping(self) -> str:
        agent = {"user-agent": f"heedful/{service_version()}"}
        try:
            async with (
                aiohttp.ClientSession(timeout=_TIMEOUT, headers=agent) as session,
                session.get(self._url, allow_redirects=False) as answer,
            ):
                if answer.status < 300:
                    return "sent"
                log.warning("heartbeat not taken", extra={"status": answer.status})
        except (aiohttp.ClientError, OSError) as error:
            # Its text may hold the URL, and that may hold a token.
            log.warning("heartbeat not sent", extra={"error": type(error).__name__})
        return "failed"

"""What becomes of a click."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from heedful.alerting.database import Database
from heedful.alerting.links import store
from heedful.alerting.links.acting import LinkSteps
from heedful.alerting.links.link import Link, Verdict, digest, judged


class Outcome(StrEnum):
    """What a click did."""

    DONE = "done"
    TOO_LATE = "too_late"
    """The link was good, and the case is in no state for it any more."""
    REFUSED = "refused"
    """The link was not good; the verdict says why."""


@dataclass(frozen=True, slots=True)
class Followed:
    verdict: Verdict
    outcome: Outcome
    link: Link | None


class Following:
    """Looks at links, and follows them."""

    def __init__(self, database: Database, steps: LinkSteps, woken: Callable[[], None]) -> None:
        self._database = database
        self._steps = steps
        self._woken = woken

    async def look(self, token: str) -> tuple[Verdict, Link | None]:
        """What a link is worth. Changes nothing: whoever shows a preview of a message looks too."""
        async with self._database.begin() as (connection, now):
            link = await store.find(connection, digest(token))
        return judged(link, now), link

    async def follow(self, token: str) -> Followed:
        """Do what the link is for and burn it, both or neither.

        A link is burnt by its click also when the case is in no state for it: single use means one
        click, not one success.
        """
        key = digest(token)
        async with self._database.begin() as (connection, now):
            link = await store.find(connection, key, lock=True)
            verdict = judged(link, now)
            if link is None or verdict is not Verdict.READY:
                return Followed(verdict, Outcome.REFUSED, link)
            await store.burn(connection, now, key)
            done = await self._steps.take(connection, now, link.wanted)
        self._woken()
        return Followed(verdict, Outcome.DONE if done else Outcome.TOO_LATE, link)

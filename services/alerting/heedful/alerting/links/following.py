"""What becomes of a click."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from heedful.alerting import store_cases
from heedful.alerting.database import Database
from heedful.alerting.links import store
from heedful.alerting.links.acting import LinkSteps
from heedful.alerting.links.link import SAMPLE, Link, Verdict, digest, judged
from heedful.alerting.links.standing import Standing, standing
from heedful.alerting.records import Tally


class Outcome(StrEnum):
    """What a click did."""

    DONE = "done"
    ANSWERED = "answered"
    """Nothing: a person has contacted the customer."""
    TOO_LATE = "too_late"
    """Nothing: the link was good, and the case is in no state for it any more."""
    REFUSED = "refused"
    """Nothing: the link was not good; the verdict says why."""


_OUTCOMES = {
    Standing.OPEN: Outcome.DONE,
    Standing.ANSWERED: Outcome.ANSWERED,
    Standing.TAKEN: Outcome.TOO_LATE,
}


@dataclass(frozen=True, slots=True)
class Looked:
    """What a link is worth, and how its case stands to it; that is told of a good one only."""

    verdict: Verdict
    link: Link | None
    standing: Standing = Standing.OPEN


@dataclass(frozen=True, slots=True)
class Followed:
    verdict: Verdict
    outcome: Outcome


class Following:
    """Looks at links, and follows them."""

    def __init__(self, database: Database, steps: LinkSteps, woken: Callable[[], None]) -> None:
        self._database = database
        self._steps = steps
        self._woken = woken

    async def look(self, token: str) -> Looked:
        """What a link is worth. Changes nothing: whoever shows a preview of a message looks too."""
        if token == SAMPLE:
            return Looked(Verdict.SAMPLE, None)
        async with self._database.begin() as (connection, now):
            link = await store.find(connection, digest(token))
            verdict = judged(link, now)
            if link is None or verdict is not Verdict.READY:
                return Looked(verdict, link)
            wanted = link.wanted
            cases = await store_cases.read_cases(connection, [wanted.case_id])
        stored = cases.get(wanted.case_id)
        if stored is None or stored.tenant != wanted.tenant:
            return Looked(verdict, link, Standing.TAKEN)
        return Looked(verdict, link, standing(stored.case, wanted.action, wanted.member_id))

    async def follow(self, token: str) -> Followed:
        """Do what the link is for and burn it, both or neither.

        A link is burnt by its click also when the case is in no state for it: single use means one
        click, not one success.
        """
        if token == SAMPLE:
            return Followed(Verdict.SAMPLE, Outcome.REFUSED)
        key, tally = digest(token), Tally()
        async with self._database.begin() as (connection, now):
            link = await store.find(connection, key, lock=True)
            verdict = judged(link, now)
            if link is None or verdict is not Verdict.READY:
                return Followed(verdict, Outcome.REFUSED)
            await store.burn(connection, now, key)
            stood = await self._steps.take(connection, now, link.wanted, tally)
        tally.publish()
        self._woken()
        return Followed(verdict, _OUTCOMES[stood])

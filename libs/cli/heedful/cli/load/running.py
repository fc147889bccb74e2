"""A run: what is posted, what is counted, what is followed."""

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Final

import orjson

from heedful.cli.load.connection import Target
from heedful.cli.load.following import Follower
from heedful.cli.load.histogram import Histogram
from heedful.cli.load.items import Made
from heedful.cli.load.outcome import PhaseOutcome, PhaseTally
from heedful.cli.load.schedule import Due, Phase
from heedful.cli.load.sending import Answer, OpenLoop, Request

_SINGLE: Final = "/v1/feedback"
_BATCH: Final = "/v1/feedback/batch"
_NDJSON: Final = "application/x-ndjson"
_PARTLY: Final = 207
_ACCEPTED: Final = 202


@dataclass(frozen=True, slots=True)
class Asked:
    """One request: its items, and its place in the plan.

    Attributes:
        followed: an item of it that is looked for later.
    """

    phase: Phase
    items: int
    followed: Made | None


@dataclass(frozen=True, slots=True)
class Limits:
    """
    Attributes:
        connections: most at one time.
        timeout_s: of one request.
        follow_every_s: between two items that are followed; None: none is.
    """

    connections: int
    timeout_s: float
    follow_every_s: float | None


@dataclass
class Tally:
    """What was seen until now."""

    phases: dict[str, PhaseTally]
    lag: Histogram = field(default_factory=Histogram)
    held: int = 0

    @classmethod
    def of(cls, plan: Sequence[Phase]) -> "Tally":
        return cls({one.name: PhaseTally(one) for one in plan})

    def outcomes(self, lasted: float) -> list[PhaseOutcome]:
        """
        Args:
            lasted: seconds of the plan that were played: all of them, unless it was cut short.
        """
        found, begin = [], 0.0
        for one in self.phases.values():
            seconds = min(max(lasted - begin, 0.0), one.phase.seconds)
            found.append(one.outcome(seconds))
            begin += one.phase.seconds
        return found

    def count(self, answer: Answer[Asked]) -> None:
        self.lag.record(answer.taken - answer.due)
        self.held += answer.held
        rejected = _rejected(answer)
        self.phases[answer.about.phase.name].count(
            answer.status, answer.answered - answer.due, answer.about.items - rejected, rejected
        )


class Sample:
    """Which items are followed: so many alarming ones a second, as far as there are any, and as
    many others.

    Args:
        every_s: between two; None: none is followed.
    """

    def __init__(self, every_s: float | None) -> None:
        self._every_s = every_s
        self._next = {True: 0.0, False: 0.0}

    def chosen(self, made: Sequence[Made], at: float) -> Made | None:
        """One of the items of a request that is due then, or none."""
        if self._every_s is None:
            return None
        for one in sorted(made, key=lambda item: not item.alarming):
            if at >= self._next[one.alarming]:
                self._next[one.alarming] = at + self._every_s
                return one
        return None


class Run:
    """One run against one ingest.

    Args:
        batch: items of a request; 1 posts each by itself.
    """

    def __init__(
        self, target: Target, key: str, batch: int, items: Iterator[Made], limits: Limits
    ) -> None:
        self._target = target
        self._headers = {"X-API-Key": key}
        self._batch = batch
        self._items = items
        self._limits = limits

    async def go(
        self,
        due: Iterator[Due],
        tally: Tally,
        follower: Follower | None,
        started: Callable[[OpenLoop[Asked]], None],
    ) -> None:
        """Send everything, and wait for the answers.

        Args:
            follower: None: nothing is followed.
            started: told of the loop, to show how far it is.
        """

        def answered(answer: Answer[Asked]) -> None:
            tally.count(answer)
            made = answer.about.followed
            if made is not None and follower is not None and answer.status == _ACCEPTED:
                item = made.item
                follower.follow(item["source"], item["id"], answer.due, alarming=made.alarming)

        loop = OpenLoop(self._target, answered, self._limits.connections, self._limits.timeout_s)
        started(loop)
        await loop.run(self._requests(due))

    def _requests(self, due: Iterator[Due]) -> Iterator[Request[Asked]]:
        sample = Sample(self._limits.follow_every_s)
        for one in due:
            made = list(itertools.islice(self._items, self._batch))
            followed = sample.chosen(made, one.at) if one.phase.counts else None
            asked = Asked(one.phase, len(made), followed)
            yield Request(one.at, partial(self._bytes, made), asked)

    def _bytes(self, made: Sequence[Made]) -> bytes:
        lines = [orjson.dumps(one.item) for one in made]
        if self._batch == 1:
            return self._target.request(_SINGLE, lines[0], self._headers)
        return self._target.request(_BATCH, b"\n".join(lines), self._headers, _NDJSON)


def _rejected(answer: Answer[Asked]) -> int:
    """Items of a request that were not taken, though others were."""
    if answer.status != _PARTLY:
        return 0
    return int(orjson.loads(answer.body)["rejected"])

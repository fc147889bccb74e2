"""What another policy would have made of enrichments that are there already. Pure.

Of several versions of one feedback the newest counts. A case is counted where a feedback that was
no history is red: that is when alerting opens one.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from pydantic import BaseModel, ConfigDict

from heedful.common.contracts import Colour, Enrichment, Light
from heedful.common.errors import HeedfulError
from heedful.nlp.policy import LightPolicy, light_of

MAX_FEEDBACK: Final = 2_000_000
"""More are refused: each takes about 200 bytes until the end."""

_EXCERPT: Final = 120
_DIGEST_BYTES: Final = 16
_SPARE: Final = 5
_LEAST_PERIOD: Final = timedelta(hours=1)


class TooMany(HeedfulError):
    """More feedback than a simulation holds."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True)


class Move(_Part):
    """So many feedback went from one colour to another."""

    before: Colour
    after: Colour
    count: int


class RuleCount(_Part):
    """How often a rule was a reason; `after` is None where the tried policy does not have it."""

    code: str
    before: int
    after: int | None


class Cases(_Part):
    """Cases in the period, and how many more (or fewer) a day."""

    before: int
    after: int
    more_per_day: float


class Example(_Part):
    """One feedback whose light would have another colour."""

    tenant: str
    source: str
    id: str
    received_at: datetime
    before: Colour
    after: Colour
    reasons_before: tuple[str, ...]
    reasons_after: tuple[str, ...]
    text: str


class Report(_Part):
    """`fired` would have become red, `stopped` would not have been red any more."""

    since: datetime
    until: datetime
    policies_before: tuple[str, ...]
    policy_after: str
    feedback: int
    unchanged: int
    fired: int
    stopped: int
    moves: tuple[Move, ...]
    rules: tuple[RuleCount, ...]
    cases: Cases
    examples: tuple[Example, ...]


@dataclass(frozen=True, slots=True)
class _Judged:
    """One feedback under both policies."""

    enriched_at: datetime
    received_at: datetime
    policy: str
    before: Colour
    after: Colour
    reasons_before: tuple[str, ...]
    reasons_after: tuple[str, ...]
    live: bool


class Simulation:
    """Takes enrichments one by one; holds no text but of the examples.

    Args:
        policy: the one that is tried.
        examples: how many are shown of each move between two colours.
    """

    def __init__(self, policy: LightPolicy, examples: int = 3) -> None:
        self._policy = policy
        self._most = examples
        self._judged: dict[bytes, _Judged] = {}
        self._texts: dict[tuple[Colour, Colour], dict[bytes, Example]] = {}
        self._codes: dict[tuple[str, ...], tuple[str, ...]] = {}

    def add(self, enrichment: Enrichment) -> None:
        """Judge one more.

        Raises:
            TooMany: there are more than `MAX_FEEDBACK` feedback.
        """
        key = _key(enrichment)
        known = self._judged.get(key)
        if known is not None and known.enriched_at >= enrichment.enriched_at:
            return
        if known is None and len(self._judged) >= MAX_FEEDBACK:
            raise TooMany(
                f"more than {MAX_FEEDBACK:,} feedback in this period; choose a shorter one"
            )
        after = light_of(enrichment, self._policy)
        said = enrichment.feedback
        self._judged[key] = _Judged(
            enriched_at=enrichment.enriched_at,
            received_at=said.received_at,
            policy=enrichment.versions.policy,
            before=enrichment.light.colour,
            after=after.colour,
            reasons_before=self._reasons(enrichment.light),
            reasons_after=self._reasons(after),
            # Reprocessing makes history of what was live; what it was at first is not told.
            live=not said.backfill or enrichment.reprocessed or (known is not None and known.live),
        )
        self._show(key, enrichment, after)

    def report(self, since: datetime, until: datetime) -> Report:
        """What was found of feedback that was received from `since` until before `until`."""
        judged = list(self._judged.values())
        moves = Counter((one.before, one.after) for one in judged)
        begin = max(since, min((one.received_at for one in judged), default=since))
        return Report(
            since=begin,
            until=until,
            policies_before=tuple(sorted({one.policy for one in judged})),
            policy_after=self._policy.version,
            feedback=len(judged),
            unchanged=sum(count for (before, after), count in moves.items() if before is after),
            fired=_reds(moves, into=True),
            stopped=_reds(moves, into=False),
            moves=tuple(
                Move(before=before, after=after, count=count)
                for (before, after), count in moves.most_common()
                if before is not after
            ),
            rules=self._rules(judged),
            cases=_cases(judged, until - begin),
            examples=self._examples(),
        )

    def _reasons(self, light: Light) -> tuple[str, ...]:
        codes = tuple(reason.code for reason in light.reasons)
        return self._codes.setdefault(codes, codes)

    def _show(self, key: bytes, enrichment: Enrichment, after: Light) -> None:
        before, said = enrichment.light, enrichment.feedback
        shown = self._texts.setdefault((before.colour, after.colour), {})
        # Some to spare: a newer version of the feedback may move elsewhere.
        if before.colour is after.colour or len(shown) >= _SPARE * self._most:
            return
        shown[key] = Example(
            tenant=said.tenant,
            source=said.source,
            id=said.id,
            received_at=said.received_at,
            before=before.colour,
            after=after.colour,
            reasons_before=self._reasons(before),
            reasons_after=self._reasons(after),
            text=said.text if len(said.text) <= _EXCERPT else said.text[: _EXCERPT - 1] + "…",
        )

    def _examples(self) -> tuple[Example, ...]:
        found: list[Example] = []
        for move, shown in self._texts.items():
            still = [
                example
                for key, example in shown.items()
                if (self._judged[key].before, self._judged[key].after) == move
            ]
            found += still[: self._most]
        # What becomes red, and what is red no more, before all else.
        return tuple(
            sorted(
                found, key=lambda one: (one.after is not Colour.RED, one.before is not Colour.RED)
            )
        )

    def _rules(self, judged: Iterable[_Judged]) -> tuple[RuleCount, ...]:
        before: Counter[str] = Counter()
        after: Counter[str] = Counter()
        for one in judged:
            before.update(one.reasons_before)
            after.update(one.reasons_after)
        own = [rule.code for rule in self._policy.rules]
        gone = sorted(before.keys() - set(own))
        return tuple(
            RuleCount(code=code, before=before.get(code, 0), after=after.get(code, 0))
            for code in own
        ) + tuple(RuleCount(code=code, before=before[code], after=None) for code in gone)


def _key(enrichment: Enrichment) -> bytes:
    said = enrichment.feedback
    # Lengths first: an identifier may hold any separator.
    name = f"{len(said.tenant)}:{len(said.source)}:{said.tenant}{said.source}{said.id}"
    return hashlib.blake2b(name.encode(), digest_size=_DIGEST_BYTES).digest()


def _reds(moves: Counter[tuple[Colour, Colour]], *, into: bool) -> int:
    return sum(
        count
        for (before, after), count in moves.items()
        if before is not after and (after if into else before) is Colour.RED
    )


def _cases(judged: Iterable[_Judged], period: timedelta) -> Cases:
    before = after = 0
    for one in judged:
        before += one.live and one.before is Colour.RED
        after += one.live and one.after is Colour.RED
    days = max(period, _LEAST_PERIOD) / timedelta(days=1)
    return Cases(before=before, after=after, more_per_day=round((after - before) / days, 2))

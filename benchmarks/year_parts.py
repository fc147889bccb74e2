"""What came of the parts of a simulated year, kept in a folder: a run that was stopped goes on with
the first part that is not there.

A part is a year of its own, with a seed and a database of its own and its share of the items, so
nothing of one is needed for another. A part that is stopped in its middle begins again.
"""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from tests.integration.alerting.year.run import Report
from tests.integration.alerting.year.scene import Heard, Year

STORIES: Final = 20
"""Differences whose story is kept, of each rule."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How the items are divided; `seed` is that of the first part, the others follow."""

    seed: int
    items: int
    parts: int
    tick: int
    kill_every: int

    def items_of(self, part: int) -> int:
        """Of a part from 0; together they are all."""
        return self.items // self.parts + (part < self.items % self.parts)


@dataclass(frozen=True, slots=True)
class Part:
    """What came of one.

    Attributes:
        happened: by kind.
        counts: of what was done and of what was found.
        differences: by rule.
        stories: by rule, of the first of them.
        seconds: by the wall.
    """

    seed: int
    looks: int
    replicas: int
    happened: Mapping[str, int]
    counts: Mapping[str, int]
    differences: Mapping[str, int]
    stories: Mapping[str, Sequence[str]]
    audit: str
    seconds: float


def part_of(year: Year, report: Report, seconds: float) -> Part:
    passed, verdict = report.passed, report.verdict
    lived = [one for one in year.happenings if one.at <= passed.until]
    happened = Counter(type(one).__name__ for one in lived)
    happened["items"] = sum(isinstance(one, Heard) for one in lived)
    return Part(
        seed=year.seed,
        looks=passed.ticks,
        replicas=report.replicas,
        happened=dict(happened),
        counts=dict(passed.counts + verdict.counts),
        differences={rule: len(found) for rule, found in verdict.wrong.items()},
        stories={rule: found[:STORIES] for rule, found in verdict.broken.items()},
        audit=verdict.audit,
        seconds=seconds,
    )


class Folder:
    """The parts of one plan.

    Raises:
        SystemExit: it holds those of another.
    """

    def __init__(self, path: Path, plan: Plan) -> None:
        self._path, self._plan = path, plan
        path.mkdir(parents=True, exist_ok=True)
        kept, written = path / "plan.json", json.dumps(asdict(plan))
        if kept.exists() and kept.read_text() != written:
            raise SystemExit(
                f"{path} holds a year with other options: {kept.read_text()}; give these, or "
                "another folder"
            )
        kept.write_text(written)

    def left(self) -> Iterator[int]:
        """Parts that are still to be run, in order."""
        return (part for part in range(self._plan.parts) if not self._of(part).exists())

    def keep(self, part: int, found: Part) -> None:
        """Whole or not at all, whenever the process is stopped."""
        unfinished = self._of(part).with_suffix(".part")
        unfinished.write_text(json.dumps(asdict(found), ensure_ascii=False))
        unfinished.rename(self._of(part))

    def found(self) -> list[Part]:
        """All that are there."""
        paths = [self._of(part) for part in range(self._plan.parts)]
        return [Part(**json.loads(path.read_text())) for path in paths if path.exists()]

    def _of(self, part: int) -> Path:
        return self._path / f"part-{part:03}.json"


def together(parts: Sequence[Part]) -> Part:
    """One that sums them up, under the first seed."""
    happened, counts, differences = Counter[str](), Counter[str](), Counter[str]()
    stories: dict[str, list[str]] = {}
    for one in parts:
        happened.update(one.happened)
        counts.update(one.counts)
        differences.update(one.differences)
        for rule, told in one.stories.items():
            stories.setdefault(rule, []).extend(told)
    return Part(
        seed=parts[0].seed,
        looks=sum(one.looks for one in parts),
        replicas=sum(one.replicas for one in parts),
        happened=dict(happened),
        counts=dict(counts),
        differences=dict(differences),
        stories=stories,
        audit="\n".join(dict.fromkeys(one.audit for one in parts)),
        seconds=sum(one.seconds for one in parts),
    )

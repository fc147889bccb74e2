"""The lifecycle as it is written: stages, what leads to them, and when a journey is told of."""

from collections import Counter
from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Final, Self

from pydantic import Field, model_validator

from heedful.common.contracts import Channel, Direction, InteractionKind, ScoreKind
from heedful.common.datafiles import DataError, DataModel, parse, parse_file
from heedful.journey.lifecycle.pattern_entry import MOST_PATTERNS, PatternEntry

FILE: Final = "lifecycle.yaml"
"""The lifecycle that the package ships."""

Code = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=40)]
Pattern = Annotated[str, Field(min_length=1, max_length=200)]
Days = Annotated[float, Field(gt=0, le=3650)]
Share = Annotated[float, Field(ge=0, le=1)]

_LONGEST_SESSION_MINUTES: Final = 1440
_MOST_STAGES: Final = 30
_MOST_RULES: Final = 200


class StageEntry(DataModel):
    """`limit_days`: with an open complaint and no progress for longer, the journey is stuck."""

    code: Code
    zh: str = Field(min_length=1, max_length=50)
    en: str = Field(min_length=1, max_length=50)
    limit_days: Days = 14


class When(DataModel):
    """The conditions of a rule; all must hold, and those not given do. Of a list one is enough.

    `touchpoint` takes `*` for anything. `after`: one of these stages was entered before, with
    `hours` at least so long ago; `before`: none of these was.
    """

    interaction: tuple[InteractionKind, ...] = ()
    direction: tuple[Direction, ...] = ()
    channel: tuple[Channel, ...] = ()
    touchpoint: tuple[Pattern, ...] = ()
    score_kind: tuple[ScoreKind, ...] = ()
    score_at_least: Share | None = None
    after: tuple[Code, ...] = ()
    before: tuple[Code, ...] = ()
    hours: float = Field(default=0, ge=0, le=87_600)

    @model_validator(mode="after")
    def _asks_something(self) -> Self:
        if self.hours and not self.after:
            raise ValueError("hours goes with after: give the stage that was entered so long ago")
        if (
            not any((self.interaction, self.channel, self.touchpoint, self.score_kind))
            and self.score_at_least is None
        ):
            raise ValueError(
                "every event would match: give interaction, channel, touchpoint, score_kind or "
                "score_at_least"
            )
        return self


class StageRule(DataModel):
    stage: Code
    when: When


class SignalEntry(DataModel):
    """When a journey is told of.

    `contacts` on one topic, each at most `contact_days` after the one before. A score of
    `satisfied` or more, 0 to 1 of its scale, is a satisfied one; whoever speaks badly or leaves
    within `leaving_days` of it is told of. `silence`: a customer with so many `purchases` or more
    is at risk when so long a silence had at most this chance at their own rate. `patterns`: who is
    on the way to the outcome of one is told of; without any nobody is.
    """

    contacts: int = Field(default=3, ge=2, le=20)
    contact_days: Days = 7
    satisfied: Share = 0.75
    leaving_days: Days = 90
    purchases: int = Field(default=4, ge=3, le=100)
    silence: float = Field(default=0.05, gt=0, lt=0.5)
    # Not in the digest: a journey is the same with any patterns, and none is folded anew by others.
    patterns: tuple[PatternEntry, ...] = Field(default=(), max_length=MOST_PATTERNS, exclude=True)

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        for name, count in Counter(one.name for one in self.patterns).items():
            if count > 1:
                raise ValueError(f"patterns: {name} stands there {count} times; leave one")
        return self


class LifecycleFile(DataModel):
    """`tenants`: whose it is; without them it is everybody's who has none of their own.

    The first rule whose conditions hold says to which stage an event leads; without one the
    customer stays where they are.
    """

    version: str = Field(min_length=1, max_length=100)
    tenants: tuple[str, ...] = ()
    session_minutes: float = Field(default=30, gt=0, le=_LONGEST_SESSION_MINUTES)
    stages: tuple[StageEntry, ...] = Field(min_length=1, max_length=_MOST_STAGES)
    rules: tuple[StageRule, ...] = Field(min_length=1, max_length=_MOST_RULES)
    signals: SignalEntry = SignalEntry()


def shipped() -> LifecycleFile:
    """The lifecycle that the package ships.

    Raises:
        DataError: the file is missing or wrong.
    """
    place = files("heedful.journey").joinpath("data", FILE)
    return _checked(FILE, parse(FILE, place.read_text(encoding="utf-8"), LifecycleFile))


def open_lifecycles(path: Path) -> Sequence[LifecycleFile]:
    """The lifecycle in a file, or those in the `.yaml` files of a folder.

    Raises:
        DataError: one cannot be read, a stage or rule is wrong, or two are of one tenant; the
            message names file, place and remedy.
    """
    if not path.is_dir():
        return [_checked(str(path), parse_file(path, LifecycleFile))]
    found = {
        one: _checked(str(one), parse_file(one, LifecycleFile))
        for one in sorted(path.glob("*.yaml"))
    }
    if not found:
        raise DataError(f"{path}: no .yaml file in this folder; give one for each lifecycle")
    owners: dict[str | None, Path] = {}
    for file, lifecycle in found.items():
        for tenant in lifecycle.tenants or (None,):
            other = owners.setdefault(tenant, file)
            if other != file:
                whose = "everybody's (no tenants)" if tenant is None else f"of tenant {tenant}"
                raise DataError(f"{file}: is {whose}, as {other} is; leave one of them")
    return list(found.values())


def _checked(name: str, file: LifecycleFile) -> LifecycleFile:
    faults = list(_faults(file))
    if faults:
        raise DataError(f"{name}: {'; '.join(faults)}")
    return file


def _faults(file: LifecycleFile) -> Iterator[str]:
    codes = [stage.code for stage in file.stages]
    for code, count in Counter(codes).items():
        if count > 1:
            yield f"stages: {code} stands there {count} times; give each its own code"
    for number, rule in enumerate(file.rules):
        named = {"stage": (rule.stage,), "when.after": rule.when.after}
        for place, given in {**named, "when.before": rule.when.before}.items():
            for code in given:
                if code not in codes:
                    yield f"rules.{number}.{place}: no stage {code!r}; {_nearest(code, codes)}"
    led = {rule.stage for rule in file.rules}
    for code in codes:
        if code not in led:
            yield f"stages: no rule leads to {code}; give one, or leave the stage out"


def _nearest(code: str, codes: Sequence[str]) -> str:
    near = get_close_matches(code, codes, 1)
    return f"did you mean {near[0]}?" if near else f"there are {', '.join(codes)}"

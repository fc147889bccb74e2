"""The journey map: touchpoints under the stages of the lifecycle. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Final

from heedful.console.upstream.insights import Estimate, Report, Row, Words
from heedful.console.upstream.touchpoints import Stage, Stages, Touchpoint

_ORDER: Final = ("red", "amber", "green", "grey")
GREY: Final = "grey"


@dataclass(frozen=True, slots=True)
class Light:
    """Red, or green, at a touchpoint.

    Attributes:
        count: of feedback.
        trend: `up` or `down` where it surely changed against the period before.
    """

    count: int
    share: Estimate | None = None
    change: Estimate | None = None
    trend: str | None = None


@dataclass(frozen=True, slots=True)
class Operations:
    """What operations measure: `colour` says whether their targets are met."""

    colour: str
    handle_s: Estimate | None
    handled: int
    resolved: Estimate | None
    settled: int


@dataclass(frozen=True, slots=True)
class Place:
    """A touchpoint on the map.

    Attributes:
        also: further stages that it may belong to.
        why: it is grey.
        conflict: operations green, voice red.
        examples: ids of customers.
    """

    touchpoint: str
    colour: str
    feedback: int
    events: int
    red: Light
    green: Light
    customers: int | None = None
    operations: Operations | None = None
    conflict: bool = False
    why: Words | None = None
    also: Sequence[Stage] = ()
    examples: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Column:
    """A stage with its touchpoints, the reddest first; without a stage: those of no stage."""

    stage: Stage | None
    places: list[Place] = field(default_factory=list)


def columns(
    lifecycle: Stages, touchpoints: Sequence[Touchpoint], report: Report | None
) -> list[Column]:
    """Every stage in the order of the lifecycle, then what belongs to none, if there is any.

    Args:
        report: of `touchpoint-map`; None: it could not be had, and only lights are known.
    """
    rows = {row.text("touchpoint"): row for row in report.rows} if report else {}
    own = {stage.code: Column(stage) for stage in lifecycle.stages}
    everywhere = Column(None)
    for one in touchpoints:
        standing = stages_of(one.touchpoint, lifecycle)
        place = _place(one, rows.get(one.touchpoint), standing[1:])
        (own[standing[0].code] if standing else everywhere).places.append(place)
    found = [*own.values(), *([everywhere] if everywhere.places else [])]
    for column in found:
        column.places.sort(key=_reddest_first)
    return found


def stages_of(touchpoint: str, lifecycle: Stages) -> list[Stage]:
    """Where a touchpoint stands, and after it where else it may: as the patterns say, in order."""
    known = {stage.code: stage for stage in lifecycle.stages}
    matching = (
        one.stage for one in lifecycle.touchpoints if fnmatchcase(touchpoint, one.touchpoint)
    )
    return [known[code] for code in dict.fromkeys(matching) if code in known]


def tally(found: Sequence[Column]) -> Mapping[str, int]:
    """How many touchpoints have each colour, and under `conflict` how many have that."""
    places = list(_all(found))
    counts = {colour: sum(one.colour == colour for one in places) for colour in _ORDER}
    return {**counts, "conflict": sum(one.conflict for one in places)}


def _all(found: Sequence[Column]) -> Iterator[Place]:
    for column in found:
        yield from column.places


def _place(one: Touchpoint, row: Row | None, also: Sequence[Stage]) -> Place:
    red, green = one.lights.get("red", 0), one.lights.get("green", 0)
    if row is None:
        return Place(
            touchpoint=one.touchpoint,
            colour=one.colour,
            feedback=one.feedback,
            events=one.events,
            red=Light(red),
            green=Light(green),
            also=also,
        )
    return Place(
        touchpoint=one.touchpoint,
        # The insight's: it knows when many words are of few customers.
        colour=row.text("colour") or one.colour,
        feedback=one.feedback,
        events=one.events,
        red=_light(row, "red", red),
        green=_light(row, "green", green),
        customers=row.customers,
        operations=Operations(
            colour=row.text("operations") or GREY,
            handle_s=row.estimate("handle_s"),
            handled=int(row.number("handled") or 0),
            resolved=row.estimate("resolved"),
            settled=int(row.number("settled") or 0),
        ),
        conflict=row.cells.get("conflict") is True,
        why=row.why,
        also=also,
        examples=[example.customer_id for example in row.examples],
    )


def _light(row: Row, name: str, count: int) -> Light:
    return Light(
        count, row.estimate(name), row.estimate(f"{name}_change"), row.text(f"{name}_trend")
    )


def _reddest_first(place: Place) -> tuple[bool, int, float, str]:
    share = place.red.count / place.feedback if place.feedback else 0.0
    rank = _ORDER.index(place.colour) if place.colour in _ORDER else len(_ORDER)
    return not place.conflict, rank, -share, place.touchpoint

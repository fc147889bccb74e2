"""Stages of the lifecycle and touchpoints, as journey has them."""

from collections.abc import Mapping

from heedful.console.upstream.caller import Caller
from heedful.console.upstream.reading import Read

AT_ONCE = 200
"""Touchpoints of one page of the map."""


class Stage(Read):
    code: str
    zh: str
    en: str


class TouchpointStage(Read):
    """A pattern of touchpoints, `*` stands for anything, and the stage where they stand."""

    touchpoint: str
    stage: str


class Stages(Read):
    stages: list[Stage]
    touchpoints: list[TouchpointStage]


class Touchpoint(Read):
    touchpoint: str
    events: int
    feedback: int
    lights: Mapping[str, int]
    colour: str


class TouchpointPage(Read):
    items: list[Touchpoint]
    next_cursor: str | None


async def stages(journey: Caller) -> Stages:
    """The stages in their order.

    Raises:
        UpstreamError: they could not be had.
    """
    return await journey.get(Stages, "/v1/stages")


async def touchpoints(
    journey: Caller, period: Mapping[str, str | None], cursor: str | None
) -> TouchpointPage:
    """A page of touchpoints, in the order of names.

    Raises:
        UpstreamError: they could not be had.
    """
    return await journey.get(
        TouchpointPage, "/v1/touchpoints", {**period, "cursor": cursor, "limit": AT_ONCE}
    )

"""The queue of pairs that may be one person: found when asked, in windows of what was seen newest.

Nothing is kept, so nothing is stale: a pair that was decided, merged by the rules or erased is not
there. A window is sorted by score; a pair stands in the window of its newest meeting.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from heedful.journey import database
from heedful.journey import store_suggestions as store
from heedful.journey.store_suggestions import Place, Point
from heedful.journey.suggesting import Pair, Suggestion, meetings, suggestion

WINDOW: Final = 500
"""Identifiers of nobody that are looked at together."""
MAX_WINDOWS: Final = 4
"""Of one request, when there is nothing to suggest in the first ones."""


@dataclass(frozen=True, slots=True)
class Position:
    """Where a page ends.

    Attributes:
        window: what was seen before this is looked at; None: all.
        after: the last suggestion of the window that was shown; None: none yet.
    """

    window: Place | None = None
    after: tuple[float, uuid.UUID, uuid.UUID] | None = None


class Suggestions:
    """Finds pages of suggestions."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def page(
        self, tenant: str, position: Position, limit: int
    ) -> tuple[Sequence[Suggestion], Position | None]:
        """Suggestions behind a position, and where the next page begins; it may hold none, and
        another one follow.

        Raises:
            Retryable: the database is away or busy.
        """
        async with database.begin(self._engine) as connection:
            for _ in range(MAX_WINDOWS):
                places = await store.window(connection, tenant, position.window, WINDOW)
                found = await _of_window(connection, places, position.window)
                rest = [
                    one for one in found if position.after is None or one.place > position.after
                ]
                if len(rest) > limit:
                    return rest[:limit], Position(position.window, rest[limit - 1].place)
                following = Position(places[-1]) if len(places) == WINDOW else None
                if rest or following is None:
                    return rest, following
                position = following
        return (), position


async def _of_window(
    connection: AsyncConnection, places: Sequence[Place], start: Place | None
) -> list[Suggestion]:
    """The pairs that meet in a window and nowhere newer, the likeliest first."""
    near = await store.points(connection, [id_ for _, id_ in places])
    pairs = meetings((one.type, one.customers) for one in near).keys()
    if not pairs:
        return []
    customers = {key for pair in pairs for key in pair}
    everywhere = await store.points_of(connection, customers)
    earlier = _newer(everywhere, start)
    met = meetings((one.type, one.customers) for one in everywhere)
    profiles, held = await store.profiles(connection, customers)
    found = [
        suggestion(profiles[a], profiles[b], met[a, b])
        for a, b in pairs
        if (a, b) not in earlier and not store.kept_apart(held[a], held[b])
    ]
    return sorted((one for one in found if one is not None), key=lambda one: one.place)


def _newer(points: Sequence[Point], start: Place | None) -> set[Pair]:
    """The pairs that stood in an earlier window."""
    if start is None:
        return set()
    return set(meetings((one.type, one.customers) for one in points if one.place >= start))

"""What one household says, what is seen of it on channels, and what is asked of its cases, each
drawn and written down with the time at which alerting is handed it."""

import random
from collections.abc import Sequence
from typing import Final

from tests.integration.alerting.year.scene import (
    CUSTOMER,
    HOUR,
    MINUTE,
    THIRD_PARTY,
    Act,
    Colour,
    Doing,
    Happening,
    Heard,
    Item,
    Met,
    Tenant,
    Understood,
)
from tests.integration.alerting.year.timing import Timing

_COLOURS: Final[tuple[Colour, ...]] = ("red", "amber", "green", "grey")
_WEIGHTS: Final = (22, 36, 30, 12)
_INTENTS: Final = ("complaint", "inquiry", "suggestion", None)
_PEOPLE: Final = ("li", "wang", "zhao")


class Diary:
    """Of one household, drawn from a generator of its own. `found` is all that happens, `items`
    what it says; in an `outage` nobody understands it in time."""

    def __init__(self, seed: int, number: int, tenants: Sequence[Tenant], timing: Timing) -> None:
        self.draw = random.Random(f"{seed}/{number}")  # noqa: S311  # a plan, no secret
        self.number = number
        self.found: list[Happening] = []
        self.items: list[Item] = []
        self.outage = False
        self._tenant = self.draw.choice(tenants).name
        self._timing = timing
        self._times: set[int] = set()
        self._count = 0

    def say(
        self,
        at: int,
        topic: str,
        place: str,
        talk: str | None,
        people: tuple[str, ...],
        tier: str | None,
    ) -> Item:
        """A feedback, and what is understood of it, if anything is."""
        while at in self._times:
            at += 1
        self._times.add(at)
        late = self.between(5 * HOUR, 90 * HOUR) if self.chance(0.05) else self.between(0, 600)
        item = Item(
            id=f"{self.number}-item-{len(self.items)}",
            tenant=self._tenant,
            occurred_at=at - late,
            received_at=at,
            topic=topic,
            touchpoint=place,
            conversation=talk,
            people=people,
            tier=tier,
            backfill=self.chance(0.03),
        )
        self.items.append(item)
        read = self._timing.read(at + self.between(0, 20))
        self.found.append(Heard(read, self._next(), self.number, item))
        self._understand(item, read)
        return item

    def _understand(self, item: Item, read: int) -> None:
        colour = self.draw.choices(_COLOURS, _WEIGHTS)[0]
        fate = self.draw.random()
        if fate < 0.03:
            return
        late = fate < 0.1 or self.outage
        delay = self.between(20 * MINUTE, 8 * HOUR) if late else self.between(0, 60)
        at = max(read, self._timing.read(item.received_at + delay))
        asks, intent = self.chance(0.4), self.draw.choice(_INTENTS)
        self.found.append(Understood(at, self._next(), self.number, item, colour, asks, intent))
        if colour != "red" and self.chance(0.04):
            later = self._timing.read(at + self.between(HOUR, 60 * HOUR))
            one = Understood(later, self._next(), self.number, item, "red", asks, intent, True)
            self.found.append(one)

    def met(self, item: Item, at: int, **traits: bool) -> None:
        """An interaction with who said the item; it may be told late."""
        told = self.between(HOUR, 30 * HOUR) if self.chance(0.15) else self.between(1, 60)
        by_talk = item.conversation is not None and (not item.people or self.chance(0.5))
        number = self._next()
        self.found.append(
            Met(
                at=self._timing.read(at + told),
                number=number,
                household=self.number,
                id=f"{self.number}-met-{number}",
                tenant=self._tenant,
                occurred_at=at,
                received_at=at + told,
                conversation=item.conversation if by_talk else None,
                people=() if by_talk else item.people,
                **traits,
            )
        )

    def act(
        self,
        do: Doing,
        item: Item,
        at: int,
        *,
        who: str | None = None,
        human: bool = True,
        other: str | None = None,
        state: str | None = None,
        moment: int | None = None,
        internal: bool = False,
    ) -> None:
        """A request about the case of the item; nobody asks while alerting is away."""
        asked = self._timing.asked(at)
        if asked is None:
            return
        number = self._next()
        if do == "wait" and state is None:
            state = self.draw.choice((CUSTOMER, THIRD_PARTY))
        self.found.append(
            Act(
                at=asked,
                number=number,
                household=self.number,
                id=f"{self.number}-act-{number}",
                tenant=self._tenant,
                item=item.id,
                do=do,
                who=(who or self.person()) if human else "key-1",
                human=human,
                other=other,
                state=state,
                when=moment,
                internal=internal,
            )
        )

    def person(self) -> str:
        """One of those who work on cases."""
        return self.draw.choice(_PEOPLE)

    def between(self, low: int, high: int) -> int:
        """Both may come."""
        return self.draw.randint(low, high)

    def chance(self, share: float) -> bool:
        """True so often."""
        return self.draw.random() < share

    def _next(self) -> int:
        self._count += 1
        return self._count

"""What one household does in a year: it says things, and somebody does something about them."""

from collections.abc import Callable, Sequence
from typing import Final

from tests.integration.alerting.year.diary import Diary
from tests.integration.alerting.year.scene import (
    CUSTOMER,
    DAY,
    HOUR,
    MINUTE,
    THIRD_PARTY,
    Doing,
    Happening,
    Item,
)

_TOPICS: Final = ("battery", "delivery.late", "staff.rude", "app.crash")
_PLACES: Final = ("store.visit", "app.checkout", "call.service")
_ANY: Final[tuple[Doing, ...]] = (
    "acknowledge", "acknowledge", "claim", "plan", "plan", "start", "wait", "wait", "resume",
    "land", "land", "verify", "close", "contact", "contact", "dismiss", "approve", "reopen",
    "note", "unmerge",
)  # fmt: skip


class Episodes:
    """Of one household.

    Args:
        span: in which it says something.
        moments: of which it is told what happens around them more often than at other times.
    """

    def __init__(self, diary: Diary, span: tuple[int, int], moments: Sequence[int]) -> None:
        self._diary, self._span, self._moments = diary, span, moments
        self._talks: list[str] = []

    def drawn(self) -> list[Happening]:
        """All that happens, in order."""
        at = self._diary.draw.randrange(*self._span)
        if self._moments and self._diary.chance(0.4):
            near = self._diary.draw.choice(self._moments) - self._diary.between(0, 4 * DAY)
            at = max(near, self._span[0])
        for _ in range(self._diary.draw.choice((1, 1, 2, 3))):
            self._episode(at)
            at += self._diary.between(HOUR, 12 * DAY)
            if at >= self._span[1]:
                break
        self._diary.found.sort(key=lambda one: (one.at, one.number))
        return self._diary.found

    def _episode(self, at: int) -> None:
        said = self._say_all(at)
        first, scripts = said[0], self._scripts()
        weights = [weight for weight, _ in scripts]
        script = self._diary.draw.choices([one for _, one in scripts], weights)[0]
        script(first)
        for other in said[1:]:
            if self._diary.chance(0.5):
                self._contact(other, other.received_at + self._diary.between(MINUTE, 30 * HOUR))
        if len(said) > 1 and self._diary.chance(0.3):
            self._diary.act("split", first, self._after(first, 30 * HOUR), other=said[-1].id)
        if self._diary.chance(0.5):
            self._decoy(first)

    def _scripts(self) -> Sequence[tuple[int, Callable[[Item], None]]]:
        return (
            (40, self._diligent),
            (20, self._slow),
            (12, self._nobody),
            (14, self._wild),
            (7, self._unwanted),
            (9, self._merging),
        )

    def _say_all(self, at: int) -> list[Item]:
        """One to three items about one matter."""
        topic, place = self._diary.draw.choice(_TOPICS), self._diary.draw.choice(_PLACES)
        talk = None
        if self._talks and self._diary.chance(0.2):
            talk = self._diary.draw.choice(self._talks)
        elif self._diary.chance(0.5):
            talk = f"{self._diary.number}-talk-{len(self._talks)}"
            self._talks.append(talk)
        person = (f"{self._diary.number}-person-{self._diary.draw.choice((0, 0, 0, 1))}",)
        people = person if talk is None or self._diary.chance(0.85) else ()
        tier = "gold" if self._diary.chance(0.15) else None
        self._diary.outage = self._diary.chance(0.08)
        found = []
        for _ in range(self._diary.draw.choice((1, 1, 1, 1, 1, 2, 2, 3))):
            found.append(self._diary.say(at, topic, place, talk, people, tier))
            at += self._diary.draw.choice(
                (self._diary.between(1, HOUR), self._diary.between(HOUR, 60 * HOUR))
            )
        return found

    def _diligent(self, item: Item, pace: float = 1.0) -> None:
        """Everything in its order; some of it too late when the pace is slow."""
        at = item.received_at
        self._contact(item, at + self._spread(2 * HOUR, 20 * HOUR, pace))
        seen = at + self._spread(HOUR, 12 * HOUR, pace)
        self._diary.act(self._diary.draw.choice(("acknowledge", "claim")), item, seen)
        planned = seen + self._spread(HOUR, 30 * HOUR, pace)
        if self._diary.chance(0.35):
            planned = self._pause(item, seen + HOUR, pace)
        self._diary.act("plan", item, planned)
        if self._diary.chance(0.35):
            planned = self._pause(item, planned + HOUR, pace)
        if self._diary.chance(0.6):
            self._diary.act("start", item, planned + self._diary.between(60, 5 * HOUR))
        landed = planned + self._spread(6 * HOUR, 40 * HOUR, pace)
        self._diary.act("land", item, landed)
        if self._diary.chance(0.5):
            self._diary.act("verify", item, landed + self._diary.between(HOUR, DAY))
        if self._diary.chance(0.7):
            self._diary.act("close", item, landed + self._diary.between(DAY, 2 * DAY))
        if self._diary.chance(0.1):
            self._diary.act("reopen", item, landed + self._diary.between(2 * DAY, 9 * DAY))

    def _slow(self, item: Item) -> None:
        self._diligent(item, pace=3.0)

    def _nobody(self, item: Item) -> None:
        """Nobody does anything; sometimes it was noticed and forgotten."""
        if self._diary.chance(0.4):
            self._diary.act("acknowledge", item, self._after(item, 20 * HOUR), human=False)

    def _wild(self, item: Item) -> None:
        """Whatever anybody may ask for, in any order."""
        for _ in range(self._diary.between(5, 16)):
            at = item.received_at + self._diary.between(60, 12 * DAY)
            what = self._diary.draw.choice(_ANY)
            self._diary.act(what, item, at, human=self._diary.chance(0.8))

    def _unwanted(self, item: Item) -> None:
        """Dismissed, of a red light by two people."""
        at = self._after(item, 15 * HOUR)
        self._diary.act("dismiss", item, at, human=self._diary.chance(0.8), who="li")
        self._diary.act(
            "approve", item, at + self._diary.between(60, 12 * HOUR), who=self._diary.person()
        )
        if self._diary.chance(0.4):
            self._diary.act("reopen", item, at + self._diary.between(HOUR, 3 * DAY))
            self._contact(item, at + self._diary.between(HOUR, 5 * DAY))

    def _merging(self, item: Item) -> None:
        """It is the same as another matter; or it was thought to be."""
        other = self._say_all(item.received_at - self._diary.between(-8 * HOUR, DAY))[0]
        at = self._after(item, 30 * HOUR)
        if self._diary.chance(0.5):
            self._diary.act("acknowledge", item, at - self._diary.between(60, HOUR))
        self._diary.act("merge", item, at, other=other.id)
        self._diary.act("merge", other, at + 60, other=item.id)
        self._contact(item, at + self._diary.between(-5 * HOUR, 30 * HOUR))
        if self._diary.chance(0.5):
            again = self._diary.draw.choice((item, other))
            self._diary.act("unmerge", again, at + self._diary.between(HOUR, 4 * DAY))

    def _pause(self, item: Item, at: int, pace: float) -> int:
        """Gives when the waiting ends."""
        waits = (CUSTOMER, CUSTOMER, THIRD_PARTY)
        self._diary.act("wait", item, at, state=self._diary.draw.choice(waits))
        ends = at + self._spread(HOUR, 30 * HOUR, pace)
        if self._diary.chance(0.3):
            self._diary.act("wait", item, (at + ends) // 2, state=self._diary.draw.choice(waits))
        if self._diary.chance(0.85):
            self._diary.act("resume", item, ends)
        return ends + HOUR

    def _contact(self, item: Item, at: int) -> None:
        """A person answers, by the API or as it is seen on a channel, at times told late."""
        if self._diary.chance(0.3):
            before = self._diary.between(0, 8 * HOUR) if self._diary.chance(0.5) else 0
            self._diary.act(
                "contact", item, at + before, moment=at, internal=self._diary.chance(0.1),
                human=self._diary.chance(0.95),
            )  # fmt: skip
        else:
            self._diary.met(item, at)

    def _decoy(self, item: Item) -> None:
        """What answers nobody: a machine, the customer's own call, an order."""
        which = self._diary.draw.choice(("human", "outbound", "contact"))
        self._diary.met(
            item, item.received_at + self._diary.between(60, 20 * HOUR), **{which: False}
        )

    def _after(self, item: Item, longest: int) -> int:
        return item.received_at + self._diary.between(10 * MINUTE, longest)

    def _spread(self, shortest: int, longest: int, pace: float) -> int:
        return int(self._diary.between(shortest, longest) * pace)

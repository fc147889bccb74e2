"""Which feedback belongs to a case that there is already. Pure: time is passed in.

Stands on reference/sla.md §4.9b. Within one conversation everything is one matter; beyond it the
same person about the same topic at the same touchpoint.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from heedful.alerting.records import Classified


@dataclass(frozen=True, slots=True)
class Known:
    """A case as far as grouping looks at it.

    Attributes:
        keys: match keys of its customer; `talks` are those that are of conversations.
        over_at: since when nothing is left to do; None: it is worked on.
    """

    case_id: str
    tenant: str
    received_at: datetime
    keys: frozenset[str]
    talks: frozenset[str]
    topic: str | None
    touchpoint: str | None
    over_at: datetime | None = None

    @classmethod
    def opened(cls, one: Classified) -> "Known":
        """The case that this feedback opens."""
        heard, customer = one.feedback, one.feedback.customer
        return cls(
            case_id=heard.key.case_id,
            tenant=heard.key.tenant,
            received_at=heard.received_at,
            keys=frozenset(customer.keys),
            talks=frozenset({customer.talk} if customer.talk else ()),
            topic=heard.item.topic,
            touchpoint=heard.item.touchpoint,
        )

    def joined(self, one: Classified) -> "Known":
        """The case with this feedback: known by its keys as well, and worked on again."""
        customer = one.feedback.customer
        return replace(
            self,
            keys=self.keys.union(customer.keys),
            talks=self.talks.union({customer.talk} if customer.talk else ()),
            over_at=None,
        )


@dataclass(slots=True)
class Grouped:
    """`opening` start a case each; `joining` go to the case of that id."""

    opening: list[Classified] = field(default_factory=list)
    joining: list[tuple[str, Classified]] = field(default_factory=list)


def group(found: Iterable[Classified], known: Iterable[Known], within: timedelta) -> Grouped:
    """Give each feedback its case, the oldest first, as if each came alone: a case is known by what
    has joined it.

    Args:
        known: cases that share a key with some of them.
        within: how long after the end of a case a like matter reopens it.
    """
    cases = _Cases(known)
    result = Grouped()
    for one in sorted(found, key=lambda one: (one.feedback.received_at, one.key.id)):
        near = cases.sharing(one.feedback.customer.keys)
        alike = [case for case in near if _same_matter(one, case, within)]
        if alike:
            # One that is worked on goes before one that is over, the newest end before older ones.
            alike.sort(key=lambda case: (case.received_at, case.case_id))
            best = max(alike, key=lambda case: (case.over_at is None, case.over_at or _NEVER))
            result.joining.append((best.case_id, one))
            cases.put(best.joined(one))
        else:
            result.opening.append(one)
            cases.put(Known.opened(one))
    return result


class _Cases:
    """Cases by their keys: each feedback of a batch is near to few of the others."""

    def __init__(self, known: Iterable[Known]) -> None:
        self._cases: dict[str, Known] = {}
        self._ids: dict[str, set[str]] = defaultdict(set)
        for case in known:
            self.put(case)

    def put(self, case: Known) -> None:
        """Add a case, or take it in the place of what it was."""
        for key in case.keys:
            self._ids[key].add(case.case_id)
        self._cases[case.case_id] = case

    def sharing(self, keys: Iterable[str]) -> Iterator[Known]:
        """Those that have one of the keys."""
        ids = {case_id for key in keys for case_id in self._ids.get(key, ())}
        return (self._cases[case_id] for case_id in ids)


_NEVER = datetime.min.replace(tzinfo=UTC)


def _same_matter(one: Classified, case: Known, within: timedelta) -> bool:
    heard, customer = one.feedback, one.feedback.customer
    if heard.key.tenant != case.tenant:
        return False
    if case.over_at is not None and heard.received_at > case.over_at + within:
        return False
    if customer.talk is not None and customer.talk in case.talks:
        return True
    if customer.anonymous:
        return False
    people = frozenset(customer.keys) - {customer.talk}
    return (
        not people.isdisjoint(case.keys - case.talks)
        and heard.item.topic == case.topic
        and heard.item.touchpoint == case.touchpoint
    )

"""Two cases that become one, and one that becomes two (docs/alerting.md, States)."""

from tests.integration.alerting.year.oracle.case import BEFORE_LANDING, OVER, Case
from tests.integration.alerting.year.oracle.rules import Book
from tests.integration.alerting.year.scene import Item


def merge(gone: Case, into: Case, book: Book, count: int, now: int) -> bool:
    """Whether it may be: nobody waits longer by it.

    Args:
        count: of the items on the case that goes.
    """
    if into is gone or into.state in OVER or gone.state not in BEFORE_LANDING:
        return False
    theirs, ours = gone.latest("respond"), into.latest("respond")
    if theirs is not None and theirs.open:
        if ours is None or ours.ended is not None or (ours.open and ours.due > theirs.due):
            return False
        if ours.fulfilled_at is not None and ours.fulfilled_at <= theirs.start:
            ruled = book.rule_of_today(gone.ruled, gone.item.received_at, now)
            into.note("clock_started", now, "respond")
            into.start("respond", ruled.terms["respond"], theirs.start, now)
    for _ in range(count):
        into.note("feedback_linked", now)
    gone.note("merged", now)
    gone.move("merged", now)
    gone.end("merged", now)
    gone.merged_into = into.item.id
    into.shared[gone.item.id] = (gone.item.received_at, set(gone.keys))
    return True


def unmerge(case: Case, into: Case, now: int) -> None:
    """Its clocks have run on, as if it had never been merged."""
    case.note("unmerged", now)
    case.merged_into = None
    into.shared.pop(case.item.id, None)
    for run in case.runs:
        if run.ended == "merged":
            run.ended = None
    back, case.back_to, case.over_at = case.back_to or "new", None, None
    case.move(back, now)


def split(case: Case, item: Item, colour: str, book: Book, now: int) -> Case:
    """The case of the item, whose clocks count from when it was received."""
    case.note("split", now)
    ruled = book.rule_of_today(case.ruled, item.received_at, now)
    child = Case(item, colour, ruled, case.topic, case.late, case.touchpoint)
    child.own |= case.keys
    child.note("opened", now)
    for metric, terms in ruled.terms.items():
        child.start(metric, terms, item.received_at, now)
    return child

"""What becomes of the items of one household: which case each is on, and what that case hears.

Written from docs/alerting.md, From an item to a case. It handles what it is given in its order;
looks.py lets the time pass between.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from tests.integration.alerting.year.oracle import acts, pairs
from tests.integration.alerting.year.oracle.case import OVER, SETTLED, Case, Ruled
from tests.integration.alerting.year.oracle.clock import Run
from tests.integration.alerting.year.oracle.rules import Book, Labels
from tests.integration.alerting.year.scene import (
    MINUTE,
    Act,
    Happening,
    Heard,
    Item,
    Met,
    Understood,
)

PATIENCE = 15 * MINUTE


@dataclass(slots=True)
class Link:
    """An item on a case; without labels it is not `classified`."""

    item: Item
    case: Case
    colour: str
    classified: bool


@dataclass(slots=True)
class Household:
    """Its tenant's book, and what is known so far; a case has the id of the item that opened it."""

    book: Book
    cases: dict[str, Case] = field(default_factory=dict)
    links: dict[str, Link] = field(default_factory=dict)
    watched: dict[str, Item] = field(default_factory=dict)
    understood: set[str] = field(default_factory=set)
    contacts: dict[str, Met] = field(default_factory=dict)
    answers: dict[str, str] = field(default_factory=dict)

    def take(self, records: Sequence[Happening], now: int) -> None:
        """What comes in one batch: all that was understood, then what still waits for labels."""
        labelled: dict[str, Understood] = {}
        corrections: list[Understood] = []
        for one in records:
            if isinstance(one, Met) and one.answers:
                self.contacts[one.id] = one
            elif isinstance(one, Understood) and (one.corrected or not one.item.backfill):
                corrections += [one] if one.corrected else []
                before = labelled.get(one.item.id)
                if before is None or before.colour != "red":
                    labelled[one.item.id] = one
        self.understood.update(labelled)
        self._classify(list(labelled.values()), now)
        for one in corrections:
            if one.item.id in self.links:
                self.links[one.item.id].case.note("corrected", one.at)
        for name in labelled:
            self.watched.pop(name, None)
        for one in records:
            known = isinstance(one, Heard) and (
                one.item.id in self.understood or one.item.id in self.links
            )
            if isinstance(one, Heard) and not known and not one.item.backfill:
                self.watched.setdefault(one.item.id, one.item)
        self.match()

    def give_up(self, now: int) -> None:
        """Items whose labels did not come in time are cases without a light."""
        late = [one for one in self.watched.values() if one.received_at + PATIENCE <= now]
        for item in late:
            del self.watched[item.id]
        self._place([(item, Labels(None, item.tier, None)) for item in late], now)
        self.match()

    def match(self) -> None:
        """A person's contact fulfils what waits for it, whichever of them came first."""
        for case in self.cases.values():
            for run in case.runs:
                found = self._first_contact(case, run)
                if found is not None:
                    run.fulfil(found.occurred_at, f"interaction:crm:{found.id}")
                    case.note("responded", found.occurred_at, run.metric)

    def act(self, act: Act) -> None:
        """A request, with the answer that it must get."""
        link = self.links.get(act.item)
        self.answers[act.id] = acts.NO_CASE if link is None else self._act(link.case, act)
        self.match()

    def _act(self, case: Case, act: Act) -> str:
        doings = {"merge": self._merge, "unmerge": self._unmerge, "split": self._split}
        if act.do in doings:
            return doings[act.do](case, act)
        if act.do != "reopen":
            return acts.taken(case, act)
        if not acts.may_reopen(case):
            return acts.REFUSED
        case.reopen(self.book.rule_of_today(case.ruled, act.at, act.at), act.at, act.at)
        return acts.DONE

    def _merge(self, gone: Case, act: Act) -> str:
        link = self.links.get(act.other or "")
        if link is None:
            return acts.NO_CASE
        count = sum(one.case is gone for one in self.links.values())
        done = pairs.merge(gone, link.case, self.book, count, act.at)
        return acts.DONE if done else acts.REFUSED

    def _unmerge(self, case: Case, act: Act) -> str:
        if case.state != "merged":
            return acts.REFUSED
        pairs.unmerge(case, self.cases[case.merged_into or ""], act.at)
        return acts.DONE

    def _split(self, case: Case, act: Act) -> str:
        """One item of several becomes a case of its own; not that which opened the case."""
        link = self.links.get(act.other or "")
        several = sum(one.case is case for one in self.links.values()) > 1
        there = link is not None and link.case is case and case.item.id != act.other
        if link is None or not there or not several or case.state in OVER:
            return acts.REFUSED
        link.case = pairs.split(case, link.item, link.colour, self.book, act.at)
        self.cases[link.item.id] = link.case
        return acts.DONE

    def _first_contact(self, case: Case, run: Run) -> Met | None:
        if run.metric not in ("respond", "next_reply") or not run.open:
            return None
        fitting = [
            one
            for one in self.contacts.values()
            if one.occurred_at > run.start and case.found_by(_keys(one), one.occurred_at)
        ]
        return min(fitting, key=lambda one: (one.occurred_at, one.id), default=None)

    def _classify(self, found: list[Understood], now: int) -> None:
        news = []
        linked = dict(self.links)
        for one in found:
            link = linked.get(one.item.id)
            if link is None:
                news.append((one.item, Labels.of(one)))
            elif not link.classified or (one.colour == "red" and link.colour != "red"):
                first, link.classified, link.colour = not link.classified, True, one.colour
                self._relight(link.case, one, now, first=first)
        self._place(news, now)

    def _relight(self, case: Case, one: Understood, now: int, *, first: bool) -> None:
        """An item of the case has a light that it had not before."""
        red, received_at = one.colour == "red", one.item.received_at
        ruled = self.book.rule(Labels.of(one), received_at, now)
        case = self._worked_on(case)
        if case.state in SETTLED:
            if red:
                self._reopen(case, one.item, one.colour, ruled, now)
            return
        if first and case.colour == "grey" and (red or not self._waits_for_labels(case)):
            self._first_light(case, one, ruled, now)
        elif red and case.colour != "red":
            since = received_at if first else now
            ruled = self.book.rule(Labels.of(one), since, now)
            case.relight("red", ruled, since, now)
            case.tell("case.severity_changed", now, ruled.rule.notify)
        elif first and case.colour == "grey" and ruled.rule.clocks:
            case.relight(one.colour, ruled, received_at, now)
        else:
            case.note("feedback_linked", now)
            if first:
                self._asked_again(case, one.colour, ruled, received_at, now)

    def _waits_for_labels(self, case: Case) -> bool:
        """Whether anything else on it has none, or on what went into it: then nothing is taken
        away."""
        return any(
            not link.classified
            for link in self.links.values()
            if self._worked_on(link.case) is case
        )

    def _worked_on(self, case: Case) -> Case:
        """Where the matter of a case is worked on: there, or where it went."""
        while case.merged_into is not None:
            case = self.cases[case.merged_into]
        return case

    def _first_light(self, case: Case, one: Understood, ruled: Ruled, now: int) -> None:
        case.relight(one.colour, ruled, one.item.received_at, now)
        if one.colour == "red":
            case.tell("case.severity_changed", now, ruled.rule.notify)
        for run in case.runs:
            if run.metric not in ruled.terms:
                run.end("not_needed", now)
        if not ruled.rule.clocks:
            case.dismiss(now)

    def _place(self, found: list[tuple[Item, Labels]], now: int) -> None:
        """Each on the case of its matter, the oldest first, or on one of its own."""
        ruled = {item.id: self.book.rule(labels, item.received_at, now) for item, labels in found}
        wanted = [pair for pair in found if ruled[pair[0].id].rule.clocks]
        for item, labels in sorted(wanted, key=lambda pair: (pair[0].received_at, pair[0].id)):
            if item.id in self.links:
                continue
            case = self._alike(item, labels.topic, now)
            if case is None:
                case = self._open(item, labels, ruled[item.id], now)
            else:
                self._join(case, item, labels.colour, ruled[item.id], now)
            classified = labels.colour is not None
            self.links[item.id] = Link(item, case, labels.colour or "grey", classified)
            case.own |= _keys(item)

    def _alike(self, item: Item, topic: str | None, now: int) -> Case | None:
        """One that is worked on goes before one that is over, the older before the younger; of
        those that are over, the last to end."""
        within = self.book.policy(now).regroup_within
        known = [
            case
            for case in self.cases.values()
            if case.state != "merged"
            and (case.over_at is None or item.received_at <= case.over_at + within)
            and _same_matter(item, topic, case)
        ]
        known.sort(key=lambda case: (case.item.received_at, case.item.id))
        working = [case for case in known if case.over_at is None]
        return working[0] if working else max(known, key=lambda one: one.over_at or 0, default=None)

    def _open(self, item: Item, labels: Labels, ruled: Ruled, now: int) -> Case:
        late = item.received_at - item.occurred_at > ruled.policy.late_after
        case = Case(item, labels.colour or "grey", ruled, labels.topic, late, item.touchpoint)
        self.cases[item.id] = case
        case.note("opened", now)
        case.tell("case.opened", now, ruled.rule.notify)
        for metric, terms in ruled.terms.items():
            case.start(metric, terms, item.received_at, now)
        return case

    def _join(self, case: Case, item: Item, colour: str | None, ruled: Ruled, now: int) -> None:
        if case.state in SETTLED:
            self._reopen(case, item, colour or "grey", ruled, now)
            return
        case.note("feedback_linked", now)
        if colour == "red" and case.colour != "red":
            case.relight("red", ruled, item.received_at, now)
            case.tell("case.severity_changed", now, ruled.rule.notify)
        else:
            self._asked_again(case, colour, ruled, item.received_at, now)

    def _asked_again(
        self, case: Case, colour: str | None, ruled: Ruled, received_at: int, now: int
    ) -> None:
        if colour == "red":
            self._again(case, ruled, "respond", received_at, now)
        self._again(case, ruled, "next_reply", received_at, now)

    def _again(self, case: Case, ruled: Ruled, metric: str, received_at: int, now: int) -> None:
        """What was said after the last answer waits for an answer of its own."""
        for name, terms in ruled.terms.items():
            last = case.latest(name)
            fulfilled = None if last is None else last.fulfilled_at
            if name == metric and fulfilled is not None and received_at > fulfilled:
                case.note("clock_started", now, name)
                case.start(name, terms, received_at, now)

    def _reopen(self, case: Case, item: Item, colour: str, ruled: Ruled, now: int) -> None:
        if colour == "red" or case.colour != "red":
            case.colour = colour
        since = max(item.received_at, case.over_at or item.received_at)
        case.reopen(ruled, since, now)


def _keys(one: Item | Met) -> set[str]:
    talk = {f"talk:{one.conversation}"} if one.conversation else set()
    return talk | {f"person:{name}" for name in one.people}


def _same_matter(item: Item, topic: str | None, case: Case) -> bool:
    """One conversation is one matter; beyond it the same person, topic and touchpoint."""
    if item.conversation and f"talk:{item.conversation}" in case.keys:
        return True
    people = {f"person:{name}" for name in item.people}
    same = (topic, item.touchpoint) == (case.topic, case.touchpoint)
    return same and not people.isdisjoint(case.keys)

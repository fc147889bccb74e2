"""The third contact on one matter. Pure.

First contact resolution counts a contact as repeated when it comes on the same matter within seven
days; a matter is a topic here, and what is said in one session is one contact.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import timedelta

from heedful.common.contracts import Colour, SignalKind
from heedful.journey.lifecycle.events import Happened
from heedful.journey.lifecycle.lifecycle_file import SignalEntry
from heedful.journey.lifecycle.sessions import Session
from heedful.journey.signals.sign import Sign


def repeated(sessions: Iterable[Session], entry: SignalEntry) -> list[Sign]:
    """One sign for each event that is the last straw of one or several topics."""
    runs = [
        (topic, run)
        for topic, contacts in _contacts(sessions).items()
        for run in _runs(contacts, timedelta(days=entry.contact_days))
        if len(run) >= entry.contacts
    ]
    by_trigger: dict[Happened, dict[str, Sequence[Happened]]] = defaultdict(dict)
    for topic, run in runs:
        by_trigger[run[entry.contacts - 1]][topic] = run
    return [_sign(trigger, own, entry) for trigger, own in by_trigger.items()]


def _contacts(sessions: Iterable[Session]) -> dict[str, list[Happened]]:
    """The first trouble of each session with each topic."""
    found: dict[str, list[Happened]] = defaultdict(list)
    for session in sessions:
        seen: set[str] = set()
        for event in session.events:
            if event.trouble:
                for topic in event.topics:
                    if topic not in seen:
                        seen.add(topic)
                        found[topic].append(event)
    return found


def _runs(contacts: Sequence[Happened], within: timedelta) -> list[list[Happened]]:
    """Contacts of which each comes soon after the one before."""
    runs: list[list[Happened]] = []
    for event in contacts:
        if runs and event.occurred_at - runs[-1][-1].occurred_at <= within:
            runs[-1].append(event)
        else:
            runs.append([event])
    return runs


def _sign(trigger: Happened, runs: dict[str, Sequence[Happened]], entry: SignalEntry) -> Sign:
    firsts = {event.key: event for run in runs.values() for event in run[: entry.contacts]}
    evidence = sorted(firsts.values(), key=lambda one: (one.occurred_at, one.received_at, one.key))
    days = max(1, (trigger.occurred_at - evidence[0].occurred_at).days)
    topics = ", ".join(sorted(runs))[:200]
    return Sign(
        kind=SignalKind.REPEATED_CONTACT,
        at=trigger.received_at,
        colour=Colour.RED,
        confidence=None,
        summary_zh=f"{days} 天内第 {entry.contacts} 次为同一问题联系：{topics}",
        summary_en=f"Contact {entry.contacts} on the same matter within {days} days: {topics}",
        trigger=trigger,
        evidence=tuple(evidence),
        matters={topic: tuple(event.key for event in run) for topic, run in sorted(runs.items())},
        live=trigger.live,
    )

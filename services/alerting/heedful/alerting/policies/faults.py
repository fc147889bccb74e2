"""What is wrong with a policy that only its tenant's calendars can tell. Pure."""

from collections.abc import Iterator, Mapping
from datetime import timedelta

from heedful.alerting.calendars import Calendar
from heedful.alerting.calendars.faults import Fault, refused_target
from heedful.alerting.policies.document import Ladder, PolicyDocument


def faults(policy: PolicyDocument, calendars: Mapping[str, Calendar]) -> list[Fault]:
    """All that is wrong; empty: clocks can be started by it.

    Args:
        calendars: those that are active, by name.
    """
    return list(_found(policy, calendars))


def _found(policy: PolicyDocument, calendars: Mapping[str, Calendar]) -> Iterator[Fault]:
    names = ", ".join(sorted(calendars))
    if policy.notify_calendar not in calendars:
        yield Fault("notify_calendar", f"there is no active calendar of this name; use {names}")
    for place, rule in enumerate(policy.rules):
        for metric, terms in rule.clocks.items():
            at = f"rules.{place}.clocks.{metric}"
            calendar = calendars.get(terms.calendar)
            if calendar is None:
                message = f"there is no active calendar of this name; use {names}"
                yield Fault(f"{at}.calendar", message)
            elif (refused := refused_target(calendar, terms.target)) is not None:
                yield Fault(f"{at}.target", refused)
            elif terms.enforced:
                yield from _beyond(f"{at}.target", calendar, terms.target, policy.ladder_of(rule))


def _beyond(at: str, calendar: Calendar, target: timedelta, ladder: Ladder) -> Iterator[Fault]:
    last = max(ladder.rungs, key=lambda one: one.spent(target))
    refused = refused_target(calendar, last.spent(target))
    if refused is not None:
        yield Fault(at, f"{refused}, or give the step {last.name} a smaller percentage")

"""What is wrong with a policy that only its tenant's calendars can tell. Pure."""

from collections.abc import Iterator, Mapping

from heedful.alerting.calendars import Calendar
from heedful.alerting.calendars.faults import Fault, refused_target
from heedful.alerting.policies.document import PolicyDocument


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

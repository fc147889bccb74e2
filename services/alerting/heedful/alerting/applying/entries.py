"""What the audit says of applications. Pure."""

from heedful.alerting.applying.store import Application, EndedBy
from heedful.alerting.audit import Entry, Subject
from heedful.alerting.case import SERVICE


def ordered(held: Application) -> Entry:
    """Somebody applies a version to clocks that run."""
    after = {"ref": held.subject.ref, "application": held.id, "calendars": dict(held.calendars)}
    return Entry(
        tenant=held.tenant,
        actor=held.actor,
        action=f"{held.subject.kind}.application_ordered",
        subject=_subject(held),
        after=after,
    )


def ended(held: Application, how: EndedBy) -> Entry:
    """It is over, with what came of it."""
    after = {"ref": held.subject.ref, "application": held.id, "ended": how.value}
    return Entry(
        tenant=held.tenant,
        actor=SERVICE,
        action=f"{held.subject.kind}.application_ended",
        subject=_subject(held),
        after={**after, **held.summary.written()},
    )


def _subject(held: Application) -> Subject:
    return Subject(held.subject.kind.value, held.subject.name)

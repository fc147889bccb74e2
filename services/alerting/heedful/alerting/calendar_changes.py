"""What the audit says of a change of calendars. Pure."""

from heedful.alerting.audit import Entry, Subject
from heedful.alerting.store_calendars import Activation, Version
from heedful.common.contracts import Actor


def put(actor: Actor, made: Version) -> Entry:
    """A version was made. The one before it stands in its own entry."""
    public = made.calendar.public
    return Entry(
        tenant=made.tenant,
        actor=actor,
        action="calendar.put",
        subject=Subject("calendar", made.name),
        after={
            "version": made.version,
            "document": made.kept.document.model_dump(mode="json"),
            "holidays_known_through": None if public is None else public.known_through,
            "note": made.note,
        },
    )


def activated(actor: Actor, before: Activation | None, version: Version) -> Entry:
    """Clocks are started under another version."""
    return Entry(
        tenant=version.tenant,
        actor=actor,
        action="calendar.activated",
        subject=Subject("calendar", version.name),
        before=None if before is None else {"version": before.version},
        after={"version": version.version},
    )

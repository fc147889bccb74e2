"""What the audit says of a change of a member. Pure.

The chain cannot be changed, and members leave. So it holds where somebody stands and when they are
away, on which hangs who was told; of names and addresses it says that they changed, and no value.
"""

from typing import Any, Final

from heedful.alerting.audit import Entry, Subject
from heedful.alerting.people.directory import Change
from heedful.alerting.people.member import Member
from heedful.common.contracts import Actor

_PERSONAL: Final = ("name", "handles", "email")


def entry(tenant: str, by: Actor, change: Change) -> Entry:
    """One change of a tenant's member, who is there before it, after it, or both."""
    before, after = change.before, change.after
    member = after or before
    if member is None:
        raise ValueError("a change is of a member")
    done = "created" if before is None else "removed" if after is None else "changed"
    return Entry(
        tenant=tenant,
        actor=by,
        action=f"member.{done}",
        subject=Subject("member", member.id),
        before=None if before is None else _told(before),
        after=None if after is None else {**_told(after), "personal": _personal(before, after)},
    )


def _told(member: Member) -> dict[str, Any]:
    return {
        "position": member.position.value,
        "teams": list(member.teams),
        "deputy": member.deputy,
        "absences": [
            {"from": one.since.isoformat(), "until": one.until and one.until.isoformat()}
            for one in member.absences
        ],
    }


def _personal(before: Member | None, after: Member) -> list[str]:
    """Which of their personal fields are not as they were."""
    if before is None:
        return [name for name in _PERSONAL if getattr(after, name)]
    return [name for name in _PERSONAL if getattr(before, name) != getattr(after, name)]

"""Changes of a tenant's members: what may be stored, and what a sync with a directory does."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from heedful.alerting.people import store
from heedful.alerting.people.member import Absence, Member, without_deputy
from heedful.common.errors import HeedfulError

MAX_MEMBERS = 5000


class UnknownDeputy(HeedfulError):
    """A deputy is no other member of the tenant. `members` have such a one."""

    def __init__(self, members: Sequence[str]) -> None:
        super().__init__(f"{len(members)} members have a deputy who is no other member")
        self.members = members


class TooManyMembers(HeedfulError):
    """The tenant would have more than `MAX_MEMBERS`."""


@dataclass(frozen=True, slots=True)
class Given:
    """A member as somebody gives it. No absences: those that are stored stay."""

    member: Member
    keeps_absences: bool

    def over(self, stored: Member | None) -> Member:
        """The member as it is to be stored."""
        if stored is None or not self.keeps_absences:
            return self.member
        return replace(self.member, absences=stored.absences)


@dataclass(frozen=True, slots=True)
class Change:
    """A member before and after; None where there is none."""

    before: Member | None
    after: Member | None


@dataclass(frozen=True, slots=True)
class Plan:
    """What a sync does."""

    changes: Sequence[Change]
    unchanged: int

    @property
    def created(self) -> int:
        return sum(one.before is None for one in self.changes)

    @property
    def removed(self) -> int:
        return sum(one.after is None for one in self.changes)

    @property
    def updated(self) -> int:
        return len(self.changes) - self.created - self.removed


def planned(stored: Mapping[str, Member], given: Sequence[Given], *, remove_missing: bool) -> Plan:
    """What must change so that the members given are as given. Pure.

    Args:
        remove_missing: those who are stored and not given go.

    Raises:
        UnknownDeputy, TooManyMembers: nothing may change.
    """
    wanted = {one.member.id: one.over(stored.get(one.member.id)) for one in given}
    kept = {} if remove_missing else stored
    after = {**kept, **wanted}
    gone = [one for name, one in stored.items() if name not in after]
    wrong = without_deputy(list(after.values()))
    if wrong:
        raise UnknownDeputy(wrong)
    if len(after) > MAX_MEMBERS:
        raise TooManyMembers(f"a tenant has at most {MAX_MEMBERS} members")
    changed = [
        Change(stored.get(name), one) for name, one in wanted.items() if stored.get(name) != one
    ]
    removed = [Change(one, None) for one in gone]
    return Plan([*changed, *removed], len(wanted) - len(changed))


async def sync(
    connection: AsyncConnection,
    now: datetime,
    tenant: str,
    given: Sequence[Given],
    *,
    remove_missing: bool = False,
) -> Plan:
    """Make the members given be as given.

    Raises:
        UnknownDeputy, TooManyMembers: nothing was written.
    """
    await store.lock(connection, tenant)
    stored = {one.id: one for one in (await store.of_tenants(connection, [tenant]))[tenant]}
    plan = planned(stored, given, remove_missing=remove_missing)
    await store.put(connection, now, tenant, [one.after for one in plan.changes if one.after])
    gone = [one.before.id for one in plan.changes if one.before and one.after is None]
    await store.delete(connection, tenant, gone)
    return plan


async def remove(connection: AsyncConnection, tenant: str, member_id: str) -> Change | None:
    """Remove a member; None when there is no such one."""
    await store.lock(connection, tenant)
    stored = await store.get(connection, tenant, member_id)
    if stored is None:
        return None
    await store.delete(connection, tenant, [member_id])
    return Change(stored, None)


async def set_absences(
    connection: AsyncConnection,
    now: datetime,
    tenant: str,
    member_id: str,
    absences: Sequence[Absence],
) -> Change | None:
    """When a member is away; None when there is no such one."""
    await store.lock(connection, tenant)
    stored = await store.get(connection, tenant, member_id)
    if stored is None:
        return None
    after = replace(stored, absences=tuple(absences))
    await store.put(connection, now, tenant, [after])
    return Change(stored, after)

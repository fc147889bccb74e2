"""By what the cases of a transaction are measured: policies and calendars, each in its version."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from heedful.alerting import store_calendars
from heedful.alerting.calendars import ALWAYS, Calendar
from heedful.alerting.clocks import Calendars, Terms
from heedful.alerting.ladder import Pace
from heedful.alerting.policies import builtin, store
from heedful.alerting.policies.document import PolicyDocument, Rule
from heedful.alerting.records import StoredCase

_KEPT = 1000
"""Versions that are remembered; they never change."""

Version = tuple[str, str]
"""Tenant and ref."""


@dataclass(frozen=True, slots=True)
class Active:
    """What holds for a tenant now. `named` are its calendars by their names."""

    ref: str
    policy: PolicyDocument
    named: Mapping[str, Calendar]

    def terms(self, rule: Rule, received_at: datetime) -> tuple[Terms, ...]:
        """What the clocks of an item under this rule are measured by."""
        since = self.policy.enforce_from
        enforced = since is None or received_at >= since
        return tuple(
            Terms(
                metric=metric,
                target=terms.target,
                calendar=self.named[terms.calendar].ref,
                pauses=terms.pauses,
                enforced=terms.enforced and enforced,
            )
            for metric, terms in rule.clocks.items()
        )


@dataclass(frozen=True, slots=True)
class Book:
    """Everything that the cases of a transaction need."""

    active: Mapping[str, Active]
    policies: Mapping[Version, PolicyDocument]
    calendars: Mapping[str, Calendars]
    _paces: dict[tuple[str, str | None, str | None], Pace] = field(
        default_factory=dict, init=False, compare=False, repr=False
    )

    def policy(self, stored: StoredCase) -> PolicyDocument:
        """The version that the case is measured by."""
        found = self.policies.get((stored.tenant, stored.case.policy or ""))
        return self.active[stored.tenant].policy if found is None else found

    def rule(self, stored: StoredCase) -> Rule:
        policy = self.policy(stored)
        return policy.rule(stored.case.rule or "") or policy.rules[-1]

    def rule_now(self, stored: StoredCase) -> Rule:
        """The rule of that name in the policy of today, for clocks that start now."""
        return self.active[stored.tenant].policy.rule(stored.case.rule or "") or self.rule(stored)

    def pace(self, stored: StoredCase) -> Pace:
        """How the case climbs; working hours are those of today."""
        of = stored.tenant, stored.case.policy, stored.case.rule
        if of not in self._paces:
            named = self.active[stored.tenant].named
            self._paces[of] = pace_of(self.policy(stored), self.rule(stored), named)
        return self._paces[of]


def pace_of(policy: PolicyDocument, rule: Rule, named: Mapping[str, Calendar]) -> Pace:
    """How a case under this rule climbs.

    Args:
        named: the tenant's calendars by name.
    """
    hours = named.get(policy.notify_calendar)
    free = rule.urgent or hours is None or hours.always
    return Pace(policy.ladder_of(rule), None if free else hours)


class Rulebook:
    """Reads what is active, and remembers versions.

    Args:
        default: the policy of tenants without one.
    """

    def __init__(self, default: PolicyDocument) -> None:
        self.default = default
        self._policies: dict[Version, PolicyDocument] = {}

    async def active(
        self, connection: AsyncConnection, tenants: Collection[str]
    ) -> dict[str, Active]:
        """What holds for these tenants at this moment."""
        versions = await store.active_versions(connection, tenants)
        named = await store_calendars.active(connection, tenants)
        found = {}
        for tenant in tenants:
            calendars = {ALWAYS.name: ALWAYS, **named.get(tenant, {})}
            version = versions.get(tenant)
            if version is None:
                found[tenant] = Active(builtin.REF, self.default, calendars)
            else:
                ref = store.ref_of(version)
                document = await self._document(connection, tenant, ref)
                found[tenant] = Active(ref, document, calendars)
        return found

    async def book(
        self,
        connection: AsyncConnection,
        cases: Iterable[StoredCase],
        active: Mapping[str, Active] | None = None,
    ) -> Book:
        """What these cases are measured by, and what is active for their tenants.

        Args:
            active: if that is known already.
        """
        known = list(cases)
        if active is None:
            active = await self.active(connection, {one.tenant for one in known})
        wanted = {(one.tenant, clock.terms.calendar) for one in known for clock in one.case.clocks}
        pinned = await store_calendars.versions(connection, wanted)
        policies = await self._policies_of(connection, known)
        calendars: dict[str, dict[str, Calendar]] = {
            tenant: {one.ref: one for one in held.named.values()} for tenant, held in active.items()
        }
        for (tenant, ref), calendar in pinned.items():
            calendars[tenant][ref] = calendar
        return Book(active, policies, calendars)

    async def _policies_of(
        self, connection: AsyncConnection, cases: Iterable[StoredCase]
    ) -> dict[Version, PolicyDocument]:
        """The versions that these cases are measured by; each is read once."""
        found = {}
        wanted = {(one.tenant, one.case.policy) for one in cases if one.case.policy}
        for tenant, ref in sorted(wanted):
            found[tenant, ref] = await self._document(connection, tenant, ref)
        return found

    async def _document(self, connection: AsyncConnection, tenant: str, ref: str) -> PolicyDocument:
        """A version; it is read and checked once, for it never changes."""
        known = self._policies.get((tenant, ref))
        if known is not None:
            return known
        version = store.version_of(ref)
        if version is None:
            return self.default
        read = await store.get(connection, tenant, version)
        document = self.default if read is None else read.document
        self._keep((tenant, ref), document)
        return document

    def _keep(self, version: Version, document: PolicyDocument) -> None:
        if len(self._policies) >= _KEPT and version not in self._policies:
            self._policies.pop(next(iter(self._policies)))
        self._policies[version] = document

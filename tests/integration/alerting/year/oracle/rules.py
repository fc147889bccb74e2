"""What holds for a tenant at a moment, and which rule an item falls under."""

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, replace

from tests.integration.alerting.year.oracle.case import Ruled, Terms
from tests.integration.alerting.year.oracle.hours import WorkingHours, measures
from tests.integration.alerting.year.scene import (
    ALWAYS,
    DAY,
    Activation,
    Metric,
    Policy,
    Rule,
    Tenant,
    Understood,
    Year,
)

_BEFORE, _BEHIND = 40 * DAY, 150 * DAY


@dataclass(frozen=True, slots=True)
class Labels:
    """What a rule looks at; without a colour there are none."""

    colour: str | None
    tier: str | None
    topic: str | None
    needs_response: bool | None = None
    intent: str | None = None

    @classmethod
    def of(cls, one: Understood) -> "Labels":
        return cls(one.colour, one.item.tier, one.item.topic, one.needs_response, one.intent)


class Book:
    """A tenant's policies and calendars, by the time at which they were activated."""

    def __init__(self, tenant: Tenant, hours: Mapping[str, WorkingHours]) -> None:
        self.tenant = tenant
        self._hours = hours
        self._policies = {one.version: one for one in tenant.policies}
        self._offices = {one.ref: one for one in tenant.offices}

    def rule(self, labels: Labels, received_at: int, now: int) -> Ruled:
        """By the first rule that fits, of the policy of now."""
        policy = self.policy(now)
        fitting = next(rule for rule in policy.rules if _fits(rule, labels))
        return self._ruled(policy, fitting, received_at, now)

    def rule_of_today(self, ruled: Ruled, received_at: int, now: int) -> Ruled:
        """The rule of that name in the policy of now; if there is none, as it was."""
        policy = self.policy(now)
        same = [rule for rule in policy.rules if rule.name == ruled.rule.name]
        return self._ruled(policy, same[0] if same else ruled.rule, received_at, now)

    def policy(self, now: int) -> Policy:
        changes = [one for one in self.tenant.activations if one.policy is not None]
        last = _last(changes, now)
        if last is None or last.policy is None:
            return self.tenant.policies[0]
        return self._policies[last.policy]

    def desk(self, ruled: Ruled, now: int) -> WorkingHours | None:
        """When people may be told of a case under this rule; None: at any time."""
        name = ruled.policy.notify_calendar
        if ruled.rule.urgent or name == ALWAYS:
            return None
        return self._hours[self._ref(name, now)]

    def _ruled(self, policy: Policy, rule: Rule, received_at: int, now: int) -> Ruled:
        since = policy.enforce_from
        terms: dict[Metric, Terms] = {}
        for metric, target in rule.clocks.items():
            ref = self._ref(target.calendar, now)
            enforced = target.enforced and (since is None or received_at >= since)
            terms[metric] = Terms(replace(target, enforced=enforced), ref, self._hours[ref])
        return Ruled(policy, rule, terms)

    def _ref(self, name: str, now: int) -> str:
        if name == ALWAYS:
            return "always@1"
        changes = [
            one for one in self.tenant.activations if one.office and one.office.startswith(name)
        ]
        last = _last(changes, now)
        return f"{name}@1" if last is None or last.office is None else last.office


def books(year: Year) -> dict[str, Book]:
    """Of every tenant."""
    since, until = year.start - _BEFORE, year.end + _BEHIND
    return {
        tenant.name: Book(tenant, measures({one.ref: one for one in tenant.offices}, since, until))
        for tenant in year.tenants
    }


def _last(changes: list[Activation], now: int) -> Activation | None:
    ordered = sorted(changes, key=lambda one: one.at)
    place = bisect_right([one.at for one in ordered], now)
    return ordered[place - 1] if place else None


def _fits(rule: Rule, labels: Labels) -> bool:
    return (
        (rule.colours is None or labels.colour in rule.colours)
        and (rule.classified is None or rule.classified == (labels.colour is not None))
        and (rule.tiers is None or labels.tier in rule.tiers)
        and (rule.needs_response is None or rule.needs_response == labels.needs_response)
        and (rule.intents is None or labels.intent in rule.intents)
    )

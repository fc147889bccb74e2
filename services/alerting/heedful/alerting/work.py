"""What people and machines may do to a case, as steps. Pure: time is passed in.

Stands on reference/sla.md §4.2 and on who acts: a machine may work on a case, but it can neither
answer a customer nor dismiss a red light nor approve anything.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import orjson

from heedful.alerting.case import Case, Step
from heedful.alerting.clocks import ANSWERED, Terms
from heedful.alerting.policies.document import Rule
from heedful.alerting.rulebook import Active
from heedful.alerting.states import State
from heedful.common.contracts import Actor, ActorType, CaseEventKind, ClockMetric, Colour
from heedful.common.errors import HeedfulError


class ContactKind(StrEnum):
    CALL = "call"
    MESSAGE = "message"
    EMAIL = "email"
    VISIT = "visit"
    INTERNAL = "internal"


class DismissalReason(StrEnum):
    DUPLICATE = "duplicate"
    NOT_ACTIONABLE = "not_actionable"
    SPAM = "spam"
    TEST = "test"
    WRONG_LIGHT = "wrong_light"
    OTHER = "other"


class Verification(StrEnum):
    """How it was found out that the improvement works."""

    CUSTOMER_CONFIRMED = "customer_confirmed"
    FOLLOW_UP_SCORE = "follow_up_score"
    MEASURED = "measured"


@dataclass(frozen=True, slots=True)
class Why:
    """One answer of the five whys, with what shows it."""

    answer: str
    evidence: str | None = None


class NotAllowed(HeedfulError):
    """Who asks may not do it."""


class NotAnswered(HeedfulError):
    """The customer still waits for a person."""


def acknowledged(now: datetime, actor: Actor, note: str | None) -> list[Step]:
    """Somebody has seen it."""
    return [Step(CaseEventKind.ACKNOWLEDGED, now, actor, note=note)]


def assigned(case: Case, now: datetime, actor: Actor, owner: str) -> list[Step]:
    """It is somebody's; who takes a new case has seen it."""
    steps = [Step(CaseEventKind.ASSIGNED, now, actor, detail={"owner": owner})]
    if case.state is State.NEW and actor.id == owner:
        steps.append(Step(CaseEventKind.ACKNOWLEDGED, now, actor))
    return steps


def claimed(case: Case, now: datetime, actor: Actor) -> list[Step]:
    """Who asks takes it.

    Raises:
        NotAllowed: a machine would take it.
    """
    if actor.type is not ActorType.HUMAN or actor.id is None:
        raise NotAllowed("an API key is a machine and cannot claim; assign the case to a person")
    return assigned(case, now, actor, actor.id)


def noted(now: datetime, actor: Actor, note: str) -> list[Step]:
    """Words for those who work on it; no answer to the customer."""
    return [Step(CaseEventKind.NOTED, now, actor, note=note)]


def contacted(
    case: Case, now: datetime, actor: Actor, kind: ContactKind, at: datetime, note: str | None
) -> list[Step]:
    """A contact, or an attempt at one (§4.3): the first to the customer fulfils what waits for it.

    Raises:
        NotAllowed: a machine asks, or it was before the clock began or has yet to come.
    """
    if actor.type is not ActorType.HUMAN:
        raise NotAllowed(
            "an API key is a machine and cannot answer a customer; send the actor's token with it"
        )
    if at > now:
        raise NotAllowed("at: the contact lies in the future; give the time when it was made")
    detail = {"contact": kind.value}
    waiting = [
        one for one in case.clocks if one.metric in ANSWERED and one.open and at > one.started_at
    ]
    if kind is ContactKind.INTERNAL or not waiting:
        return [Step(CaseEventKind.CONTACTED, at, actor, note=note, detail=detail)]
    return [
        Step(
            kind=CaseEventKind.RESPONDED,
            at=at,
            actor=actor,
            clock=one.metric,
            cycle=one.cycle,
            note=note,
            detail=detail,
        )
        for one in waiting
    ]


def planned(now: datetime, actor: Actor, owner: str, action: str, due: datetime) -> list[Step]:
    """An owner will do something by a date."""
    detail = {"owner": owner, "action": action, "due": due.isoformat()}
    return [Step(CaseEventKind.PLANNED, now, actor, clock=ClockMetric.PLAN, detail=detail)]


def started(now: datetime, actor: Actor, note: str | None) -> list[Step]:
    """The planned action is under way."""
    return [Step(CaseEventKind.STARTED, now, actor, note=note)]


def paused(now: datetime, actor: Actor, state: State, reason: str) -> list[Step]:
    """It waits for somebody else."""
    return [Step(CaseEventKind.PAUSED, now, actor, note=reason, detail={"state": state.value})]


def resumed(now: datetime, actor: Actor, note: str | None) -> list[Step]:
    """The waiting has ended."""
    return [Step(CaseEventKind.RESUMED, now, actor, note=note, detail={"reason": "asked"})]


def landed(
    now: datetime, actor: Actor, root_cause: str, action_taken: str, whys: Sequence[Why]
) -> list[Step]:
    """The improvement is in place."""
    detail = {"root_cause": root_cause, "action_taken": action_taken}
    if whys:
        detail["whys"] = orjson.dumps(whys).decode()
    return [Step(CaseEventKind.LANDED, now, actor, clock=ClockMetric.LAND, detail=detail)]


def verified(now: datetime, actor: Actor, by: Verification, note: str | None) -> list[Step]:
    """It was found to work."""
    return [Step(CaseEventKind.VERIFIED, now, actor, note=note, detail={"method": by.value})]


def closed(case: Case, now: datetime, actor: Actor, note: str | None) -> list[Step]:
    """Nothing is left to do.

    Raises:
        NotAnswered: a respond clock still waits for a person, and closing must not hide that.
    """
    waiting = [one for one in case.clocks if one.metric is ClockMetric.RESPOND and one.open]
    if any(one.terms.enforced for one in waiting):
        raise NotAnswered(
            "no person has contacted the customer; record a contact first, or dismiss the case"
        )
    return [Step(CaseEventKind.CLOSED, now, actor, note=note)]


def dismissed(
    case: Case, now: datetime, actor: Actor, reason: DismissalReason, note: str | None
) -> list[Step]:
    """It is nothing to work on. Of a red light this is a proposal that somebody else approves.

    Raises:
        NotAllowed: a machine would dismiss a red light.
    """
    kind = CaseEventKind.DISMISSED
    if case.colour is Colour.RED:
        if actor.type is not ActorType.HUMAN:
            raise NotAllowed(
                "an API key is a machine and cannot dismiss a red light; send the actor's token"
            )
        kind = CaseEventKind.DISMISSAL_PROPOSED
    return [Step(kind, now, actor, note=note, detail={"reason": reason.value})]


def approved(case: Case, now: datetime, actor: Actor, note: str | None) -> list[Step]:
    """A second person agrees that a red light is dismissed.

    Raises:
        NotAllowed: nobody has proposed it, or the same person or a machine would approve.
    """
    if case.proposed_by is None or case.dismissal is None:
        raise NotAllowed("nobody has proposed to dismiss this case; dismiss it first")
    if actor.type is not ActorType.HUMAN:
        raise NotAllowed("an API key is a machine and cannot approve; send the actor's token")
    if actor.id == case.proposed_by:
        raise NotAllowed("who proposed it cannot approve it; a second person has to")
    detail = {"reason": case.dismissal, "proposed_by": case.proposed_by}
    return [Step(CaseEventKind.DISMISSED, now, actor, note=note, detail=detail)]


def merged(now: datetime, actor: Actor, into: str) -> list[Step]:
    """It is the same matter as another case, which goes on."""
    return [Step(CaseEventKind.MERGED, now, actor, detail={"into": into})]


def unmerged(now: datetime, actor: Actor, note: str | None) -> list[Step]:
    """It is a matter of its own after all; its clocks have run on."""
    return [Step(CaseEventKind.UNMERGED, now, actor, note=note)]


def reopened(
    now: datetime, actor: Actor, active: Active, rule: Rule, note: str | None
) -> list[Step]:
    """It is not settled after all: every clock that has ended runs anew, by the policy of today."""
    return [
        Step(
            kind=CaseEventKind.REOPENED,
            at=now,
            actor=actor,
            note=note,
            terms=active.terms(rule, now),
            detail={"policy": active.ref, "rule": rule.name},
            notify=rule.notify,
        )
    ]


def taken_in(
    survivor: Case, other: Case, now: datetime, actor: Actor, terms: tuple[Terms, ...]
) -> list[Step]:
    """What the surviving case takes over from one that is merged into it.

    Raises:
        NotAllowed: the customer of the other case would wait longer by it.
    """
    steps = []
    theirs = other.latest(ClockMetric.RESPOND)
    if theirs is not None and theirs.open:
        ours = survivor.latest(ClockMetric.RESPOND)
        sooner = ours is not None and ours.open and ours.due_at > theirs.due_at
        if ours is None or ours.ended is not None or sooner:
            raise NotAllowed(
                "the respond clock of this case runs out sooner than that of the other; "
                "merge the other one into this one"
            )
        if ours.fulfilled_at is not None and ours.fulfilled_at <= theirs.started_at:
            steps.append(
                Step(
                    kind=CaseEventKind.CLOCK_STARTED,
                    at=now,
                    actor=actor,
                    clock=ClockMetric.RESPOND,
                    cycle=ours.cycle + 1,
                    terms=tuple(one for one in terms if one.metric is ClockMetric.RESPOND),
                    since=theirs.started_at,
                )
            )
    return steps

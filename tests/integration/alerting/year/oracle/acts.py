"""What a request does to a case, and whether it is refused (docs/alerting.md, States)."""

from collections.abc import Callable
from typing import Final

from tests.integration.alerting.year.oracle.case import BEFORE_LANDING, OVER, SETTLED, WAITING, Case
from tests.integration.alerting.year.scene import Act

DONE: Final = "done"
REFUSED: Final = "refused"
NO_CASE: Final = "no-case"


def taken(case: Case, act: Act) -> str:
    """The answer to a request that is about one case alone."""
    return DONE if _DOINGS[act.do](case, act) else REFUSED


def by(act: Act) -> str:
    return f"{'human' if act.human else 'system'}:{act.who}"


def _acknowledge(case: Case, act: Act) -> bool:
    if case.state != "new":
        return False
    case.note("acknowledged", act.at)
    case.tell("case.acknowledged", act.at)
    case.move("acknowledged", act.at)
    return True


def _claim(case: Case, act: Act) -> bool:
    if not act.human or case.state in OVER:
        return False
    case.note("assigned", act.at)
    _acknowledge(case, act)
    return True


def _plan(case: Case, act: Act) -> bool:
    if case.state != "acknowledged":
        return False
    case.note("planned", act.at, "plan")
    case.move("planned", act.at)
    case.fulfil("plan", act.at, by(act))
    return True


def _start(case: Case, act: Act) -> bool:
    if case.state != "planned":
        return False
    case.note("started", act.at)
    case.move("in_progress", act.at)
    return True


def _wait(case: Case, act: Act) -> bool:
    if case.state not in ("acknowledged", "planned", "in_progress", *WAITING):
        return False
    assert act.state is not None
    case.note("paused", act.at)
    case.move(act.state, act.at)
    return True


def _resume(case: Case, act: Act) -> bool:
    if case.state not in WAITING:
        return False
    case.resume(act.at)
    return True


def _land(case: Case, act: Act) -> bool:
    if case.state not in ("planned", "in_progress"):
        return False
    case.note("landed", act.at, "land")
    case.move("landed", act.at)
    case.fulfil("land", act.at, by(act))
    return True


def _verify(case: Case, act: Act) -> bool:
    if case.state != "landed":
        return False
    case.note("verified", act.at)
    case.move("verified", act.at)
    return True


def _close(case: Case, act: Act) -> bool:
    """Not as long as the customer waits for a person."""
    unanswered = any(
        run.metric == "respond" and run.open and run.target.enforced for run in case.runs
    )
    if unanswered or case.state not in ("landed", "verified"):
        return False
    case.note("closed", act.at)
    case.tell("case.closed", act.at)
    case.move("closed", act.at)
    case.fulfil("next_reply", act.at, by(act))
    return True


def _contact(case: Case, act: Act) -> bool:
    at = act.at if act.when is None else act.when
    if not act.human or at > act.at:
        return False
    waiting = [
        run
        for run in case.runs
        if run.metric in ("respond", "next_reply") and run.open and at > run.start
    ]
    if act.internal or not waiting:
        if case.state in OVER:
            return False
        case.note("contacted", at)
        return True
    for run in waiting:
        case.note("responded", at, run.metric)
        run.fulfil(at, by(act))
    return True


def _dismiss(case: Case, act: Act) -> bool:
    """Of a red light it is a proposal, and only a person's."""
    if case.state not in BEFORE_LANDING or (case.colour == "red" and not act.human):
        return False
    if case.colour == "red":
        case.note("dismissal_proposed", act.at)
        case.proposed_by, case.proposed = act.who, True
    else:
        case.dismiss(act.at)
    return True


def _approve(case: Case, act: Act) -> bool:
    """By a second person."""
    asked = case.proposed and case.proposed_by is not None
    if not asked or not act.human or act.who == case.proposed_by:
        return False
    if case.state not in BEFORE_LANDING:
        return False
    case.dismiss(act.at)
    return True


def _note(case: Case, act: Act) -> bool:
    case.note("noted", act.at)
    return True


def may_reopen(case: Case) -> bool:
    return case.state in SETTLED


_DOINGS: Final[dict[str, Callable[[Case, Act], bool]]] = {
    "acknowledge": _acknowledge,
    "claim": _claim,
    "plan": _plan,
    "start": _start,
    "wait": _wait,
    "resume": _resume,
    "land": _land,
    "verify": _verify,
    "close": _close,
    "contact": _contact,
    "dismiss": _dismiss,
    "approve": _approve,
    "note": _note,
}

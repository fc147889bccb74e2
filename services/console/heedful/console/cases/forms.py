"""What is typed in the forms of a case, as bodies of alerting's API. Pure."""

from collections.abc import Mapping
from datetime import datetime, tzinfo
from typing import Any, Final

from heedful.common.errors import HeedfulError

WHYS: Final = 5
KINDS: Final = ("call", "message", "email", "visit", "internal")
REASONS: Final = ("duplicate", "not_actionable", "spam", "test", "wrong_light", "other")
METHODS: Final = ("customer_confirmed", "follow_up_score", "measured")
MEASURES: Final = ("negative_rate", "mean_sentiment")


class Mistyped(HeedfulError):
    """A field cannot be read. `field`: which."""

    def __init__(self, field: str) -> None:
        super().__init__(f"{field} cannot be read")
        self.field = field


def body(step: str, typed: Mapping[str, str], zone: tzinfo) -> dict[str, Any]:
    """The body of a step; fields that were left empty are left out.

    Args:
        typed: the fields of its form.
        zone: of the times in it.

    Raises:
        Mistyped: a time or a number is none.
    """
    given: dict[str, Any] = {
        name: typed[name].strip() for name in _FIELDS[step] if typed.get(name, "").strip()
    }
    for name in ("at", "due"):
        if name in given:
            given[name] = _time(name, given[name], zone)
    if step == "merge" and "into" in given:
        given["into"] = given["into"].rstrip("/").rpartition("/")[2]
    if step == "split":
        source, _, feedback = typed.get("feedback", "").partition("\n")
        given = {"source": source.strip(), "id": feedback.strip()}
    if step == "land":
        given["whys"] = _whys(typed)
        if typed.get("check"):
            given["verify"] = _fix(typed)
    return given


_FIELDS: Final[Mapping[str, tuple[str, ...]]] = {
    "claim": (),
    "assign": ("owner",),
    "notes": ("note",),
    "contacts": ("kind", "at", "note"),
    "plan": ("owner", "action", "due"),
    "start": ("note",),
    "wait": ("state", "reason"),
    "resume": ("note",),
    "land": ("root_cause", "action_taken"),
    "verify": ("method", "note"),
    "close": ("note",),
    "dismiss": ("reason", "note"),
    "approve-dismissal": ("note",),
    "merge": ("into",),
    "split": (),
    "reopen": ("note",),
    "unmerge": ("note",),
}


def _time(name: str, written: str, zone: tzinfo) -> str:
    try:
        found = datetime.fromisoformat(written)
    except ValueError as error:
        raise Mistyped(name) from error
    return (found if found.tzinfo else found.replace(tzinfo=zone)).isoformat()


def _whys(typed: Mapping[str, str]) -> list[dict[str, str]]:
    found = []
    for number in range(1, WHYS + 1):
        answer = typed.get(f"why_{number}", "").strip()
        shown = typed.get(f"evidence_{number}", "").strip()
        if answer:
            found.append({"answer": answer, **({"evidence": shown} if shown else {})})
    return found


def _fix(typed: Mapping[str, str]) -> dict[str, Any]:
    names = {"topic": "topic", "touchpoint": "touchpoint", "measure": "measure"}
    given: dict[str, Any] = {
        to: typed[name].strip() for name, to in names.items() if typed.get(name, "").strip()
    }
    days = typed.get("after_days", "").strip()
    if days:
        if not (days.isascii() and days.isdigit()):
            raise Mistyped("after_days")
        given["after_days"] = int(days)
    return given

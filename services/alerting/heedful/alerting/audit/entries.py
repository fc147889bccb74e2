"""Administrative changes: who changed what, from what to what. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from heedful.alerting.audit.canonical import JsonObject, moment
from heedful.alerting.audit.links import Content, present
from heedful.common.contracts import Actor

ADMINISTRATION: Final = "administration"
"""Name of the chain of a tenant's administrative changes, among the names of cases."""

WORDS_ERASED: Final = "words.erased"
"""Action of the entry that says why events of a case have no words any more, where the case has no
step that says it."""

_WORDS: Final = ("before", "after")
_APART: Final = frozenset({*_WORDS, "position", "at"})


@dataclass(frozen=True, slots=True)
class Subject:
    """What was changed, e.g. `endpoint` and its id."""

    kind: str
    id: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One change, before it has its place in the chain of its tenant.

    Attributes:
        action: what was done, in the past: `endpoint.created`.
        before, after: JSON objects without secrets, nothing of a customer in them; None where there
            was, or is, nothing.
        request_id: None takes that of the request under way.
    """

    tenant: str
    actor: Actor
    action: str
    subject: Subject
    before: JsonObject | None = None
    after: JsonObject | None = None
    request_id: str | None = None


def content(columns: Mapping[str, Any]) -> Content:
    """What the chain says of a row of `alerting.audit_entry`, without the columns of the chain."""
    facts = {name: value for name, value in columns.items() if name not in _APART}
    facts["at"] = moment(columns["at"])
    return Content(present(facts), present({name: columns[name] for name in _WORDS}))

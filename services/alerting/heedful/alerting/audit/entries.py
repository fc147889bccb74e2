"""What the chain of a tenant's administration says of an entry. Pure."""

from collections.abc import Mapping
from typing import Any, Final

from heedful.alerting.audit.canonical import moment
from heedful.alerting.audit.links import Content, present

ADMINISTRATION: Final = "administration"
"""Name of the chain of a tenant's administrative changes, among the names of cases."""

WORDS_ERASED: Final = "words.erased"
"""Action of the entry that says why events of a case have no words any more, where the case has no
step that says it."""

_WORDS: Final = ("before", "after")
_APART: Final = frozenset({*_WORDS, "position", "at"})


def content(columns: Mapping[str, Any]) -> Content:
    """What the chain says of a row of `alerting.audit_entry`, without the columns of the chain."""
    facts = {name: value for name, value in columns.items() if name not in _APART}
    facts["at"] = moment(columns["at"])
    return Content(present(facts), present({name: columns[name] for name in _WORDS}))

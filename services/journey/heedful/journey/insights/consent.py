"""What customers said about being asked: the newest value of their `consent` attribute. Pure."""

import numpy as np

from heedful.journey.insights.facts import Facts, Flags
from heedful.journey.insights.selecting import newest

CONSENT = "consent"
_GIVEN = frozenset({"yes", "true", "1", "given", "granted", "opt_in", "opt-in", "同意", "是"})
_REFUSED = frozenset(
    {"no", "false", "0", "refused", "withdrawn", "opt_out", "opt-out", "不同意", "拒绝", "否"}
)


def given(facts: Facts) -> Flags:
    """By customer: they agreed to be asked or invited."""
    return _having(facts, _GIVEN)


def refused(facts: Facts) -> Flags:
    """By customer: they do not want to be asked."""
    return _having(facts, _REFUSED)


def _having(facts: Facts, values: frozenset[str]) -> Flags:
    told = facts.attribute(CONSENT)
    meant = [number for number, name in enumerate(told.names) if name.strip().lower() in values]
    found: Flags = np.isin(newest(facts, told), meant)
    return found

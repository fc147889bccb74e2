"""What a policy makes of one signal. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from heedful.alerting.policies.document import PolicyDocument, Rule
from heedful.alerting.policies.matching import Item, match
from heedful.alerting.policies.signals import Effect, SignalRule
from heedful.common.contracts import Colour, SignalKind

KIND: Final = "signal_kind"
_COLOUR: Final = "signal_colour"
_CONFIDENCE: Final = "signal_confidence"
FACTS: Final = frozenset({KIND, _COLOUR, _CONFIDENCE})
"""In the detail of a step that a signal gave rise to: what a policy goes by."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What of a signal a policy goes by, apart from its matter. `confidence`: 0 to 1."""

    kind: SignalKind
    colour: Colour
    confidence: float | None = None

    def written(self) -> dict[str, str]:
        """As the detail of a step has it."""
        sure = {} if self.confidence is None else {_CONFIDENCE: str(self.confidence)}
        return {KIND: self.kind.value, _COLOUR: self.colour.value, **sure}

    @classmethod
    def read(cls, detail: Mapping[str, str]) -> "Facts | None":
        """What `written` wrote; None: no signal gave rise to the step."""
        if KIND not in detail:
            return None
        sure = detail.get(_CONFIDENCE)
        return cls(
            SignalKind(detail[KIND]),
            Colour(detail[_COLOUR]),
            None if sure is None else float(sure),
        )


@dataclass(frozen=True, slots=True)
class Meant:
    """What is to become of a signal.

    Attributes:
        by: the entry of the policy that fits; None: none does.
        light: of the case, and of its `item`.
        item: its matter, in the light and of the department that the policy gives it.
        rule: by which a case of it is measured.
    """

    by: SignalRule | None
    effect: Effect
    light: Colour
    item: Item
    rule: Rule


def judge(policy: PolicyDocument, facts: Facts, item: Item) -> Meant:
    """What the first entry that fits says. A rule without clocks makes no case, so what falls
    under one can only join.

    Args:
        item: the matter of the signal.
    """
    found = (one for one in policy.signals if one.fits(facts.kind, facts.colour, facts.confidence))
    by = next(found, None)
    if by is None:
        return Meant(None, Effect.IGNORE, facts.colour, item, policy.rules[-1])
    # Whoever gives no light all the same wants something to be done.
    light = by.colour or (facts.colour if facts.colour is Colour.RED else Colour.AMBER)
    shown = replace(
        item,
        colour=light.value,
        needs_response=True,
        department=by.department or item.department,
    )
    named = None if by.rule is None else policy.rule(by.rule)
    rule = match(policy, shown) if named is None else named
    opens = by.effect is not Effect.OPEN or bool(rule.clocks)
    return Meant(by, by.effect if opens else Effect.JOIN, light, shown, rule)

"""Whether a text cannot wait: the alarms of the rules and what the encoder heard, put together.

The encoder decides where it has read a text; alone it must have a reason, and a rule that says
the same lowers what it must be sure of. What a rule finds and the encoder does not hear is kept,
doubted or dropped, as the rule says. The reasons are told one by one; the likeliest counts where
none is sure enough.
"""

from collections.abc import Collection, Sequence
from typing import Final

from heedful.common.contracts import Span, Urgency, UrgencyLevel
from heedful.nlp.encoder.hearing import Hearing
from heedful.nlp.encoder.tasks import URGENCIES
from heedful.nlp.evidence import words_at
from heedful.nlp.text import Text
from heedful.nlp.thresholds import Thresholds
from heedful.nlp.urgency import Alarm, Doubted, UrgencyRules

_CERTAIN: Final = 0.95
_DOUBTED: Final = 0.6
_MAX_EVIDENCE: Final = 8
_RED: Final = "red"


class Triage:
    """Pure; `rules` give levels and alarms, `thresholds` how sure the encoder must be."""

    def __init__(self, rules: UrgencyRules, thresholds: Thresholds) -> None:
        self._rules = rules
        self._thresholds = thresholds

    def urgency(self, text: Text, hearing: Hearing | None) -> Urgency | None:
        """What cannot wait in a text; None where nothing is found."""
        alarms = self._rules.find(text)
        if hearing is None:
            return _by_rules(alarms, text)
        sure = [alarm for alarm in alarms if not alarm.doubted]
        kept = {one.code for one in sure if self._rules.unheard(one.code) is Doubted.KEEP}
        heard = self._thresholds.says(_RED, hearing, ruled=bool(sure))
        if kept or (heard and (sure or _reasoned(hearing) >= self._thresholds.reason)):
            return self._heard(sure, kept, hearing, text)
        return self._unheard(alarms, hearing, text)

    def _heard(
        self, sure: Sequence[Alarm], kept: Collection[str], hearing: Hearing, text: Text
    ) -> Urgency:
        ruled = {alarm.code for alarm in sure}
        shares = {code: hearing.flag(code).share for code in URGENCIES}
        holds = self._thresholds.category.holds
        codes = [
            code for code in URGENCIES if code in kept or holds(shares[code], ruled=code in ruled)
        ]
        codes = codes or [max(shares, key=shares.__getitem__)]
        level = {code: self._rules.level(code) for code in codes}
        codes.sort(key=lambda code: (level[code] is not UrgencyLevel.CRITICAL, -shares[code]))
        told = [alarm for alarm in sure if alarm.code in codes]
        silent = [code for code in codes if code not in ruled]
        return Urgency(
            level=level[codes[0]],
            categories=tuple(codes),
            confidence=round(hearing.flag(_RED).share, 4),
            evidence=_unique(
                [
                    *_spans(told, text),
                    *(words_at(text, hearing.flag(code).focus) for code in silent),
                ]
            ),
        )

    def _unheard(self, alarms: Sequence[Alarm], hearing: Hearing, text: Text) -> Urgency | None:
        """A rule alone: to be checked by somebody, where the rule asks for that. One that doubts
        itself must be heard a little."""
        share = hearing.flag(_RED).share
        kept = [
            one
            for one in alarms
            if self._rules.unheard(one.code) is not Doubted.DROP
            and (not one.doubted or share >= self._thresholds.doubt)
        ]
        if not kept:
            return None
        return Urgency(
            level=UrgencyLevel.HIGH,
            categories=tuple(dict.fromkeys(alarm.code for alarm in kept)),
            confidence=round(share, 4),
            evidence=_spans(kept, text),
        )


def _reasoned(hearing: Hearing) -> float:
    """How sure the likeliest reason is."""
    return max(hearing.flag(code).share for code in URGENCIES)


def _by_rules(alarms: Sequence[Alarm], text: Text) -> Urgency | None:
    """One label of all alarms, the worst first; None without evidence."""
    if not alarms:
        return None
    ordered = sorted(alarms, key=lambda one: (one.level is not UrgencyLevel.CRITICAL, one.doubted))
    worst = ordered[0]
    return Urgency(
        level=worst.level,
        categories=tuple(dict.fromkeys(alarm.code for alarm in ordered)),
        confidence=_DOUBTED if worst.doubted else _CERTAIN,
        evidence=_spans(ordered, text),
    )


def _spans(alarms: Sequence[Alarm], text: Text) -> tuple[Span, ...]:
    """The customer's own words behind the alarms, each once."""
    return _unique([text.span(alarm.start, alarm.end) for alarm in alarms])


def _unique(spans: Sequence[Span]) -> tuple[Span, ...]:
    return tuple(dict.fromkeys(spans))[:_MAX_EVIDENCE]

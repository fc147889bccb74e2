"""What the customer needs: asked for, shown by a way round, or given before anybody asked."""

from typing import Final, Literal

from pydantic import Field

from heedful.common.contracts import Intent, IntentLabel, Need, NeedType
from heedful.common.datafiles import DataModel
from heedful.nlp.encoder.hearing import Hearing
from heedful.nlp.encoder.tasks import NEEDS
from heedful.nlp.evidence import words_at
from heedful.nlp.rules import Rule, Rules
from heedful.nlp.text import Text

FILE: Final = "need.yaml"
_SAID: Final = 0.85
_MAX_EVIDENCE: Final = 4
_NONE: Final = NEEDS[0]
_ASKING: Final = (IntentLabel.REQUEST, IntentLabel.INQUIRY, IntentLabel.SUGGESTION)


class NeedRule(Rule):
    code: Literal["explicit", "latent", "delight"]


class NeedFile(DataModel):
    """The rules in the order in which they count."""

    version: str
    words: dict[str, str] = Field(default_factory=dict)
    rules: tuple[NeedRule, ...] = Field(min_length=1)


class NeedRules:
    """The need rules, ready to be matched."""

    def __init__(self, file: NeedFile) -> None:
        self._file = file
        self._rules = Rules(FILE, file.rules, words=file.words)

    def find(
        self, text: Text, intent: Intent | None, hearing: Hearing | None = None
    ) -> Need | None:
        """What the encoder heard, in the words of a rule where one found it too."""
        ruled = self._by_rules(text, intent)
        if hearing is None:
            return ruled
        heard = NEEDS[int(hearing.need.argmax())]
        if heard == _NONE:
            return None
        words = ruled.evidence if ruled and ruled.type == heard else ()
        return Need(
            type=NeedType(heard),
            confidence=round(float(hearing.need.max()), 4),
            evidence=words or (words_at(text, hearing.need_focus),),
        )

    def _by_rules(self, text: Text, intent: Intent | None) -> Need | None:
        """Who asks, asks for something explicit."""
        if intent is not None and intent.label in _ASKING and intent.evidence:
            return Need(
                type=NeedType.EXPLICIT, confidence=intent.confidence, evidence=intent.evidence
            )
        matches = self._rules.find(text)
        if not matches:
            return None
        first = min(match.rule for match in matches)
        told = [match for match in matches if match.rule == first][:_MAX_EVIDENCE]
        return Need(
            type=NeedType(self._file.rules[first].code),
            confidence=_SAID,
            evidence=tuple(text.span(one.start, one.end) for one in told),
        )

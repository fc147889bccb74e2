"""Whether somebody waits for an answer."""

from typing import Final

from pydantic import Field

from heedful.common.contracts import Intent, IntentLabel, Urgency
from heedful.common.datafiles import DataModel
from heedful.nlp.encoder.hearing import Hearing
from heedful.nlp.rules import Rule, Rules
from heedful.nlp.text import Text
from heedful.nlp.thresholds import Thresholds

FILE: Final = "actionability.yaml"
_FLAG: Final = "needs_response"
_ALWAYS: Final = (IntentLabel.REQUEST, IntentLabel.INQUIRY)


class ActionabilityFile(DataModel):
    version: str
    words: dict[str, str] = Field(default_factory=dict)
    rules: tuple[Rule, ...] = Field(min_length=1)


class Actionability:
    """What leaves a complaint open, ready to be looked for."""

    def __init__(self, file: ActionabilityFile, thresholds: Thresholds) -> None:
        self._thresholds = thresholds
        self._rules = Rules(FILE, file.rules, words=file.words)

    def needs_response(
        self,
        text: Text,
        intent: Intent | None,
        urgency: Urgency | None,
        hearing: Hearing | None = None,
    ) -> bool | None:
        """Whether somebody should answer or act; None where the text tells nothing of it."""
        ruled = self._by_rules(text, intent, urgency)
        if urgency is not None or hearing is None:
            return ruled
        return self._thresholds.says(_FLAG, hearing, ruled=bool(ruled))

    def _by_rules(self, text: Text, intent: Intent | None, urgency: Urgency | None) -> bool | None:
        if urgency is not None or (intent is not None and intent.label in _ALWAYS):
            return True
        if intent is None:
            return None
        return intent.label is IntentLabel.COMPLAINT and bool(self._rules.find(text))

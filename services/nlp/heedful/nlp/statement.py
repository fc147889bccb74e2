"""What a text either says or does not: that they leave, that praise was asked or paid for."""

from typing import Final

from pydantic import Field

from heedful.common.contracts import Found
from heedful.common.datafiles import DataModel
from heedful.nlp.encoder.hearing import Hearing
from heedful.nlp.evidence import words_at
from heedful.nlp.rules import Rule, Rules
from heedful.nlp.text import Text
from heedful.nlp.thresholds import Thresholds

CHURN_FILE: Final = "churn.yaml"
SOLICITED_FILE: Final = "solicited.yaml"
_SAID: Final = 0.9
_MAX_EVIDENCE: Final = 4


class StatementFile(DataModel):
    version: str
    words: dict[str, str] = Field(default_factory=dict)
    rule: Rule


class Statement:
    """One statement, ready to be looked for."""

    def __init__(self, name: str, file: StatementFile, thresholds: Thresholds) -> None:
        """`name`: the data file, for errors; the rule's code is the flag that the encoder hears."""
        self._rules = Rules(name, [file.rule], words=file.words)
        self._flag = file.rule.code
        self._thresholds = thresholds

    def find(self, text: Text, hearing: Hearing | None = None) -> Found | None:
        """The customer's own words that say so; None where nothing does."""
        matches = self._rules.find(text)
        if not self._thresholds.says(self._flag, hearing, ruled=bool(matches)):
            return None
        places = dict.fromkeys((one.start, one.end) for one in matches)
        evidence = tuple(text.span(*place) for place in list(places)[:_MAX_EVIDENCE])
        if hearing is None:
            return Found(confidence=_SAID, evidence=evidence)
        heard = hearing.flag(self._flag)
        return Found(
            confidence=round(heard.share, 4), evidence=evidence or (words_at(text, heard.focus),)
        )

"""The rules for what no data teaches, in one place and under one version."""

from dataclasses import dataclass
from typing import Self

from heedful.common.datafiles import digest
from heedful.nlp import actionability, degree, intent, need, perception, thresholds, urgency
from heedful.nlp.actionability import Actionability, ActionabilityFile
from heedful.nlp.degree import DegreeFile, Degrees
from heedful.nlp.intent import IntentFile, IntentRules
from heedful.nlp.need import NeedFile, NeedRules
from heedful.nlp.perception import PerceptionFile, PerceptionRules
from heedful.nlp.resources import read
from heedful.nlp.statement import CHURN_FILE, SOLICITED_FILE, Statement, StatementFile
from heedful.nlp.thresholds import Thresholds
from heedful.nlp.triage import Triage
from heedful.nlp.urgency import UrgencyFile, UrgencyRules


@dataclass(frozen=True, slots=True)
class RuleSet:
    """Ready to be matched. `version` is a digest of all files: each changes by itself."""

    triage: Triage
    intents: IntentRules
    perceptions: PerceptionRules
    needs: NeedRules
    churn: Statement
    solicited: Statement
    actionability: Actionability
    version: str

    @classmethod
    def load(cls) -> Self:
        """The rules that the package ships.

        Raises:
            heedful.common.datafiles.DataError: a file is missing or wrong.
        """
        urgencies = read(urgency.FILE, UrgencyFile)
        intents = read(intent.FILE, IntentFile)
        degrees = read(degree.FILE, DegreeFile)
        perceptions = read(perception.FILE, PerceptionFile)
        needs = read(need.FILE, NeedFile)
        churn = read(CHURN_FILE, StatementFile)
        solicited = read(SOLICITED_FILE, StatementFile)
        open_matters = read(actionability.FILE, ActionabilityFile)
        sure = read(thresholds.FILE, Thresholds)
        return cls(
            triage=Triage(UrgencyRules(urgencies), sure),
            intents=IntentRules(intents),
            perceptions=PerceptionRules(perceptions, Degrees(degrees), sure),
            needs=NeedRules(needs),
            churn=Statement(CHURN_FILE, churn, sure),
            solicited=Statement(SOLICITED_FILE, solicited, sure),
            actionability=Actionability(open_matters, sure),
            version=digest(
                urgencies,
                intents,
                degrees,
                perceptions,
                needs,
                churn,
                solicited,
                open_matters,
                sure,
            ),
        )

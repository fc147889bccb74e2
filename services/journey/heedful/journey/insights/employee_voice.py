"""Insight `employee-voice`: what employees report more, or less, than customers say.

Frontline staff see troubles that nobody takes to a survey. Both voices are counted apart: a note of
an employee is never a customer's.
"""

from dataclasses import dataclass

import numpy as np
from pydantic import Field

from heedful.journey.insights.distinct import distinct
from heedful.journey.insights.examples import examples
from heedful.journey.insights.facts import NONE, Facts, Flags, Ints
from heedful.journey.insights.insight import Insight, Parameters
from heedful.journey.insights.report import (
    Estimate,
    Label,
    Report,
    Row,
    State,
    Unit,
    columns,
    too_few,
)
from heedful.journey.insights.speakers import customers, speakers
from heedful.journey.insights.statistics.clustered import Compared, Counted, compared, table
from heedful.journey.insights.statistics.discovery import adjusted

REPORTED_BY = "reported_by"
"""The attribute of a note that says who wrote it."""

_TITLE = Label(zh="员工之声与客户之声", en="Employee voice beside customer voice")
_MEANING = Label(
    zh="某主题在员工反馈与客户反馈中的占比之差：只说明谁更常提到，不说明谁对，也不说明原因",
    en="How much more often employees than customers speak of a topic: who speaks of it more, not "
    "who is right, nor why",
)
_COLUMNS = columns(
    ("topic", "主题", "Topic", Unit.TEXT),
    ("employees", "员工反馈占比", "Share of notes", Unit.SHARE),
    ("customers", "客户反馈占比", "Share of customers' feedback", Unit.SHARE),
    ("difference", "差异", "Difference", Unit.SHARE),
    ("notes", "员工反馈数", "Notes", Unit.COUNT),
    ("voices", "客户反馈数", "Customers' feedback", Unit.COUNT),
    ("p", "校正后 p 值", "Adjusted p-value", Unit.PROBABILITY),
)
_NOTES = [
    Label(
        zh="同一人的多次发言按其设计效应折算；p 值经 Benjamini–Hochberg 校正；区间为 95 %",
        en="What one person says several times is discounted by its design effect; p-values are "
        "adjusted after Benjamini and Hochberg; intervals are of 95 %",
    )
]
_RARE = Label(zh="提及太少，无法检验", en="too rarely mentioned for a test")
_CHANCE = Label(zh="差异可能出于偶然", en="the difference may be chance")


class EmployeeVoiceParameters(Parameters):
    at_least: int = Field(
        default=30, ge=1, le=1_000_000, description="Items of either voice; with fewer all is grey."
    )
    reporters: int = Field(
        default=5, ge=1, le=1_000_000, description="Employees who report; with fewer all is grey."
    )
    q: float = Field(
        default=0.05, gt=0, lt=1, description="False-discovery rate among what differs."
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Voices:
    """Who said what. `who` numbers customers, strangers and employees apart."""

    who: Ints
    people: int
    notes: Flags
    voices: Flags

    @classmethod
    def of(cls, facts: Facts) -> "_Voices":
        notes = facts.feedback & ~facts.voiced
        who, people = speakers(facts)
        told = facts.attribute(REPORTED_BY)
        signed = notes & (told.codes != NONE)
        # A note may concern a customer; who speaks in it is the employee.
        unsigned = notes & ~signed
        who[signed] = people + told.codes[signed]
        people += len(told.names)
        who[unsigned] = people + np.arange(np.count_nonzero(unsigned), dtype=np.int32)
        return cls(who, people + int(np.count_nonzero(unsigned)), notes, facts.voiced)

    @property
    def reporters(self) -> int:
        return len(distinct(self.who[self.notes]))

    def counted(self, facts: Facts, of: Flags) -> Counted:
        """Items by topic and by who said them."""
        said = of[facts.topics.events]
        entries = facts.topics.events[said]
        everything = np.zeros(int(np.count_nonzero(of)), dtype=np.int32)
        return Counted(
            hits=table(
                facts.topics.codes[said], self.who[entries], len(facts.topics.names), self.people
            ),
            sizes=table(everything, self.who[of], 1, self.people),
        )


def compute(facts: Facts, asked: EmployeeVoiceParameters) -> Report:
    """A row a topic: first what differs for sure, the greatest difference first."""
    voices = _Voices.of(facts)
    theirs, ours = (voices.counted(facts, of) for of in (voices.notes, voices.voices))
    found = compared(theirs, ours)
    mentioned = np.flatnonzero(theirs.k + ours.k)
    p = np.full(len(facts.topics.names), np.nan)
    p[mentioned] = adjusted(found.p[mentioned])
    few = _few(voices, asked)
    rows = [
        _row(facts, voices, found, int(topic), float(p[topic]), few, asked.q) for topic in mentioned
    ]
    return Report(
        name=INSIGHT.name,
        title=_TITLE,
        meaning=_MEANING,
        customers=customers(facts, voices.voices),
        events=int(np.count_nonzero(voices.notes | voices.voices)),
        state=State.OK if few is None else State.TOO_FEW,
        figures={"reporters": voices.reporters},
        columns=_COLUMNS,
        rows=sorted(rows, key=_surest_first),
        notes=_NOTES,
    )


def _few(voices: _Voices, asked: EmployeeVoiceParameters) -> Label | None:
    """Why nothing can be said at all."""
    notes, others = int(np.count_nonzero(voices.notes)), int(np.count_nonzero(voices.voices))
    if notes < asked.at_least:
        return too_few(notes, asked.at_least, ("条员工反馈", "notes"))
    if others < asked.at_least:
        return too_few(others, asked.at_least, ("条客户反馈", "items of customers' feedback"))
    if voices.reporters < asked.reporters:
        return too_few(voices.reporters, asked.reporters, ("位员工", "employees who report"))
    return None


def _row(
    facts: Facts,
    voices: _Voices,
    found: Compared,
    topic: int,
    p: float,
    few: Label | None,
    q: float,
) -> Row:
    said = np.zeros(len(facts), dtype=np.bool_)
    said[facts.topics.events[facts.topics.codes == topic]] = True
    why = few or (_RARE if np.isnan(p) else None if p <= q else _CHANCE)
    ours = said & voices.voices
    return Row(
        cells={
            "topic": facts.topics.names[topic],
            "employees": found.a.estimate(topic),
            "customers": found.b.estimate(topic),
            "difference": found.difference(topic),
            "notes": int(np.count_nonzero(said & voices.notes)),
            "voices": int(np.count_nonzero(ours)),
            "p": None if np.isnan(p) else p,
        },
        customers=customers(facts, ours),
        grey=why is not None,
        why=why,
        examples=examples(facts, np.flatnonzero(ours).astype(np.int32)),
    )


def _surest_first(row: Row) -> tuple[bool, float]:
    difference = row.cells["difference"]
    size = abs(difference.value) if isinstance(difference, Estimate) else 0.0
    return row.grey, -size


INSIGHT = Insight(
    name="employee-voice",
    title=_TITLE,
    parameters=EmployeeVoiceParameters,
    compute=compute,
    attributes=(REPORTED_BY,),
)

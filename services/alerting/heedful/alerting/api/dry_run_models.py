"""What the API of dry runs takes and shows."""

from dataclasses import asdict
from datetime import date, datetime

from pydantic import BaseModel, ConfigDict, Field

from heedful.alerting.dryrun.running import DryRun
from heedful.alerting.dryrun.signals import Fate
from heedful.alerting.recipients import Recipient
from heedful.common.contracts import ClockMetric, Colour, SignalKind

MAX_DAYS = 90


class DryRunBody(BaseModel):
    """Over how many days."""

    model_config = ConfigDict(extra="forbid")

    days: int = Field(default=30, ge=1, le=MAX_DAYS)


class CasesOut(BaseModel):
    """Cases that there were, and that there would have been."""

    opened: int = Field(description="That there were.")
    would_open: int = Field(description="Of these, those that there would have been.")
    more: int = Field(
        description="Feedback and signals that were on no case and would open one. Some would have "
        "joined another case, so this is the most that there can be."
    )


class DayOut(CasesOut):
    day: date


class NoticesOut(BaseModel):
    """Steps that a recipient would have been told of on a day."""

    day: date
    recipient: Recipient
    told: int = Field(description="Of cases that there were, as they were worked on.")
    unanswered: int = Field(
        description="Besides, of those that there were not, if nobody had done anything."
    )


class KeptOut(BaseModel):
    """Runs of a clock that was enforced."""

    runs: int
    breached: int
    would_run: int
    would_breach: int = Field(description="Given when people did what they did.")


class SignalsOut(BaseModel):
    """Signals of one kind, by what came of them; what is left out is 0.

    `opened`: a case of its own; `joined`: on a case that there was; `unplaced`: it could only join,
    and there was none; `ignored`; `late`: it was history; `unknown`: it could only join, and nobody
    knows whether there was a case, for of a signal that was ignored or late nothing is kept that
    leads to its customer.
    """

    were: dict[Fate, int]
    would_be: dict[Fate, int] = Field(description="What would open a case is the most that can.")


class DryRunOut(BaseModel):
    """What a version of the policy would have made of what was received."""

    ref: str = Field(examples=["policy@3"])
    since: datetime = Field(description="From when on it was looked at.")
    until: datetime
    complete: bool = Field(description="false: it took too long, so older days are missing.")
    received: int = Field(description="Feedback whose labels are kept.", examples=[1834])
    without_labels: int = Field(
        description="Feedback whose labels are not: it is in no count of what would be more.",
        examples=[0],
    )
    by_name: int = Field(
        description="Cases whose labels are not kept, so that the rule of that name was taken.",
        examples=[0],
    )
    out_of_reach: int = Field(
        description="What would have a clock without a deadline within 400 days; it is in no "
        "other count of what would be.",
        examples=[0],
    )
    by_rule: dict[str, CasesOut] = Field(
        description="By the rules of this version; `opened` is 0, for those of then were others.",
        examples=[{"red": {"opened": 0, "would_open": 41, "more": 0}}],
    )
    by_colour: dict[Colour, CasesOut] = Field(
        examples=[{"red": {"opened": 41, "would_open": 41, "more": 0}}]
    )
    by_day: list[DayOut]
    clocks: dict[ClockMetric, KeptOut] = Field(
        examples=[{"respond": {"runs": 41, "breached": 3, "would_run": 41, "would_breach": 9}}]
    )
    signals: dict[SignalKind, SignalsOut] = Field(
        description="That journey showed in these days, by their kind.",
        examples=[
            {
                "repeated_contact": {
                    "were": {"opened": 3, "joined": 9},
                    "would_be": {"joined": 12},
                },
                "churn_risk": {"were": {"unplaced": 20}, "would_be": {"ignored": 20}},
            }
        ],
    )
    notices: list[NoticesOut]


def dry_run_out(ref: str, found: DryRun) -> DryRunOut:
    outcome = found.outcome
    return DryRunOut(
        ref=ref,
        since=found.since,
        until=found.until,
        complete=found.complete,
        received=outcome.received,
        without_labels=outcome.without_labels,
        by_name=outcome.by_name,
        out_of_reach=outcome.out_of_reach,
        by_rule={name: CasesOut(**asdict(one)) for name, one in outcome.rules.items()},
        by_colour={name: CasesOut(**asdict(one)) for name, one in outcome.colours.items()},
        by_day=[DayOut(day=day, **asdict(one)) for day, one in sorted(outcome.days.items())],
        clocks={name: KeptOut(**asdict(one)) for name, one in outcome.clocks.items()},
        signals={
            kind: SignalsOut(were=dict(one.were), would_be=dict(one.would_be))
            for kind, one in outcome.signals.items()
        },
        notices=[
            NoticesOut(day=day, recipient=who, **asdict(one))
            for (day, who), one in sorted(outcome.notices.items())
        ],
    )

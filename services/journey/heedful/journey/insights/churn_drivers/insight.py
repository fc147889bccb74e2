"""Churn drivers: hazard ratios of what happened to customers within a window before."""

from math import log
from typing import Final

import numpy as np
from pydantic import Field
from scipy.sparse import csr_array

from heedful.journey.insights.churn_drivers.intervals import Intervals, intervals
from heedful.journey.insights.churn_drivers.marks import Marks, marks
from heedful.journey.insights.churn_drivers.screening import Screened, screened
from heedful.journey.insights.examples import MOST, called
from heedful.journey.insights.facts import Facts
from heedful.journey.insights.followup import FollowUp, followed
from heedful.journey.insights.insight import Insight, Parameters
from heedful.journey.insights.report import (
    Cell,
    Estimate,
    Example,
    Label,
    Report,
    Row,
    State,
    Unit,
    columns,
    too_few,
)
from heedful.journey.insights.segments import ATTRIBUTES, segments
from heedful.journey.insights.selecting import selected
from heedful.journey.insights.statistics.cox import Fit, fit
from heedful.journey.insights.statistics.discovery import adjusted
from heedful.journey.insights.statistics.distributions import normal_above
from heedful.journey.touchpoints import Z95

FEWEST_DEPARTURES: Final = 20
FALSE_SHARE: Final = 0.05


class ChurnParameters(Parameters):
    window_days: float = Field(
        default=30, gt=0, le=365, description="For how long after it happened a driver counts."
    )
    topics: int = Field(default=20, ge=1, le=60, description="At most so many topics.")


TITLE: Final = Label(zh="流失驱动因素", en="Churn drivers")
MEANING: Final = Label(
    zh=(
        "风险比：在同一时刻、同一分群、其他因素相同的客户中，近期经历过该因素者的流失率"
        "是未经历者的几倍。这是关联，不是因果：抱怨的人可能本来就要走。"
    ),
    en=(
        "Hazard ratio: how many times as fast customers to whom it happened lately leave, compared "
        "at the same moment with customers of the same segment and alike in the other drivers. An "
        "association, not a cause: who complains may have been about to leave anyway."
    ),
)
COLUMNS: Final = columns(
    ("driver", "因素", "Driver", Unit.TEXT),
    ("kind", "类别", "Kind", Unit.TEXT),
    ("hazard_ratio", "风险比", "Hazard ratio", Unit.RATIO),
    ("p", "p 值", "p-value", Unit.PROBABILITY),
    ("q", "校正后 p 值", "Adjusted p-value", Unit.PROBABILITY),
    ("departures", "经历后流失的客户", "Left while it counted", Unit.COUNT),
)


def compute(facts: Facts, parameters: ChurnParameters) -> Report:
    """Cox's model on the customers of the segment; drivers are events at the touchpoint."""
    own = selected(facts, Parameters(segment=parameters.segment))
    follow = followed(own)
    within = np.ones(len(own), dtype=np.bool_)
    if parameters.touchpoint is not None:
        within = own.touchpoint.having(parameters.touchpoint)
    happened = marks(own, within, parameters.window_days, parameters.topics)
    rows = intervals(own, follow, happened, parameters.window_days)
    departures = int(rows.left.sum())
    if departures < FEWEST_DEPARTURES or not happened.drivers:
        return _report(own, follow, None, [])
    screen = screened(rows)
    model = None
    if screen.fitted:
        # Most of the time nothing of it had happened to most customers.
        x = csr_array(rows.x[:, screen.fitted], dtype=np.float64)
        stratum = segments(own)[rows.customer]
        model = fit(rows.start, rows.stop, rows.left, x, stratum)
    found = _rows(screen, happened, model)
    for column, row in found.items():
        row.examples.extend(_examples(own, follow, happened, rows, column))
    ordered = sorted(found.values(), key=lambda row: (row.grey, -_size(row)))
    return _report(own, follow, model, ordered)


def _rows(screen: Screened, happened: Marks, model: Fit | None) -> dict[int, Row]:
    """A row a driver: fitted ones with their interval, the others with their reason."""
    found: dict[int, Row] = {}
    if model is not None:
        errors = model.errors
        p = 2 * normal_above(np.abs(model.coefficients / errors))
        if not model.converged:
            p = np.full(len(p), np.nan)
        q = adjusted(p)
        for place, column in enumerate(screen.fitted):
            cells, why = _UNSOLVED
            if model.converged:
                cells = {
                    "hazard_ratio": _ratio(float(model.coefficients[place]), float(errors[place])),
                    "p": float(p[place]),
                    "q": float(q[place]),
                }
                why = None if q[place] <= FALSE_SHARE else _not_significant(float(q[place]))
            found[column] = _row(screen, happened, column, cells, why)
    for column, reason in screen.refused.items():
        found[column] = _row(screen, happened, column, _NOT_FITTED, reason)
    return found


_NOT_FITTED: Final[dict[str, Cell]] = {"hazard_ratio": None, "p": None, "q": None}
_UNSOLVED: Final[tuple[dict[str, Cell], Label | None]] = (
    _NOT_FITTED,
    Label(zh="模型没有稳定的解", en="the model has no stable solution"),
)


def _row(
    screen: Screened, happened: Marks, column: int, cells: dict[str, Cell], why: Label | None
) -> Row:
    driver = happened.drivers[column]
    told: dict[str, Cell] = {
        "driver": driver.name,
        "kind": driver.kind.value,
        **cells,
        "departures": int(screen.departures[column]),
    }
    customers = int(screen.customers[column])
    return Row(cells=told, customers=customers, grey=why is not None, why=why)


def _ratio(coefficient: float, error: float) -> Estimate:
    low, value, high = np.exp(coefficient + error * np.array([-Z95, 0.0, Z95]))
    return Estimate(value=float(value), low=float(low), high=float(high))


def _not_significant(q: float) -> Label:
    return Label(zh=f"不显著（校正后 p = {q:.2g}）", en=f"not significant (adjusted p = {q:.2g})")


def _size(row: Row) -> float:
    """How far a ratio is from 1, whichever way; rows without one come last."""
    ratio = row.cells["hazard_ratio"]
    return abs(log(ratio.value)) if isinstance(ratio, Estimate) else -1.0


def _examples(
    facts: Facts, follow: FollowUp, happened: Marks, rows: Intervals, column: int
) -> list[Example]:
    """Customers who left while the driver counted: its last event and their departure."""
    events = happened.of(column)
    found = []
    for customer in rows.customer[rows.left & rows.x[:, column]][:MOST]:
        own = events[facts.customer[events] == customer]
        last = own[facts.at[own] < follow.exit[customer]][-1]
        told = [called(facts, int(last)), called(facts, int(follow.departure[customer]))]
        found.append(Example(customer_id=str(facts.customers[customer]), events=told))
    return found


def _report(facts: Facts, follow: FollowUp, model: Fit | None, rows: list[Row]) -> Report:
    departures = int(follow.left.sum())
    figures: dict[str, Cell] = {"departures": departures}
    notes = []
    if model is not None:
        figures["log_likelihood_ratio"] = 2 * (model.log_likelihood - model.without)
    if not rows:
        of = ("位流失客户", "departures")
        notes.append(too_few(departures, FEWEST_DEPARTURES, of))
    return Report(
        name=INSIGHT.name,
        title=TITLE,
        meaning=MEANING,
        customers=follow.customers,
        events=len(facts),
        state=State.OK if rows else State.TOO_FEW,
        figures=figures,
        columns=COLUMNS,
        rows=rows,
        notes=notes,
    )


INSIGHT: Final = Insight(
    name="churn-drivers",
    title=TITLE,
    parameters=ChurnParameters,
    compute=compute,
    attributes=ATTRIBUTES,
)

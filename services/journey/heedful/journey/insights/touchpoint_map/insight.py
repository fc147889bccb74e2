"""Insight `touchpoint-map`: where it hurts and where it pleases, and since when."""

from dataclasses import dataclass

import numpy as np
from pydantic import Field

from heedful.common.contracts import Colour
from heedful.journey.insights.examples import examples
from heedful.journey.insights.facts import NONE, Facts, Flags, Floats
from heedful.journey.insights.insight import Insight, Parameters
from heedful.journey.insights.report import Cell, Estimate, Label, Report, Row, Unit, columns
from heedful.journey.insights.report import too_few as few
from heedful.journey.insights.speakers import customers, speakers
from heedful.journey.insights.statistics.clustered import (
    Compared,
    Counted,
    compared,
    of_groups,
)
from heedful.journey.insights.statistics.discovery import adjusted
from heedful.journey.insights.touchpoint_map.operations import RESOLVED, Measured, measured
from heedful.journey.touchpoints import ENOUGH, colour

TITLE = Label(zh="触点红绿图", en="Touchpoint map")


class MapParameters(Parameters):
    q: float = Field(
        default=0.05, gt=0, lt=1, description="False-discovery rate of the arrows (BH)."
    )
    handle_target_s: float = Field(
        default=180, gt=0, description="Operations: the median duration should stay below, seconds."
    )
    resolved_target: float = Field(
        default=0.8, gt=0, lt=1, description="Operations: the share resolved should lie above."
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Light:
    """A colour of light now against the period before, and what became of it by touchpoint."""

    compared: Compared
    p: Floats

    def arrow(self, touchpoint: int, q: float) -> str | None:
        if not self.p[touchpoint] <= q:
            return None
        rises = self.compared.a.share[touchpoint] > self.compared.b.share[touchpoint]
        return "up" if rises else "down"


def compute(facts: Facts, parameters: MapParameters) -> Report:
    """A row for each touchpoint that somebody spoke at; the reddest first, grey ones last."""
    length = facts.until - facts.since
    now = (facts.at >= facts.since) & (facts.at < facts.until)
    before = (facts.at >= facts.since - length) & (facts.at < facts.since)
    spoken = facts.voiced & (facts.touchpoint.codes != NONE)
    red, green = _lights(facts, spoken & now, spoken & before)
    operations = measured(facts, now & ~facts.channel.having("employee"))
    rows = [
        _row(facts, parameters, touchpoint, (red, green), operations[touchpoint], spoken & now)
        for touchpoint in np.flatnonzero(red.compared.a.n > 0).tolist()
    ]
    return Report(
        name=INSIGHT.name,
        title=TITLE,
        meaning=Label(
            zh="每个触点的客户反馈中红灯与绿灯的占比；箭头表示与上一等长周期相比变化显著",
            en="The share of red and of green among what customers said at each touchpoint; an"
            " arrow where it differs significantly from the period of equal length before",
        ),
        customers=customers(facts, spoken & now),
        events=int((spoken & now).sum()),
        figures={"before": int((spoken & before).sum())},
        columns=_COLUMNS,
        rows=sorted(rows, key=_reddest_first),
        notes=_notes(bool(before.any())),
    )


def _lights(facts: Facts, now: Flags, before: Flags) -> tuple[_Light, _Light]:
    pairs = [
        compared(_counted(facts, now, light), _counted(facts, before, light))
        for light in (Colour.RED, Colour.GREEN)
    ]
    touchpoints = len(facts.touchpoint.names)
    p = adjusted(np.concatenate([pair.p for pair in pairs]))
    return _Light(pairs[0], p[:touchpoints]), _Light(pairs[1], p[touchpoints:])


def _counted(facts: Facts, of: Flags, light: Colour) -> Counted:
    who, count = speakers(facts)
    return of_groups(
        facts.touchpoint.codes[of],
        who[of],
        facts.colour.having(light.value)[of],
        len(facts.touchpoint.names),
        count,
    )


def _row(
    facts: Facts,
    parameters: MapParameters,
    touchpoint: int,
    lights: tuple[_Light, _Light],
    operations: Measured,
    spoken: Flags,
) -> Row:
    red, green = (light.compared.a for light in lights)
    worth = float(min(red.worth[touchpoint], green.worth[touchpoint]))
    said = int(red.n[touchpoint])
    voice = colour(red.share[touchpoint] * worth, green.share[touchpoint] * worth, worth)
    kpi = operations.colour(parameters.handle_target_s, parameters.resolved_target)
    here = spoken & (facts.touchpoint.codes == touchpoint)
    cells: dict[str, Cell] = {
        "touchpoint": facts.touchpoint.names[touchpoint],
        "colour": voice.value,
        "feedback": said,
        **_cells("red", lights[0], touchpoint, parameters.q),
        **_cells("green", lights[1], touchpoint, parameters.q),
        "handle_s": operations.handle_s,
        "handled": operations.handled,
        "resolved": operations.resolved,
        "settled": operations.settled,
        "operations": kpi.value,
        "conflict": kpi is Colour.GREEN and voice is Colour.RED,
    }
    grey = voice is Colour.GREY
    return Row(
        cells=cells,
        customers=customers(facts, here),
        grey=grey,
        why=_why(said, worth) if grey else None,
        examples=examples(facts, _worst(facts, here)),
    )


def _cells(name: str, light: _Light, touchpoint: int, q: float) -> dict[str, Cell]:
    p = float(light.p[touchpoint])
    return {
        name: light.compared.a.estimate(touchpoint),
        f"{name}_before": light.compared.b.estimate(touchpoint),
        f"{name}_change": light.compared.difference(touchpoint),
        f"{name}_p": None if np.isnan(p) else p,
        f"{name}_trend": light.arrow(touchpoint, q),
    }


def _worst(facts: Facts, here: Flags) -> np.ndarray[tuple[int], np.dtype[np.int32]]:
    """Red ones first, the newest first."""
    events = np.flatnonzero(here)
    red = facts.colour.having(Colour.RED.value)[events]
    order = np.lexsort((-facts.at[events], ~red))
    return events[order].astype(np.int32)


def _why(said: int, worth: float) -> Label:
    if said < ENOUGH:
        return few(said, ENOUGH, ("条反馈", "feedback"))
    return Label(
        zh=f"{said} 条反馈来自少数客户，只相当于 {worth:.0f} 条，至少需要 {ENOUGH}",
        en=f"{said} feedback of few customers, worth {worth:.0f}, {ENOUGH} needed",
    )


def _reddest_first(row: Row) -> tuple[bool, float, str]:
    red = row.cells["red"]
    share = red.value if isinstance(red, Estimate) else 0.0
    return row.grey, -share, str(row.cells["touchpoint"])


def _notes(compared: bool) -> list[Label]:
    notes = [
        Label(
            zh="运营绿而声音红（conflict）：指标达标，客户仍不满意",
            en="Operations green, voice red (conflict): targets are met and customers are not",
        )
    ]
    if not compared:
        notes.append(
            Label(zh="没有上一周期的数据，无法比较", en="Nothing is known of the period before")
        )
    return notes


_COLUMNS = columns(
    ("touchpoint", "触点", "Touchpoint", Unit.TEXT),
    ("colour", "颜色", "Colour", Unit.TEXT),
    ("feedback", "反馈数", "Feedback", Unit.COUNT),
    ("red", "红灯占比", "Red", Unit.SHARE),
    ("red_before", "上期红灯占比", "Red before", Unit.SHARE),
    ("red_change", "红灯变化", "Change of red", Unit.SHARE),
    ("red_p", "红灯变化的校正 p 值", "Adjusted p, red", Unit.PROBABILITY),
    ("red_trend", "红灯趋势", "Trend of red", Unit.TEXT),
    ("green", "绿灯占比", "Green", Unit.SHARE),
    ("green_before", "上期绿灯占比", "Green before", Unit.SHARE),
    ("green_change", "绿灯变化", "Change of green", Unit.SHARE),
    ("green_p", "绿灯变化的校正 p 值", "Adjusted p, green", Unit.PROBABILITY),
    ("green_trend", "绿灯趋势", "Trend of green", Unit.TEXT),
    ("handle_s", "处理时长中位数", "Median duration", Unit.SECONDS),
    ("handled", "有时长的事件", "With a duration", Unit.COUNT),
    ("resolved", "解决率", "Resolved", Unit.SHARE),
    ("settled", "有解决结果的事件", "With an outcome", Unit.COUNT),
    ("operations", "运营指标颜色", "Operations", Unit.TEXT),
    ("conflict", "运营绿而声音红", "Operations green, voice red", Unit.TEXT),
)

INSIGHT = Insight(
    name="touchpoint-map",
    title=TITLE,
    parameters=MapParameters,
    compute=compute,
    attributes=(RESOLVED,),
    lookback=1.0,
)

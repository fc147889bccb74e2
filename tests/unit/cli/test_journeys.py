"""`heedful journeys`: what is checked, and patterns that are written down."""

from datetime import date
from pathlib import Path

import yaml
from click.testing import CliRunner

from heedful.cli.journeys_patterns import written
from heedful.cli.main import cli
from heedful.journey.insights.patterns.insight import COLUMNS, MEANING, TITLE
from heedful.journey.insights.report import Estimate, Label, Report, Row, State
from heedful.journey.lifecycle.pattern_entry import MOST_PATTERNS
from heedful.journey.spoken import Tone

WHY = Label(zh="不显著", en="not significant")


def row(number: int, low: float = 2.1, *, grey: bool = False) -> Row:
    return Row(
        cells={
            "first": f"ad / t{number}",
            "then": "shop / price",
            "outcome": "call / refund",
            "lift": Estimate(value=3.21234, low=low, high=4.9),
            "after": Estimate(value=0.21, low=0.15, high=0.27),
        },
        customers=210,
        grey=grey,
        why=WHY if grey else None,
    )


def report(*rows: Row) -> Report:
    return Report(
        name="patterns",
        title=TITLE,
        meaning=MEANING,
        customers=1000,
        events=9000,
        state=State.OK,
        figures={},
        columns=COLUMNS,
        rows=list(rows),
    )


def test_patterns_that_surely_lead_are_written_as_a_lifecycle_takes_them(tmp_path: Path) -> None:
    found = report(row(1), row(2, 0.9), row(3, grey=True), *(row(n) for n in range(4, 40)))
    said = written(found, Tone.BLAME, 60, 30, date(2026, 11, 1))
    entries = yaml.safe_load(said)["signals"]["patterns"]
    assert len(entries) == MOST_PATTERNS
    assert [one["first"] for one in entries[:2]] == ["ad / t1", "ad / t4"]
    own = tmp_path / "own.yaml"
    own.write_text(
        'version: "7"\nstages: [{code: deal, zh: 成交, en: Deal}]\n'
        f"rules: [{{stage: deal, when: {{interaction: [order]}}}}]\n{said}"
    )
    checked = CliRunner().invoke(cli, ["journeys", "check", str(own)])
    assert checked.exit_code == 0, checked.output
    assert "tells until 2027-04-30 of ad / t1 → shop / price → call / refund" in checked.output

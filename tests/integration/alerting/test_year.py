"""The short form of the simulated year; docs/reliability.md tells of it and of the long one."""

from pathlib import Path

from tests.integration.alerting.year.drawing import drawn
from tests.integration.alerting.year.run import Wish, run
from tests.integration.alerting.year.scene import HOUR

SEED = 11
ITEMS = 150
TICK = 12 * HOUR


async def test_every_clock_ends_as_the_oracle_says(empty_database_url: str, tmp_path: Path) -> None:
    year = drawn(SEED, ITEMS, TICK)
    report = await run(year, Wish(kill_every=35, deliver=True), empty_database_url, tmp_path, print)
    found = {rule: (len(found), found[:2]) for rule, found in report.verdict.broken.items()}
    assert found == {}
    kills = {name for name in report.passed.counts if name.startswith("killed over")}
    assert {"killed over Work", "killed over Fire", "killed over Send"} <= kills
    outcomes = {"- met", "- breached", "- dismissed", "- merged", "- not_needed", "- not enforced"}
    assert outcomes <= report.verdict.counts.keys()

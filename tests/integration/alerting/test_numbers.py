"""The example in docs/numbers.md, asked of the board."""

import re
from pathlib import Path

import pytest

from tests.integration.alerting.figures_world import Known, client, live
from tests.integration.alerting.world import World

PAGE = Path(__file__).parents[3] / "docs" / "numbers.md"


def example() -> tuple[list[Known], float]:
    """The cases of its table, and what hour it is."""
    text = PAGE.read_text(encoding="utf-8").split("### Worked by hand")[1]
    rows = re.findall(r"^\| (\d+) \| (\d+) \| (\d*) ?\|$", text, re.MULTILINE)
    known = []
    for number, received, landed in rows:
        begun, done = float(received), float(landed) if landed else None
        acted = None if done is None else begun + 1
        known.append(Known(int(number), begun, acted, acted, done))
    now = re.search(r"it is now hour (\d+)", text)
    assert now is not None
    return known, float(now[1])


async def test_the_board_says_what_the_page_says(world: World) -> None:
    known, now = example()
    assert len(known) == 5
    await live(world, known, now)
    async with client(world) as caller:
        landing = (await caller.get("/v1/board")).json()["landing"]
    assert landing["above_72h"] == {"share": 0.5, "n": 4}
    assert (landing["young"], landing["landed"]) == (1, 3)
    assert landing["mean_hours"] == pytest.approx(60.7, abs=0.05)
    assert landing["median_hours"]["hours"] == 80

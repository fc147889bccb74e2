"""Service levels: what the page promises is what the rules hold, by buckets that there are."""

import re

import pytest
from prometheus_client import REGISTRY

from heedful.cli.slo_rules import FAST, SLOW
from heedful.cli.slos import OBJECTIVES, Objective
from tests.contract.deploy.observability import DEPLOY, ROOT, load
from tests.contract.deploy.promql import series

PAGE = (ROOT / "docs" / "slo.md").read_text(encoding="utf-8")
EACH = pytest.mark.parametrize("one", OBJECTIVES, ids=lambda one: str(one.name))
SECONDS = {"m": 60, "h": 3600, "d": 86_400}
MONTH = 30 * 86_400


def seconds(window: str) -> int:
    return int(window[:-1]) * SECONDS[window[-1]]


@EACH
def test_the_page_has_its_numbers(one: Objective) -> None:
    row = re.search(rf"^\| `{one.name}` \|.*\| ([\d.]+) % \| ([\d.]+) %", PAGE, re.MULTILINE)
    assert row
    assert (float(row[1]), float(row[2])) == pytest.approx((100 * one.share, 100 * one.budget))


@EACH
def test_bad_or_good_is_told_and_not_both(one: Objective) -> None:
    assert (one.bad is None) != (one.good is None)
    assert 0 < one.budget < 0.5


@EACH
def test_its_limit_is_the_end_of_a_bucket(one: Objective) -> None:
    assert series()
    for name, end in re.findall(r"(\w+_bucket)\{le=\"([\d.]+)\"", one.good or ""):
        assert REGISTRY.get_sample_value(name, {"le": end}) is not None, end


def test_burn_rates_use_up_what_the_page_says() -> None:
    """The Site Reliability Workbook's table 5-8: 2 %, 5 % and 10 % of the budget."""
    used = [burn.rate * seconds(burn.long) / MONTH for burn in (*FAST, *SLOW)]
    assert used == pytest.approx([0.02, 0.05, 0.1])
    for burn in (*FAST, *SLOW):
        assert seconds(burn.short) * 12 == seconds(burn.long)


def test_counts_fit_the_interval_of_the_group() -> None:
    (group,) = load(DEPLOY / "prometheus" / "rules" / "slo.yml")["groups"]
    assert group["interval"] == "1m"
    counts = [rule["expr"] for rule in group["rules"] if ":count" in rule.get("record", "")]
    assert counts
    assert all(expr.endswith("* 60") for expr in counts)


def test_prometheus_of_compose_keeps_what_the_longest_window_needs() -> None:
    command = load(ROOT / "docker-compose.yml")["services"]["prometheus"]["command"]
    (kept,) = [re.search(r"retention\.time=(\d+)d", one) for one in command if "retention" in one]
    assert kept
    assert int(kept[1]) > 30

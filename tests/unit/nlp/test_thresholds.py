"""When a flag counts, and how its thresholds are chosen."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from heedful.nlp import thresholds
from heedful.nlp.encoder.tasks import FLAGS, URGENCIES
from heedful.nlp.resources import read
from heedful.nlp.thresholds import Threshold, Thresholds
from heedful.nlp.train.thresholds import Told, best, lines
from tests.unit.nlp.hearings import hearing

SHARE = st.floats(0, 1)


def told(rows: list[tuple[float, bool, bool]]) -> Told:
    shares, ruled, wanted = zip(*rows, strict=True)
    return Told(np.array(shares), np.array(ruled), np.array(wanted))


def test_every_flag_has_its_thresholds_and_a_rule_only_helps() -> None:
    file = read(thresholds.FILE, Thresholds)
    for flag in set(FLAGS) - set(URGENCIES) | {"category"}:
        own: Threshold = getattr(file, flag)
        assert own.beside <= own.alone, flag
    assert file.doubt < file.red.beside


@given(SHARE, st.booleans())
def test_without_a_hearing_the_rule_decides(share: float, ruled: bool) -> None:
    file = read(thresholds.FILE, Thresholds)
    assert file.says("churn", None, ruled=ruled) is ruled
    assert file.says("churn", hearing({"churn": 1.0}), ruled=ruled)
    assert not file.says("churn", hearing({"churn": 0.0}), ruled=ruled)


def test_the_best_thresholds_tell_the_texts_apart() -> None:
    rows = [(0.9, False, True)] * 5 + [(0.6, False, False)] * 5
    rows += [(0.5, True, True)] * 5 + [(0.2, True, False)] * 5
    one = told(rows)
    alone, beside = best("churn", one)
    assert one.score(alone, beside) == (1.0, 1.0)
    assert 0.6 < alone <= 0.9
    assert 0.2 < beside <= 0.5


def test_a_red_text_that_is_missed_costs_more_than_one_that_is_looked_at() -> None:
    rows = [(0.8, False, True)] * 10 + [(0.4, False, True)] * 5 + [(0.5, False, False)] * 11
    one = told(rows)
    assert one.score(*best("churn", one))[0] < one.score(*best("red", one))[0] == 1.0


def test_nothing_found_is_no_division_by_zero() -> None:
    assert told([(0.1, False, False)]).score(0.5, 0.5) == (0.0, 0.0)


def test_what_is_printed_is_what_the_file_holds() -> None:
    one = told([(0.9, False, True), (0.1, False, False)])
    printed = "\n".join(lines({"churn": one}))
    assert printed.startswith("churn: {alone: 0.5, beside: 0.35}  # recall 1.000, precision 1.000")


@pytest.mark.parametrize("name", ["thresholds.yaml"])
def test_the_file_says_how_it_was_made(name: str) -> None:
    file = Path(thresholds.__file__).with_name("data") / name
    assert "heedful.nlp.train.thresholds" in file.read_text(encoding="utf-8")

"""From labelled texts to what is learned, without torch: alignment, order, scores."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from heedful.nlp.encoder.tasks import HEADS
from heedful.nlp.encoder.wordpiece import SPECIAL, WordPieces
from heedful.nlp.train.alignment import Triplet, align, normal_span
from heedful.nlp.train.batches import plan
from heedful.nlp.train.corpora import SETS, TEACHERS, untaught
from heedful.nlp.train.labelled import Labelled, Turn
from heedful.nlp.train.measures import Row, paired
from heedful.nlp.train.own import OWN
from heedful.nlp.train.samples import IGNORED, encode, tags
from heedful.nlp.train.scores import (
    accuracy,
    calibration_error,
    difference,
    macro_f1,
    stance_micro_f1,
)

TEXT = "味道好，服务好，味道淡"
PIECES = WordPieces([*SPECIAL, *dict.fromkeys(TEXT)])


def test_a_triplet_is_found_where_it_stands() -> None:
    found = align("服务很好", [Triplet("服务", "很好", 1)])
    assert found is not None
    assert found.aspects == ((0, 2),)
    assert found.opinions == (((2, 4), 2),)
    assert found.pairs == (((0, 2), (2, 4)),)


def test_of_two_mentions_the_nearest_counts() -> None:
    found = align(TEXT, [Triplet("味道", "淡", -1)])
    assert found is not None
    assert found.pairs == (((8, 10), (10, 11)),)


@pytest.mark.parametrize(
    "triplet",
    [
        Triplet("味道", "好", 1),
        Triplet("味道", "咸", 1),
        Triplet("价格", "淡", 1),
    ],
    ids=["opinion twice", "opinion absent", "aspect absent"],
)
def test_what_is_ambiguous_or_absent_is_not_guessed(triplet: Triplet) -> None:
    assert align(TEXT, [triplet]) is None


def test_an_aspect_as_near_on_both_sides_is_ambiguous() -> None:
    assert align("味道淡味道", [Triplet("味道", "淡", -1)]) is None


def test_an_opinion_of_two_polarities_is_ambiguous() -> None:
    assert align("服务淡", [Triplet("服务", "淡", -1), Triplet("", "淡", 1)]) is None


def test_an_unnamed_aspect_pairs_with_the_start_mark() -> None:
    example = Labelled(
        "opinion_triplets", "triplets", "味道淡", opinions=align("味道淡", [Triplet("", "淡", -1)])
    )
    sample = encode(example, PIECES, 16)
    assert sample.targets["pairs"].tolist() == [[3, 0, 1]]
    assert sample.targets["opinions"].tolist() == [IGNORED, 0, 0, 1, IGNORED]


def test_pairs_name_every_candidate() -> None:
    triplets = [Triplet("服务", "好，味", 1), Triplet("", "淡", -1)]
    example = Labelled("opinion_triplets", "triplets", TEXT, opinions=align(TEXT, triplets))
    sample = encode(example, PIECES, 16)
    # Rows of opinion piece, aspect piece, together; piece 0 is the start mark.
    assert sample.targets["pairs"].tolist() == [[7, 0, 0], [7, 5, 1], [11, 0, 1], [11, 5, 0]]


def test_places_follow_the_normal_form() -> None:
    assert normal_span(None, 2, 4) == (2, 4)
    assert normal_span((0, 2, 3, 5), 2, 4) == (1, 3)


def test_a_cut_text_loses_the_tags_behind_the_cut() -> None:
    example = Labelled("ner", "news", TEXT, names=((0, 2, 0), (8, 10, 1)))
    sample = encode(example, PIECES, 6)
    assert len(sample) == 6
    assert sample.targets["names"].tolist() == [IGNORED, 1, 2, 0, 0, IGNORED]


def test_a_kind_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="kind 2"):
        tags(PIECES.split(TEXT), [((0, 2), 2)], 2)


def test_of_a_long_dialogue_the_end_is_kept() -> None:
    turns = (Turn(True, "味道淡"), Turn(False, "服务好"))
    example = Labelled("helpdesk", "helpdesk", "x", turns, satisfaction=-1.0)
    sample = encode(example, PIECES, 6)
    assert sample.segments.tolist() == [0, 0, 1, 1, 1, 1]
    assert sample.targets["satisfaction"] == 0.25


LENGTHS = st.lists(st.integers(2, 90), min_size=1, max_size=80)


@given(LENGTHS, st.integers(100, 400))
def test_batches_hold_everything_once_within_their_budget(lengths: list[int], budget: int) -> None:
    batches = plan(lengths, ["a"] * len(lengths), {"a": 1.0}, budget=budget, seed=1)
    assert sorted(number for batch in batches for number in batch) == list(range(len(lengths)))
    assert all(max(lengths[n] for n in batch) * len(batch) <= budget for batch in batches)


def test_the_order_follows_from_the_seed() -> None:
    lengths = [5 + 7 * number % 50 for number in range(300)]
    sets = ["a", "b", "c"] * 100
    passes = {"a": 2.0, "b": 0.5}
    made = [plan(lengths, sets, passes, budget=500, seed=seed) for seed in (5, 5, 6)]
    assert made[0] == made[1]
    assert made[0] != made[2]
    seen = [sets[number] for batch in made[0] for number in batch]
    assert (seen.count("a"), seen.count("b"), seen.count("c")) == (200, 50, 100)


def test_scores_are_those_of_the_textbook() -> None:
    wanted, found = np.array([0, 0, 1, 1, 2]), np.array([0, 1, 1, 1, 0])
    assert accuracy(wanted, found).value == pytest.approx(0.6)
    assert macro_f1(wanted, found, 3).value == pytest.approx((0.5 + 0.8 + 0) / 3)
    stances = stance_micro_f1(np.array([[0, 1, 3], [2, 0, 0]]), np.array([[0, 1, 1], [0, 2, 0]]))
    assert stances.value == pytest.approx(2 * 1 / (3 + 3))


def test_an_interval_holds_its_value_and_narrows_with_more_texts() -> None:
    few, many = (accuracy(np.ones(n, dtype=int), np.arange(n) % 4) for n in (40, 4000))
    assert few.low <= few.value <= few.high
    assert many.high - many.low < (few.high - few.low) / 3


def test_two_systems_are_compared_on_the_same_draws_of_the_same_texts() -> None:
    wanted = np.arange(400) % 3
    weak = np.where(np.arange(400) % 5 == 0, (wanted + 1) % 3, wanted)
    strong = np.where(np.arange(400) % 10 == 0, (wanted + 1) % 3, wanted)
    better, worse = accuracy(wanted, strong), accuracy(wanted, weak)
    gap = difference(better, worse)
    assert gap.value == pytest.approx(0.1)
    assert 0 < gap.low < 0.1 < gap.high
    # Where one is right the other mostly is: far surer than two intervals beside each other.
    assert gap.high - gap.low < (better.high - better.low) + (worse.high - worse.low)
    same = difference(worse, accuracy(wanted, weak))
    assert (same.value, same.low, same.high) == (0, 0, 0)
    with pytest.raises(ValueError, match="3 texts beside 400"):
        difference(accuracy(wanted[:3], weak[:3]), worse)


def test_a_table_of_pairs_has_only_what_both_were_measured_in() -> None:
    wanted, found = np.array([0, 0, 1, 1]), np.array([0, 1, 1, 1])
    rows = [
        Row("emotion", "all", "accuracy", "encoder", accuracy(wanted, wanted)),
        Row("emotion", "all", "accuracy", "fp32", accuracy(wanted, found)),
        Row("sentiment", "all", "accuracy", "encoder", accuracy(wanted, found)),
    ]
    header, _, *lines = paired(rows, "encoder", "fp32").splitlines()
    assert header.startswith("| task | source | n | measure | ours | theirs | difference |")
    assert len(lines) == 1
    assert lines[0].startswith("| emotion | all | 4 | accuracy | 1.000 | 0.750 | +0.250 | ")


def test_calibration_error_is_the_gap_between_sure_and_right() -> None:
    right = np.arange(1000) % 10 < 7
    assert calibration_error(np.full(1000, 0.7), right) == pytest.approx(0, abs=0.02)
    assert calibration_error(np.full(1000, 0.95), right) == pytest.approx(0.25, abs=0.02)


def test_every_head_has_its_teachers_and_falls_silent_without_them() -> None:
    assert set(TEACHERS) == set(HEADS)
    assert frozenset().union(*TEACHERS.values()) == {*SETS, *OWN}
    assert untaught([]) == []
    assert untaught(["opinion_triplets", "ner"]) == ["opinions", "names"]
    assert untaught(["sentiment"]) == []  # posts, cars, voices and talk still teach it
    assert untaught(["voices", "ordinary", "passages"]) == ["voice"]

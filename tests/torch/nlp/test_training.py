"""Training on a tiny encoder: it learns, goes on where it was stopped, and leaves out what it
is told to."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

torch = pytest.importorskip("torch")

from heedful.nlp.backend.torch_network import Network, Outputs  # noqa: E402
from heedful.nlp.encoder.tasks import (  # noqa: E402
    EMOTION_QUERY,
    FLAGS,
    RED_QUERY,
    SENTIMENT_QUERY,
    SENTIMENTS,
)
from heedful.nlp.encoder.wordpiece import WordPieces  # noqa: E402
from heedful.nlp.train.alignment import Triplet, align  # noqa: E402
from heedful.nlp.train.batches import plan  # noqa: E402
from heedful.nlp.train.labelled import UNLABELLED, Labelled, Turn  # noqa: E402
from heedful.nlp.train.loop import Run, Settings  # noqa: E402
from heedful.nlp.train.losses import losses, tensors  # noqa: E402
from heedful.nlp.train.samples import Sample, encode  # noqa: E402

from .tiny import VOCABULARY, untrained  # noqa: E402

PIECES = WordPieces(VOCABULARY)
SETTINGS = Settings(rate=2e-3, warm_up=5, average=0.9, bf16=False)
POSITIVE, NEGATIVE = SENTIMENTS.index("positive"), SENTIMENTS.index("negative")


def example(text: str, label: int) -> Labelled:
    return Labelled("sentiment", "x", text, sentiment=label)


GOOD = [example(text, POSITIVE) for text in ("味道好", "服务好", "很好", "手机真好", "快，好了")]
BAD = [example(text, NEGATIVE) for text in ("味道差", "服务差", "很差", "手机真差", "慢，差了")]
SAMPLES = [encode(one, PIECES, 16) for one in (*GOOD, *BAD)]


def batches(steps: int) -> list[list[int]]:
    order = plan([len(s) for s in SAMPLES], ["a"] * 10, {"a": 99.0}, budget=40, seed=1)
    return order[:steps]


def trained(folder: Path, steps: int, settings: Settings = SETTINGS) -> Run:
    run = Run(untrained(), settings, steps, folder)
    run.train(SAMPLES, batches(steps), PIECES.pad)
    return run


def leanings(of: Network, samples: Sequence[Sample]) -> list[bool]:
    with torch.inference_mode():
        answers = of(*tensors(samples, PIECES.pad))[0][:, SENTIMENT_QUERY]
    return [bool(one) for one in answers[:, POSITIVE] > answers[:, NEGATIVE]]


def test_it_learns_which_word_praises(tmp_path: Path) -> None:
    run = trained(tmp_path, 120)
    unseen = [encode(example(text, 0), PIECES, 16) for text in ("服务很好", "手机很差")]
    assert leanings(run.averaged(), unseen) == [True, False]
    lines = [json.loads(line) for line in (tmp_path / "log.jsonl").read_text().splitlines()]
    assert lines[-1]["step"] == 120
    assert lines[-1]["loss"]["sentiment"] < lines[0]["loss"]["sentiment"] / 2
    assert lines[-1]["rate"] == pytest.approx(0, abs=1e-9)


def test_a_batch_without_a_label_is_gone_past(tmp_path: Path) -> None:
    """As a long text in which nothing is marked is, for it fills a batch alone."""
    unlabelled = encode(Labelled("opinion_triplets", "y", "手机真好"), PIECES, 16)
    run = Run(untrained(), SETTINGS, 30, tmp_path)
    order = batches(30)
    order[7] = [len(SAMPLES)]
    run.train([*SAMPLES, unlabelled], order, PIECES.pad)
    assert run.step == 30
    assert all(bool(torch.isfinite(one).all()) for one in run.averaged().parameters())


def test_a_stopped_run_ends_as_if_never_stopped(tmp_path: Path) -> None:
    whole = trained(tmp_path / "whole", 30)
    first = Run(untrained(), SETTINGS, 30, tmp_path / "parts")
    order = batches(30)

    class Stopped(Exception):
        pass

    class UntilTheTwelfth(list[list[int]]):
        def __getitem__(self, number: int) -> list[int]:  # type: ignore[override]
            if number == 12:
                first.save()
                raise Stopped
            return order[number]

    with pytest.raises(Stopped):
        first.train(SAMPLES, UntilTheTwelfth(), PIECES.pad)
    second = Run(untrained(seed=9), SETTINGS, 30, tmp_path / "parts")
    assert second.step == 12
    second.train(SAMPLES, order, PIECES.pad)
    for name, value in whole.average.items():
        torch.testing.assert_close(second.average[name], value, msg=name)


def test_a_checkpoint_of_other_settings_is_refused(tmp_path: Path) -> None:
    trained(tmp_path, 6)
    with pytest.raises(ValueError, match="another folder"):
        Run(untrained(), Settings(rate=1.0), 6, tmp_path)


def test_a_run_may_be_shortened_until_it_decays(tmp_path: Path) -> None:
    run = Run(untrained(), SETTINGS, 100, tmp_path)
    run.step = 20
    run.save()
    assert Run(untrained(), SETTINGS, 40, tmp_path).step == 20
    with pytest.raises(ValueError, match="decay"):
        Run(untrained(), SETTINGS, 25, tmp_path)


def test_every_task_is_learned_and_only_where_it_is_labelled() -> None:
    labelled = [
        Labelled("emotion", "e", "很好", emotion=1),
        Labelled("car_aspects", "c", "手机卡", car=(1,) + (0,) * 9),
        Labelled("restaurant_aspects", "r", "味道好", restaurant=(3,) + (0,) * 19),
        Labelled(
            "opinion_triplets", "t", "味道好", opinions=align("味道好", [Triplet("味道", "好", 1)])
        ),
        Labelled("ner", "n", "手机卡", names=((0, 2, 0),)),
        Labelled("helpdesk", "h", "x", (Turn(True, "慢"), Turn(False, "好")), satisfaction=1.0),
        Labelled("voices", "v", "手机卡", intent=1, need=2, flags=(1,) + (0,) * (len(FLAGS) - 1)),
    ]
    made = untrained()
    batch = [encode(one, PIECES, 16) for one in labelled]
    found = losses(Outputs(*made(*tensors(batch, PIECES.pad))), batch)
    assert set(found) == {
        "emotion",
        "car",
        "restaurant",
        "tags",
        "pairs",
        "names",
        "satisfaction",
        "intent",
        "need",
        "flags",
        "red",
    }
    found["emotion"].backward()
    moved = made.weights.grad.abs().sum(dim=(1, 2)) > 0
    assert moved.nonzero().flatten().tolist() == [EMOTION_QUERY]


RED = tuple(int(flag == "red") for flag in FLAGS)
CALM = (0,) * len(FLAGS)
UNKNOWN = (UNLABELLED,) * len(FLAGS)


def flagged(*said: tuple[str, tuple[int, ...]]) -> list[Sample]:
    return [encode(Labelled("voices", "v", text, flags=flags), PIECES, 16) for text, flags in said]


STUCK = flagged(
    ("味道好", CALM),
    ("服务好", CALM),
    ("态度好", CALM),
    ("手机卡", RED),
    ("服务卡", RED),
    ("很卡", RED),
)


def heard(folder: Path, samples: Sequence[Sample], hidden: float = 0.0) -> list[float]:
    """How red "味道卡" and "手机好" are after training on the samples."""
    settings = Settings(rate=2e-3, warm_up=5, average=0.9, bf16=False, hidden=hidden)
    run = Run(untrained(), settings, 100, folder)
    run.train(samples, [list(range(len(samples)))] * 100, PIECES.pad)
    unseen = flagged(("味道卡", CALM), ("手机好", CALM))
    with torch.inference_mode():
        logits = run.averaged()(*tensors(unseen, PIECES.pad))[0][:, RED_QUERY, 0]
    return [float(one) for one in logits]


def test_a_flag_is_learned_by_itself(tmp_path: Path) -> None:
    stuck, calm = heard(tmp_path, STUCK)
    assert stuck > 0 > calm


def test_a_flag_that_nobody_labelled_teaches_nothing(tmp_path: Path) -> None:
    samples = [*STUCK, *flagged(("味道卡", UNKNOWN), ("手机好", UNKNOWN))]
    stuck, calm = heard(tmp_path, samples)
    assert stuck > 0 > calm


def test_hidden_words_are_not_relied_on(tmp_path: Path) -> None:
    stuck, calm = heard(tmp_path / "hidden", STUCK, hidden=1.0)
    shown = heard(tmp_path / "shown", STUCK)
    assert abs(stuck - calm) < (shown[0] - shown[1]) / 2


def test_padding_changes_nothing() -> None:
    made = untrained().eval()
    short, long = encode(GOOD[2], PIECES, 16), encode(BAD[4], PIECES, 16)
    with torch.inference_mode():
        alone = made(*tensors([short], PIECES.pad))
        beside = made(*tensors([short, long], PIECES.pad))
    torch.testing.assert_close(alone[0][0], beside[0][0])
    torch.testing.assert_close(alone[2][0], beside[2][0, : len(short)])

"""What encoders of one set think is kept, and heeded by the shared one, less from step to step."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from torch.nn import functional  # noqa: E402

from heedful.nlp.backend.torch_network import Outputs  # noqa: E402
from heedful.nlp.encoder import tasks  # noqa: E402
from heedful.nlp.encoder.wordpiece import WordPieces  # noqa: E402
from heedful.nlp.train.alignment import Triplet, align  # noqa: E402
from heedful.nlp.train.heeding import heeding, thoughts, write  # noqa: E402
from heedful.nlp.train.labelled import Labelled  # noqa: E402
from heedful.nlp.train.loop import Run, Settings  # noqa: E402
from heedful.nlp.train.losses import WEIGHTS, losses, tensors  # noqa: E402
from heedful.nlp.train.samples import Sample, encode  # noqa: E402

from .tiny import VOCABULARY, network, untrained  # noqa: E402

PIECES = WordPieces(VOCABULARY)
NEGATIVE, POSITIVE = 0, 2
LABELLED = {
    "sentiment": [Labelled("sentiment", "s", text, sentiment=POSITIVE) for text in ("很好", "好")],
    "emotion": [Labelled("emotion", "e", text, emotion=1) for text in ("很好的服务", "差")],
    "car_aspects": [Labelled("car_aspects", "c", "手机卡", car=(1,) + (0,) * 9)],
    "restaurant_aspects": [Labelled("restaurant_aspects", "r", "味道", restaurant=(3,) * 20)],
    "opinion_triplets": [
        Labelled(
            "opinion_triplets",
            "t",
            text,
            opinions=align(text, [Triplet("味道", "好", 1), Triplet("服务", "慢", -1)]),
        )
        for text in ("味道好服务慢", "味道好，服务真的慢")
    ],
    "ner": [Labelled("ner", "n", "手机卡", names=((0, 2, 0),))],
}


def samples(name: str) -> list[Sample]:
    return [encode(one, PIECES, 16) for one in LABELLED[name]]


@pytest.mark.parametrize("name", LABELLED)
def test_what_was_thought_is_read_again(name: str, tmp_path: Path) -> None:
    taught = thoughts(network(), samples(name), PIECES.pad)
    write(tmp_path / f"{name}.npz", samples(name), taught)
    found = heeding(tmp_path / f"{name}.npz", samples(name))
    for thought, sample in zip(taught, found, strict=True):
        assert thought.keys() == sample.taught.keys() == sample.targets.keys()
        for task, likely in thought.items():
            np.testing.assert_allclose(sample.taught[task], likely, atol=1e-3)


def test_of_other_texts_it_is_refused(tmp_path: Path) -> None:
    write(tmp_path / "x.npz", samples("emotion"), thoughts(network(), samples("emotion"), 0))
    shorter = [encode(one, PIECES, 4) for one in LABELLED["emotion"]]
    with pytest.raises(ValueError, match="other texts"):
        heeding(tmp_path / "x.npz", shorter)


@pytest.mark.parametrize("name", LABELLED)
def test_a_teacher_that_counts_for_nothing_changes_nothing(name: str) -> None:
    plain = samples(name)
    taught = [
        replace(sample, taught=thought)
        for sample, thought in zip(plain, thoughts(network(), plain, PIECES.pad), strict=True)
    ]
    outputs = Outputs(*untrained().eval()(*tensors(plain, PIECES.pad)))
    assert losses(outputs, taught, 0.0) == losses(outputs, plain)
    assert losses(outputs, plain, 1.0) == losses(outputs, plain)


def test_the_losses_are_those_of_torch() -> None:
    batch = [one for name in LABELLED for one in samples(name)]
    outputs = Outputs(*untrained().eval()(*tensors(batch, PIECES.pad)))
    found = losses(outputs, batch)
    rows = [number for number, one in enumerate(batch) if "emotion" in one.targets]
    emotion = functional.cross_entropy(
        outputs.answers[rows, tasks.EMOTION_QUERY, :6],
        torch.ones(len(rows), dtype=torch.long),
        reduction="sum",
        label_smoothing=0.05,
    )
    torch.testing.assert_close(found["emotion"], emotion / len(batch))
    (row,) = (number for number, one in enumerate(batch) if "names" in one.targets)
    wanted = batch[row].targets["names"]
    names = functional.cross_entropy(
        outputs.tags[row, : len(wanted), tasks.NAME_TAGS],
        torch.from_numpy(wanted),
        ignore_index=-100,
        reduction="sum",
    )
    torch.testing.assert_close(found["names"], WEIGHTS["names"] * names / len(batch))


@pytest.mark.parametrize("name", LABELLED)
def test_a_teacher_that_counts_alone_is_followed(name: str) -> None:
    """No labels are as near to what it thinks as what it thinks itself."""
    plain = samples(name)
    teacher = network()
    taught = [
        replace(sample, taught=thought)
        for sample, thought in zip(plain, thoughts(teacher, plain, PIECES.pad), strict=True)
    ]

    def far(of: Any) -> float:
        with torch.inference_mode():
            outputs = Outputs(*of(*tensors(plain, PIECES.pad)))
            return float(sum(losses(outputs, taught, 1.0).values()))

    nearest = far(teacher.eval())
    assert all(nearest < far(network(seed)) for seed in range(2, 6))


def test_at_first_the_teacher_is_heeded_and_in_the_end_the_labels(tmp_path: Path) -> None:
    settings = Settings(rate=2e-3, warm_up=5, average=0.9, bf16=False)
    text = encode(Labelled("sentiment", "s", "很好", sentiment=POSITIVE), PIECES, 16)
    blaming = np.eye(3, dtype=np.float32)[NEGATIVE]
    misled = [replace(text, taught={"sentiment": blaming})]
    run = Run(untrained(), settings, 200, tmp_path)
    leaning = []

    class Watched(list[list[int]]):
        def __getitem__(self, number: int) -> list[int]:  # type: ignore[override]
            if number in (60, 199):
                run.network.eval()
                with torch.inference_mode():
                    answers = run.network(*tensors(misled, PIECES.pad))[0]
                run.network.train()
                leaning.append(int(answers[0, tasks.SENTIMENT_QUERY, :3].argmax()))
            return [0]

    run.train(misled, Watched(), PIECES.pad)
    assert leaning == [NEGATIVE, POSITIVE]

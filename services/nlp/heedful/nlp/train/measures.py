"""The table: every task and source, every system beside the others."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from heedful.nlp.encoder.tasks import EMOTIONS, SENTIMENTS, Stance
from heedful.nlp.train.answers import Answer, System
from heedful.nlp.train.labelled import Labelled
from heedful.nlp.train.scores import (
    Score,
    accuracy,
    calibration_error,
    difference,
    macro_f1,
    mean_error,
    micro_f1,
    stance_macro_f1,
    stance_micro_f1,
)

_NEGATIVE: Final = SENTIMENTS.index("negative")
_POSITIVE: Final = SENTIMENTS.index("positive")


@dataclass(frozen=True, slots=True)
class Row:
    """One measured value; `calibration` is the calibration error where there are shares."""

    task: str
    source: str
    measure: str
    system: str
    score: Score
    calibration: float | None = None


def measure(system: System, examples: Sequence[Labelled]) -> list[Row]:
    """Every measure that the labels of the examples and the answers of the system allow."""
    answers = [system.answer(one) for one in examples]
    rows: list[Row] = []
    for task, by_task in _TASKS.items():
        answered = [
            (one, answer)
            for one, answer in zip(examples, answers, strict=True)
            if by_task.wanted(one) is not None and getattr(answer, by_task.field) is not None
        ]
        if answered:
            rows += [
                Row(task, source, by_task.measure, system.name, *by_task.score(part))
                for source, part in _sources(answered)
            ]
    return rows


Answered = Sequence[tuple[Labelled, Answer]]


def _sources(answered: Answered) -> Iterator[tuple[str, Answered]]:
    yield "all", answered
    groups = sorted({one.group for one, _ in answered})
    if len(groups) > 1:
        for group in groups:
            yield group, [(one, answer) for one, answer in answered if one.group == group]


def _signs(answered: Answered) -> tuple[Score, float]:
    """Accuracy by the sign of the score: the likelier of praise and blame."""
    shares = np.stack([answer.sentiment for _, answer in answered if answer.sentiment is not None])
    wanted = np.array([one.sentiment == _POSITIVE for one, _ in answered])
    praise, blame = shares[:, _POSITIVE], shares[:, _NEGATIVE]
    found = praise > blame
    sure = np.maximum(praise, blame) / np.maximum(praise + blame, 1e-9)
    return (
        accuracy(wanted.astype(np.int64), found.astype(np.int64)),
        calibration_error(sure.astype(np.float64), found == wanted),
    )


def _emotions(answered: Answered) -> tuple[Score, float]:
    shares = np.stack([answer.emotion for _, answer in answered if answer.emotion is not None])
    wanted = np.array([one.emotion for one, _ in answered])
    found = shares.argmax(axis=1)
    return (
        macro_f1(wanted, found, len(EMOTIONS)),
        calibration_error(shares.max(axis=1).astype(np.float64), found == wanted),
    )


def _stances(field: str, score: Callable[[Any, Any], Score]) -> Callable[[Answered], Any]:
    def measured(answered: Answered) -> tuple[Score, None]:
        wanted = np.array([getattr(one, field) for one, _ in answered])
        found = np.stack([getattr(answer, field) for _, answer in answered])
        return score(wanted, found), None

    return measured


def _items(field: str) -> Callable[[Answered], Any]:
    def measured(answered: Answered) -> tuple[Score, None]:
        pairs = [
            (set(getattr(one, field)), set(getattr(answer, field))) for one, answer in answered
        ]
        return (
            micro_f1(
                np.array([len(wanted & found) for wanted, found in pairs], dtype=np.float64),
                np.array([len(found) for _, found in pairs], dtype=np.float64),
                np.array([len(wanted) for wanted, _ in pairs], dtype=np.float64),
            ),
            None,
        )

    return measured


def _satisfaction(answered: Answered) -> tuple[Score, None]:
    wanted = np.array([one.satisfaction for one, _ in answered])
    found = np.array([answer.satisfaction for _, answer in answered])
    return mean_error(wanted, found), None


@dataclass(frozen=True, slots=True)
class _Task:
    field: str
    measure: str
    score: Callable[[Answered], Any]

    def wanted(self, example: Labelled) -> Any:
        if self.field == "sentiment" and example.set != "sentiment":
            return None
        return getattr(example, self.field)


_TASKS: Final[Mapping[str, _Task]] = {
    "sentiment": _Task("sentiment", "accuracy", _signs),
    "emotion": _Task("emotion", "macro F1", _emotions),
    "car aspect + polarity": _Task("car", "micro F1", _stances("car", stance_micro_f1)),
    "restaurant aspects": _Task(
        "restaurant",
        "macro F1",
        _stances("restaurant", lambda wanted, found: stance_macro_f1(wanted, found, len(Stance))),
    ),
    "triplets": _Task("triplets", "F1", _items("triplets")),
    "names and addresses": _Task("names", "F1", _items("names")),
    "satisfaction": _Task("satisfaction", "mean error", _satisfaction),
}


def table(rows: Iterable[Row]) -> str:
    """The rows as Markdown, tasks and sources in their order, systems side by side."""
    lines = [
        "| task | source | n | measure | system | value | 95 % interval | calibration error |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for row in sorted(
        rows, key=lambda one: (list(_TASKS).index(one.task), one.source != "all", one.source)
    ):
        error = "" if row.calibration is None else f"{row.calibration:.3f}"
        score = row.score
        lines.append(
            f"| {row.task} | {row.source} | {score.texts} | {row.measure} | {row.system} |"
            f" {score.value:.3f} | {score.low:.3f} to {score.high:.3f} | {error} |"
        )
    return "\n".join(lines) + "\n"


def paired(rows: Iterable[Row], ours: str, theirs: str) -> str:
    """How much more `ours` has than `theirs` wherever both were measured, as Markdown."""
    lines = [
        "| task | source | n | measure | ours | theirs | difference | paired 95 % interval |",
        "|---|---|---|---|---|---|---|---|",
    ]
    by_place: dict[tuple[str, str, str], dict[str, Score]] = {}
    for row in rows:
        by_place.setdefault((row.task, row.source, row.measure), {})[row.system] = row.score
    for (task, source, name), scores in by_place.items():
        if ours in scores and theirs in scores:
            gap = difference(scores[ours], scores[theirs])
            lines.append(
                f"| {task} | {source} | {gap.texts} | {name} | {scores[ours].value:.3f} |"
                f" {scores[theirs].value:.3f} | {gap.value:+.3f} |"
                f" {gap.low:+.3f} to {gap.high:+.3f} |"
            )
    return "\n".join(lines) + "\n"

"""Measure what nlp hears in labelled voices: urgency, intent, leaving and the rest.

    python -m heedful.nlp.train.voice tests/data/voice/held.jsonl

Prints Markdown tables with 95 % intervals: Wilson's for shares, a bootstrap over texts for F1.
Needs neither torch nor the training sets. No text is printed: a held-back file can be measured
without its errors being seen.
"""

import argparse
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np

from heedful.nlp.encoder.tasks import INTENTS, NEEDS, PERCEPTIONS
from heedful.nlp.train.listener import NONE, Listener, Said
from heedful.nlp.train.scores import macro_f1, micro_f1, wilson
from heedful.nlp.train.voices import Voice, voices

Pairs = Sequence[tuple[Voice, Said]]
Test = Callable[[Voice, Said], tuple[bool, bool]]


def binaries() -> dict[str, Test]:
    """Every label that is there or not, as (wanted, found)."""
    tests: dict[str, Test] = {
        "red": lambda item, said: (item.red, said.red),
        "churn": lambda item, said: (item.churn, said.churn),
        "solicited": lambda item, said: (item.solicited, said.solicited),
        "needs_response": lambda item, said: (item.needs_response, said.needs_response),
    }
    for code in PERCEPTIONS:
        tests[f"perception {code}"] = lambda item, said, code=code: (  # type: ignore[misc]
            code in item.perceptions,
            code in said.perceptions,
        )
    for code in NEEDS[1:]:
        tests[f"need {code}"] = lambda item, said, code=code: (  # type: ignore[misc]
            item.need == code,
            said.need == code,
        )
    return tests


def recall_and_precision(pairs: Pairs, test: Test) -> tuple[float, float]:
    """Of a label that is there or not; 0 where nothing is wanted or found."""
    wanted, found, right = _counts(pairs, test)
    return right / max(wanted, 1), right / max(found, 1)


def intent_macro_f1(pairs: Pairs) -> float:
    """The mean of the F1 of the intents that occur."""
    wanted, found, classes = _intents(pairs)
    return macro_f1(wanted, found, classes).value


def report(pairs: Pairs) -> str:
    """All tables."""
    return "\n".join(
        (*_binary_table(pairs), "", *_category_table(pairs), "", *_intent_table(pairs))
    )


def _counts(pairs: Pairs, test: Test) -> tuple[int, int, int]:
    told = [test(item, said) for item, said in pairs]
    wanted, found = sum(one for one, _ in told), sum(one for _, one in told)
    return wanted, found, sum(one and other for one, other in told)


def _binary_table(pairs: Pairs) -> Iterator[str]:
    yield "| label | items | recall | precision | F1 |"
    yield "|---|---|---|---|---|"
    for name, test in binaries().items():
        wanted, found, right = _counts(pairs, test)
        told = np.array([test(item, said) for item, said in pairs], dtype=np.float64)
        score = micro_f1(told[:, 0] * told[:, 1], told[:, 1], told[:, 0])
        yield (
            f"| {name} | {wanted} | {_share(right, wanted)} | {_share(right, found)} "
            f"| {score.value:.3f} ({score.low:.3f} to {score.high:.3f}) |"
        )


def _category_table(pairs: Pairs) -> Iterator[str]:
    yield "| category | items | found as it | found red |"
    yield "|---|---|---|---|"
    for code in sorted({code for item, _ in pairs for code in item.urgency}):
        own = [said for item, said in pairs if code in item.urgency]
        named, red = sum(code in said.urgency for said in own), sum(said.red for said in own)
        yield f"| {code} | {len(own)} | {_share(named, len(own))} | {_share(red, len(own))} |"
    alarms = Counter(
        code for item, said in pairs if said.red and not item.red for code in said.urgency
    )
    yield ""
    yield "Categories of false reds: " + (
        ", ".join(f"{code} {count}" for code, count in alarms.most_common()) or "none"
    )


def _intent_table(pairs: Pairs) -> Iterator[str]:
    cells = Counter((item.intent, said.intent) for item, said in pairs)
    columns = (*INTENTS, NONE)
    yield f"| intent, wanted | items | F1 | {' | '.join(columns)} |"
    yield "|---" * (len(columns) + 3) + "|"
    for wanted in INTENTS:
        row = [cells[wanted, found] for found in columns]
        named = sum(cells[other, wanted] for other in INTENTS)
        total = sum(row)
        f1 = 2 * cells[wanted, wanted] / max(total + named, 1)
        yield f"| {wanted} | {total} | {f1:.3f} | {' | '.join(map(str, row))} |"
    wants, finds, classes = _intents(pairs)
    score = macro_f1(wants, finds, classes)
    yield ""
    yield f"Intent macro-F1 {score.value:.3f} ({score.low:.3f} to {score.high:.3f})"


def _intents(pairs: Pairs) -> tuple[np.ndarray, np.ndarray, int]:
    known = (*INTENTS, NONE, "other")
    wanted = np.array([known.index(item.intent) for item, _ in pairs])
    found = np.array([known.index(said.intent) for _, said in pairs])
    return wanted, found, len(known)


def _share(right: int, total: int) -> str:
    if not total:
        return "none"
    low, high = wilson(right, total)
    return f"{right / total:.3f} ({low:.3f} to {high:.3f})"


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog="heedful.nlp.train.voice")
    parser.add_argument("files", type=Path, nargs="+", help="JSON lines of labelled voices")
    options = parser.parse_args(arguments)
    listener = Listener.load()
    for file in options.files:
        items = voices(file)
        pairs = list(zip(items, listener.all(items), strict=True))
        sys.stdout.write(f"{file.name}: {len(pairs)} texts\n\n{report(pairs)}\n\n")


if __name__ == "__main__":
    main(sys.argv[1:])

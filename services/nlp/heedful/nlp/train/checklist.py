"""Behavioural tests of the whole pipeline, by capability: Ribeiro et al., "Beyond Accuracy" (2020).

    python -m heedful.nlp.train.checklist

A minimum functionality test (MFT) says what a filled template must give, an invariance test (INV)
what may not change it, a directional test (DIR) where it must move. The templates are data
(`checklist.yaml`); every one is filled in all ways. Prints the pass rate per capability.
"""

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Final, Literal

from pydantic import Field

from heedful.common.contracts import Enrichment, Polarity
from heedful.common.datafiles import DataModel, parse
from heedful.nlp.train.listener import Listener
from heedful.nlp.train.scores import wilson

_FILE: Final = Path(__file__).with_name("checklist.yaml")
_SIGN: Final = {Polarity.POSITIVE: 1.0, Polarity.NEGATIVE: -1.0}


class Case(DataModel):
    """One template with its fillings: `{word}` in `text` (and in `other`) takes each of `word`.

    `wants`: what an MFT asks of `text`. INV and DIR compare `text` with `other`: the labels `same`
    must not change, or what is said of `other` must be further towards `towards`.
    """

    capability: str
    kind: Literal["MFT", "INV", "DIR"]
    text: str
    other: str | None = None
    fill: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    wants: dict[str, str | bool] = Field(default_factory=dict)
    same: tuple[str, ...] = ()
    towards: Literal["praise", "blame", "stronger"] | None = None


class CaseFile(DataModel):
    version: str
    cases: tuple[Case, ...] = Field(min_length=1)


@dataclass(frozen=True, slots=True)
class Rate:
    """How many filled templates of a capability pass."""

    capability: str
    kind: str
    passed: int
    total: int

    @property
    def share(self) -> float:
        """From 0 to 1."""
        return self.passed / self.total


def rates(listener: Listener) -> list[Rate]:
    """The pass rate of each capability and kind, in the order of the file."""
    counts: dict[tuple[str, str], list[bool]] = {}
    for case in _cases():
        told = counts.setdefault((case.capability, case.kind), [])
        told.extend(_passes(case, listener, *filled) for filled in _filled(case))
    return [
        Rate(capability, kind, sum(told), len(told)) for (capability, kind), told in counts.items()
    ]


def _cases() -> tuple[Case, ...]:
    return parse(_FILE.name, _FILE.read_text(encoding="utf-8"), CaseFile).cases


def failures(listener: Listener) -> Iterator[str]:
    """The filled templates that do not pass, for whoever mends them."""
    for case in _cases():
        for text, other in _filled(case):
            if not _passes(case, listener, text, other):
                yield f"{case.capability} {case.kind}: {text}{f' / {other}' if other else ''}"


def _filled(case: Case) -> Iterator[tuple[str, str | None]]:
    names = list(case.fill)
    for values in product(*case.fill.values()):
        chosen = dict(zip(names, values, strict=True))
        yield case.text.format(**chosen), case.other.format(**chosen) if case.other else None


def _passes(case: Case, listener: Listener, text: str, other: str | None) -> bool:
    first = listener.enrich(text)
    if other is None:
        return all(label(first, name) == wanted for name, wanted in case.wants.items())
    second = listener.enrich(other)
    if case.towards is None:
        return all(label(first, name) == label(second, name) for name in case.same)
    if case.towards == "stronger":
        return _intensity(second) > _intensity(first)
    gained = _leaning(second) - _leaning(first)
    return gained > 0 if case.towards == "praise" else gained < 0


def label(found: Enrichment, name: str) -> str | bool:
    """A label of an enrichment by name, as a case asks for it."""
    if name == "sentiment":
        return str(found.sentiment.polarity) if found.sentiment else "none"
    if name == "intent":
        return str(found.intent.label) if found.intent else "none"
    if name == "urgency":
        return ",".join(sorted(found.urgency.categories)) if found.urgency else "none"
    if name == "perceptions":
        return ",".join(sorted(str(one.label) for one in found.perceptions)) or "none"
    if name == "light":
        return str(found.light.colour)
    if name in {"churn", "solicited"}:
        return getattr(found, name) is not None
    raise ValueError(f"{_FILE.name}: no label is called {name!r}")


def _leaning(found: Enrichment) -> float:
    """From -1 (blame) to 1 (praise)."""
    if found.sentiment is None:
        return 0.0
    return _SIGN.get(found.sentiment.polarity, 0.0) * found.sentiment.confidence


def _intensity(found: Enrichment) -> int:
    return max((one.intensity for one in found.perceptions), default=0)


def table(found: Sequence[Rate]) -> str:
    """The pass rates as Markdown, with 95 % intervals."""
    lines = ["| capability | kind | filled | passed |", "|---|---|---|---|"]
    for one in found:
        low, high = wilson(one.passed, one.total)
        share = f"{one.share:.3f} ({low:.3f} to {high:.3f})"
        lines.append(f"| {one.capability} | {one.kind} | {one.total} | {share} |")
    return "\n".join(lines)


def main(arguments: Sequence[str]) -> None:
    listener = Listener.load()
    sys.stdout.write(f"{table(rates(listener))}\n")
    if "--failures" in arguments:
        sys.stdout.write("\n" + "\n".join(failures(listener)) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])

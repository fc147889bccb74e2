"""Texts and questions as PostgreSQL's full text search takes them. Pure.

No configuration of PostgreSQL is asked: what is a word was settled before, so that it is the same
on every server.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from heedful.journey.search.terms import Run, runs, terms

_MOST_POSITIONS: Final = 255
"""Of one word; PostgreSQL keeps no more."""
_MOST_RUNS: Final = 32


def document(tenant: str, text: str) -> str:
    """A text as a `tsvector`.

    A run of n Chinese characters has n - 1 pairs, and its last character alone, so that a single
    one is found as the beginning of a word. The tenant is a word as well: an index over all tenants
    finds one tenant's texts without looking at those of others.
    """
    positions: dict[str, list[int]] = {}
    position = 0
    for term in terms(text):
        for word in (*term.pairs, term.text[-1]) if term.cjk else (term.term,):
            position += 1
            known = positions.get(word)
            if known is None:
                positions[word] = [position]
            else:
                known.append(position)
    # No word holds what would have to be quoted.
    words = [
        f"'{word}':{places[0]}"
        if len(places) == 1
        else f"'{word}':{','.join(map(str, places[:_MOST_POSITIONS]))}"
        for word, places in positions.items()
    ]
    return " ".join([_quoted(_of(tenant)), *words])


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked for.

    Attributes:
        every: the `tsquery` of texts that have every run of it, Chinese ones as they stand.
        some: of texts that have some of it.
        terms: what to mark in a text, in the order in which they were asked for.
    """

    every: str
    some: str
    terms: tuple[str, ...]


def question(tenant: str, asked: str) -> Question | None:
    """A question of a tenant; None where there is no word in it.

    The first 32 runs count.
    """
    found = list(runs(asked))[:_MOST_RUNS]
    if not found:
        return None
    own = _quoted(_of(tenant))
    words = dict.fromkeys(word for run in found for word in _words(run))
    terms = dict.fromkeys(run.text if run.cjk else run.term for run in found)
    return Question(
        every=" & ".join([own, *(_phrase(run) for run in found)]),
        some=f"{own} & ({' | '.join(words)})",
        terms=tuple(terms),
    )


def _phrase(run: Run) -> str:
    words = _words(run)
    return words[0] if len(words) == 1 else f"({' <-> '.join(words)})"


def _words(run: Run) -> Sequence[str]:
    if not run.cjk:
        return [_quoted(run.term)]
    if len(run.text) == 1:
        return [f"{_quoted(run.text)}:*"]
    return [_quoted(pair) for pair in run.pairs]


def _of(tenant: str) -> str:
    # No word begins so.
    return f"@{tenant}"


def _quoted(word: str) -> str:
    escaped = word.replace("\\", "\\\\").replace("'", "''")
    return f"'{escaped}'"

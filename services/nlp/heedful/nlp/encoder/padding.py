"""Texts of different length in one batch."""

from collections.abc import Iterator, Sequence

import numpy as np

from heedful.nlp.encoder.engine import Ints


def cut(ordered: Sequence[int], sizes: Sequence[int], budget: int) -> Iterator[list[int]]:
    """The numbers of texts in their order, in batches of at most `budget` padded pieces; a longer
    text is a batch of its own.

    Args:
        ordered: numbers of texts.
        sizes: pieces of the text of each number.
        budget: most padded pieces in a batch.
    """
    batch: list[int] = []
    longest = 0
    for number in ordered:
        wider = max(longest, sizes[number])
        if batch and wider * (len(batch) + 1) > budget:
            yield batch
            batch, wider = [], sizes[number]
        batch.append(number)
        longest = wider
    if batch:
        yield batch


def by_length(sizes: Sequence[int], budget: int) -> Iterator[list[int]]:
    """The numbers of all texts, by length, in batches as `cut` makes them."""
    return cut(sorted(range(len(sizes)), key=sizes.__getitem__), sizes, budget)


def padded(texts: Sequence[Sequence[int] | Ints], pad: int) -> tuple[Ints, Ints]:
    """Pieces of a batch, filled up to its longest, and a mask that is 1 for pieces, both
    [texts, pieces]."""
    ids = np.full((len(texts), max(map(len, texts))), pad, dtype=np.int64)
    mask = np.zeros_like(ids)
    for row, one in enumerate(texts):
        ids[row, : len(one)] = one
        mask[row, : len(one)] = 1
    return ids, mask

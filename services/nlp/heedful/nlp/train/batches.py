"""The whole order of a training run, fixed beforehand by its seed, so that it can be resumed.

Batches mix the sets, hold texts of about the same length (less padding) and are bounded by padded
pieces, so that each costs about the same time.
"""

import random
from collections.abc import Mapping, Sequence
from typing import Final

from heedful.nlp.encoder.padding import cut

_POOL: Final = 64
_NOISE: Final = 0.15


def _order(sets: Sequence[str], passes: Mapping[str, float], chance: random.Random) -> list[int]:
    """Numbers of examples, each set repeated as often as `passes` says (a fraction draws some)."""
    by_set: dict[str, list[int]] = {}
    for number, name in enumerate(sets):
        by_set.setdefault(name, []).append(number)
    order: list[int] = []
    for name, members in sorted(by_set.items()):
        whole, rest = divmod(passes.get(name, 1.0), 1)
        order += members * int(whole)
        order += chance.sample(members, round(len(members) * rest))
    chance.shuffle(order)
    return order


def plan(
    lengths: Sequence[int],
    sets: Sequence[str],
    passes: Mapping[str, float],
    *,
    budget: int,
    seed: int,
) -> list[list[int]]:
    """The batches of a run in order.

    Args:
        lengths: pieces of each example.
        sets: the set that each example belongs to.
        passes: how often each set is seen.
        budget: most padded pieces in a batch; a longer example is a batch of its own.
        seed: of all that is drawn.
    """
    chance = random.Random(seed)  # noqa: S311 no secret
    order = _order(sets, passes, chance)
    batches: list[list[int]] = []
    mean = sum(lengths[number] for number in order) / max(1, len(order))
    pool = max(1, int(_POOL * budget / max(mean, 1)))
    for start in range(0, len(order), pool):
        part = order[start : start + pool]
        noisy = {number: lengths[number] * (1 + chance.random() * _NOISE) for number in part}
        made = list(cut(sorted(part, key=noisy.__getitem__), lengths, budget))
        chance.shuffle(made)
        batches.extend(made)
    return batches

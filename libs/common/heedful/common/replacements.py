"""Places in a text whose parts were replaced, and in what it was before. Pure.

All places count code points and are half-open. A place inside of something that was replaced
widens to all of it: nothing is known of its parts.
"""

from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence

from heedful.common.contracts import Redaction, Replacement
from heedful.common.contracts.redaction import MAX_REPLACEMENTS

Place = tuple[int, int]
# (start, end) in one text, (start, end) of the same in the other.
_Pair = tuple[int, int, int, int]


def in_text(replacements: Sequence[Replacement], start: int, end: int) -> Place:
    """Where `original[start:end]` stands in the text.

    Args:
        replacements: in order, without overlaps.
    """
    return _mapped([(r.start, r.end, r.at, r.until) for r in replacements], start, end)


def in_original(replacements: Sequence[Replacement], start: int, end: int) -> Place:
    """Where `text[start:end]` stood in the original."""
    return _mapped([(r.at, r.until, r.start, r.end) for r in replacements], start, end)


def composed(
    first: Sequence[Replacement], second: Sequence[Replacement]
) -> tuple[Replacement, ...]:
    """From the original to a text that was replaced in twice.

    Args:
        first: from the original to a text.
        second: from that text to the last one.
    """
    places = sorted(
        [(one.at, one.until, False, one.type) for one in first]
        + [(one.start, one.end, True, one.type) for one in second]
    )
    merged: list[tuple[int, int, bool, str]] = []
    for start, end, later, kind in places:
        if not merged or start >= merged[-1][1]:
            merged.append((start, end, later, kind))
            continue
        # What was replaced again counts as what it was last taken for.
        before, until, also_later, known = merged[-1]
        shown = kind if later and not also_later else known
        merged[-1] = (before, max(until, end), later or also_later, shown)
    found = []
    for start, end, _, kind in merged:
        was, now = in_original(first, start, end), in_text(second, start, end)
        found.append(Replacement(type=kind, start=was[0], end=was[1], at=now[0], until=now[1]))
    return tuple(found)


def redacted_further(redaction: Redaction, later: Sequence[Replacement]) -> Redaction:
    """What was taken out of a text, when somebody has taken out more of it.

    Args:
        later: from the text that the redaction is of to the one that is published now.
    """
    counts = Counter(redaction.counts) + Counter(one.type for one in later)
    unknown = not redaction.offsets and sum(redaction.counts.values()) > MAX_REPLACEMENTS
    offsets = () if unknown else composed(redaction.offsets, later)
    return redaction.model_copy(
        update={
            "counts": dict(sorted(counts.items())),
            "offsets": offsets if len(offsets) <= MAX_REPLACEMENTS else (),
        }
    )


def _mapped(pairs: Sequence[_Pair], start: int, end: int) -> Place:
    return _edge(pairs, start, upper=False), _edge(pairs, end, upper=True)


def _edge(pairs: Sequence[_Pair], place: int, *, upper: bool) -> int:
    """The same place on the other side; inside of a pair the edge of the pair."""
    index = bisect_right(pairs, place, key=lambda pair: pair[0])
    # An upper edge at the start of a pair lies before it.
    if upper and index and pairs[index - 1][0] == place:
        index -= 1
    if not index:
        return place
    _, here_end, there_start, there_end = pairs[index - 1]
    if place >= here_end:
        return place - here_end + there_end
    return there_end if upper else there_start

"""Which column becomes what: the candidates weighed against each other, each with its reason."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from pydantic import BaseModel, ConfigDict

from heedful.ingest.importing.candidates import Candidate, candidates
from heedful.ingest.importing.names import TEXT_PART, Match, plain_name
from heedful.ingest.importing.records import Cell

SURE: Final = 0.75
"""Below it a person has to agree."""

_TEXT_BY_VALUES: Final = 0.55
_TIME_BY_VALUES: Final = 0.6
_WORDS: Final = 0.7
_SENTENCE_CHARS: Final = 8
_BETTER: Final = "another column fits better"


class Assignment(BaseModel):
    """One column: what it becomes (null: it is not taken), how sure that is (0 to 1), and why."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    position: int
    column: str
    target: str | None
    sure: float
    reason: str


def guess(columns: Sequence[str], rows: Sequence[Sequence[Cell]]) -> tuple[Assignment, ...]:
    """Guess from the names and from some rows; at least one assignment for each column, in their
    order."""
    found = candidates(columns, rows)
    chosen = [_text(found), _times(found), _score(found), _ids(found), _others(found)]
    taken = {one.position: one for group in chosen for one in group}
    settled = [_settled(one, taken.get(one.position)) for one in found]
    both = sorted([*settled, *_conversation_as_id(settled)], key=lambda one: one.position)
    return tuple(map(_assignment, both))


def _settled(before: Candidate, chosen: Candidate | None) -> Candidate:
    if chosen is not None:
        return chosen
    return before if before.target is None else replace(before, target=None, reason=_BETTER)


def _assignment(one: Candidate) -> Assignment:
    return Assignment(
        position=one.position,
        column=one.name,
        target=one.target,
        sure=round(one.sure, 2),
        reason=one.reason,
    )


def _best(found: Sequence[Candidate]) -> Candidate | None:
    """Whole names before endings before questions; then the better name, then the fuller column."""
    return max(found, key=_quality, default=None)


def _quality(one: Candidate) -> tuple[int, int, int]:
    rank = -one.rank if one.match is Match.NAME else one.rank
    return (one.match or 0, rank, one.profile.filled)


def _text(found: Sequence[Candidate]) -> list[Candidate]:
    """The column of words, and those that go with it."""
    texts = [one for one in found if one.target == "text"]
    parts = [replace(one, target="text") for one in found if one.target == TEXT_PART]
    main = _best(texts)
    if main is not None:
        questions = [one for one in texts if one.match is Match.WITHIN and one is not main]
        return [main, *parts, *(one for one in questions if one.profile.words >= _WORDS)]
    if parts:
        return parts
    wordy = [
        one
        for one in found
        if one.match is None
        and one.target is None
        and one.profile.words >= _WORDS
        and one.profile.length >= _SENTENCE_CHARS
    ]
    longest = max(wordy, key=lambda one: one.profile.length, default=None)
    if longest is None:
        return []
    reason = f"its texts are the longest, {longest.profile.length:.0f} characters on average"
    return [replace(longest, target="text", sure=_TEXT_BY_VALUES, reason=reason)]


def _times(found: Sequence[Candidate]) -> list[Candidate]:
    """The column of the time; or the one of the day and the one of the time of day."""
    said = [one for one in found if one.target == "occurred_at"]
    days = [one for one in said if one.profile.times >= one.profile.clocks]
    clock = _best([one for one in said if one.profile.clocks > one.profile.times])
    day = _best(days)
    if day is None:
        alone = [one for one in found if one.match is None and _is_time(one)]
        if len(alone) != 1:
            return []
        reason = "its values are times, and no other column's are"
        return [replace(alone[0], target="occurred_at", sure=_TIME_BY_VALUES, reason=reason)]
    if clock is not None and _only_days(day):
        return [
            replace(day, reason=f"the day; the time of it is in {clock.name!r}"),
            replace(clock, reason=f"the time of day; the day is in {day.name!r}"),
        ]
    return [day]


def _is_time(one: Candidate) -> bool:
    return one.profile.times >= 0.9 and one.profile.numbers < 0.1


def _only_days(one: Candidate) -> bool:
    return not any(":" in str(cell).removesuffix(" 00:00:00") for cell in one.profile.cells if cell)


def _score(found: Sequence[Candidate]) -> list[Candidate]:
    """The one score of the item. Of several partial ones (taste, service, …) none is it."""
    scores = [one for one in found if one.target == "score"]
    best = _best(scores)
    if best is None or best.match is Match.NAME or len(scores) == 1:
        return [] if best is None else [best]
    overall = [one for one in scores if any(word in plain_name(one.name) for word in _OVERALL)]
    return overall if len(overall) == 1 else []


_OVERALL: Final = ("推荐", "总体", "整体", "综合", "recommend", "overall")


def _ids(found: Sequence[Candidate]) -> list[Candidate]:
    best = _best([one for one in found if one.target == "id"])
    return [] if best is None else [replace(best, reason="called so, and each value once")]


def _others(found: Sequence[Candidate]) -> list[Candidate]:
    """Of each other target the best column."""
    weighed = {"text", TEXT_PART, "occurred_at", "score", "id", None}
    targets = dict.fromkeys(one.target for one in found if one.target not in weighed)
    best = (_best([one for one in found if one.target == target]) for target in targets)
    return [one for one in best if one is not None]


def _conversation_as_id(settled: Sequence[Candidate]) -> list[Candidate]:
    """A call's number names its row too, where nothing else does."""
    if any(one.target == "id" for one in settled):
        return []
    return [
        replace(one, target="id", reason="each value once, and no other column names the rows")
        for one in settled
        if one.target == "conversation_id"
        and one.profile.distinct == 1
        and one.profile.filled == len(one.profile.cells)
    ]

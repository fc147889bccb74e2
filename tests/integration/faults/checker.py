"""What must hold of a history, whatever faults there were. Pure; every rule has a name.

The input topic itself is the measure: what the log has taken, in the order in which it has it.
"""

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import accumulate
from typing import Protocol

from tests.integration.faults.history import Commit, History, Place
from tests.integration.faults.records import output_id

ALLOWED_EXITS = (0, 71)
"""Stopped; or restarted because it was not healthy, which is what /healthz is for."""

# Kafka's times are whole milliseconds.
_CLOCK_S = 0.001

Rule = Callable[[History], Iterator[str]]


class _Numbered(Protocol):
    @property
    def key(self) -> str: ...
    @property
    def seq(self) -> int: ...


def check(history: History) -> dict[str, list[str]]:
    """Every rule's violations, each with what shows it; a rule that holds has none."""
    return {name: list(rule(history)) for name, rule in RULES.items()}


def _lost_by_the_log(history: History) -> Iterator[str]:
    there = {record.name for record in history.inputs}
    return (name for name in history.accepted if name not in there)


def _log_out_of_order(history: History) -> Iterator[str]:
    return _out_of_order(record for record in history.inputs if not record.poison)


def _effect_missing(history: History) -> Iterator[str]:
    there = {effect.step for effect in history.effects}
    return (name for name in _steps(history) if name not in there)


def _effect_doubled(history: History) -> Iterator[str]:
    counted = Counter(effect.step for effect in history.effects)
    for step, count in counted.items():
        if count > 1:
            yield f"{step}: {count} times"
    per_key = Counter(effect.key for effect in history.effects)
    for key in per_key.keys() | history.totals.keys():
        if history.totals.get(key, 0) != per_key[key]:
            yield f"{key}: counted {history.totals.get(key, 0)} times, {per_key[key]} effects"


def _effect_of_nothing(history: History) -> Iterator[str]:
    written = set(_steps(history))
    return (effect.step for effect in history.effects if effect.step not in written)


def _effects_out_of_order(history: History) -> Iterator[str]:
    effects = sorted(history.effects, key=lambda effect: effect.position)
    return _out_of_order(effects)


def _output_missing(history: History) -> Iterator[str]:
    there = {output.step for output in history.outputs}
    return (name for name in _steps(history) if name not in there)


def _output_id_changed(history: History) -> Iterator[str]:
    ids: dict[str, set[str]] = defaultdict(set)
    for output in history.outputs:
        ids[output.step].add(output.id)
    return (step for step, found in ids.items() if found != {output_id(step)})


def _output_of_nothing(history: History) -> Iterator[str]:
    written = set(_steps(history))
    return (output.step for output in history.outputs if output.step not in written)


def _outputs_out_of_order(history: History) -> Iterator[str]:
    outputs = sorted(history.outputs, key=lambda output: output.place)
    return _out_of_order(outputs)


def _poison_without_letter(history: History) -> Iterator[str]:
    letters = {letter.source for letter in history.letters}
    for record in history.inputs:
        if record.poison and record.place not in letters:
            yield f"{record.name} at {record.place}"


def _stray_letter(history: History) -> Iterator[str]:
    planted = {record.place: record.name for record in history.inputs if record.poison}
    for letter in history.letters:
        if planted.get(letter.source) != letter.name:
            yield f"{letter.name} from {letter.source}"


def _letter_altered(history: History) -> Iterator[str]:
    originals = {record.place: record.fingerprint for record in history.inputs if record.poison}
    for letter in history.letters:
        if originals.get(letter.source, letter.fingerprint) != letter.fingerprint:
            yield f"{letter.name} from {letter.source}"


def _offset_went_back(history: History) -> Iterator[str]:
    for told, name in ((history.commits, "the log's books"), (history.samples, "who asked")):
        highest: dict[int, Commit] = {}
        for commit in told:
            before = highest.get(commit.partition)
            if before is not None and commit.offset < before.offset:
                yield (
                    f"partition {commit.partition}: from {before.offset} at {before.at:.3f} to "
                    f"{commit.offset} at {commit.at:.3f}, by {name}"
                )
            if before is None or commit.offset > before.offset:
                highest[commit.partition] = commit


def _committed_too_early(history: History) -> Iterator[str]:
    """A commit says that everything below it is finished; so it was, at that time."""
    finished = _finished(history)
    places = defaultdict(list)
    for record in sorted(history.inputs, key=lambda record: record.place):
        places[record.place[0]].append(record.place)
    # When the last of all records up to each one was finished.
    all_done = {
        partition: list(accumulate((finished.get(place, float("inf")) for place in found), max))
        for partition, found in places.items()
    }
    reported: set[Place] = set()
    for commit in (*history.commits, *history.samples):
        place = (commit.partition, commit.offset)
        below = bisect_left(places.get(commit.partition, []), place)
        if not below or place in reported:
            continue
        late_s = all_done[commit.partition][below - 1] - commit.at - _CLOCK_S
        if late_s > 0:
            reported.add(place)
            yield f"partition {commit.partition} at {commit.offset}: {late_s:.3f} s too early"


def _not_caught_up(history: History) -> Iterator[str]:
    if not history.caught_up:
        yield "records were still uncommitted at the deadline"
    for told in (history.commits, history.samples):
        last = {commit.partition: commit.offset for commit in told}
        for partition, end in history.ends.items():
            if last.get(partition, 0) != end:
                yield f"partition {partition}: committed {last.get(partition, 0)} of {end}"


def _crashed(history: History) -> Iterator[str]:
    for ended in history.exits:
        if ended.code not in ALLOWED_EXITS:
            yield f"{ended.worker} ended with {ended.code}:\n{ended.tail}"


RULES: Mapping[str, Rule] = {
    "accepted but not in the log": _lost_by_the_log,
    "log out of order within a key": _log_out_of_order,
    "effect missing": _effect_missing,
    "effect doubled": _effect_doubled,
    "effect of nothing": _effect_of_nothing,
    "effects out of order within a key": _effects_out_of_order,
    "output missing": _output_missing,
    "output under a second id": _output_id_changed,
    "output of nothing": _output_of_nothing,
    "outputs out of order within a key": _outputs_out_of_order,
    "poison without a dead letter": _poison_without_letter,
    "dead letter of something else": _stray_letter,
    "dead letter altered": _letter_altered,
    "committed offset went back": _offset_went_back,
    "committed before it was finished": _committed_too_early,
    "not caught up": _not_caught_up,
    "worker crashed": _crashed,
}
"""In the order of the result table."""


def _steps(history: History) -> Iterable[str]:
    return (record.name for record in history.inputs if not record.poison)


def _out_of_order(found: Iterable[_Numbered]) -> Iterator[str]:
    """Keys whose numbers do not grow by one, counted where each came first."""
    following: dict[str, int] = {}
    for one in found:
        wanted = following.get(one.key, 0)
        if one.seq == wanted:
            following[one.key] = wanted + 1
        elif one.seq > wanted:
            yield f"{one.key}: {one.seq} before {wanted}"
            following[one.key] = one.seq + 1


def _finished(history: History) -> Mapping[Place, float]:
    """When each input record had its effect and its output, or its dead letter."""
    effects = {effect.step: effect.at for effect in history.effects}
    outputs: dict[str, float] = {}
    for output in history.outputs:
        outputs[output.step] = min(output.at, outputs.get(output.step, output.at))
    letters: dict[Place, float] = {}
    for letter in history.letters:
        letters[letter.source] = min(letter.at, letters.get(letter.source, letter.at))
    finished: dict[Place, float] = {}
    for record in history.inputs:
        if record.poison:
            if record.place in letters:
                finished[record.place] = letters[record.place]
        elif record.name in effects and record.name in outputs:
            finished[record.place] = max(effects[record.name], outputs[record.name])
    return finished

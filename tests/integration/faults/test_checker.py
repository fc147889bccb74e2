"""The checker finds what it is for: a good history passes, every kind of broken one does not."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.integration.faults.checker import RULES, check
from tests.integration.faults.history import (
    Commit,
    Effect,
    Exit,
    History,
    Input,
    Letter,
    Output,
)
from tests.integration.faults.records import output_id, step_id

KEYS = ("a", "b")
STEPS = 4
POISON = "poison/0"


def good() -> History:
    """Two keys side by side in one partition, a poison record behind them, all in a row.

    The record at offset n is finished at second n + 1.
    """
    order = [(key, seq) for seq in range(STEPS) for key in KEYS]
    inputs = [
        Input((0, offset), step_id(key, seq), key, seq, False, 0)
        for offset, (key, seq) in enumerate(order)
    ]
    count = len(inputs)
    inputs.append(Input((0, count), POISON, "a", -1, True, 7))
    return History(
        accepted=[record.name for record in inputs],
        inputs=inputs,
        effects=[
            Effect(step_id(key, seq), key, seq, "w", offset, offset + 0.5)
            for offset, (key, seq) in enumerate(order)
        ],
        totals=dict.fromkeys(KEYS, STEPS),
        outputs=[
            Output(output_id(step_id(key, seq)), step_id(key, seq), key, seq, (0, at), at + 1)
            for at, (key, seq) in enumerate(order)
        ],
        letters=[Letter((0, count), POISON, 7, count + 1)],
        commits=[Commit(at + 0.1, 0, at) for at in range(count + 2)],
        samples=[Commit(at + 0.1, 0, at) for at in range(0, count + 2, 3)],
        ends={0: count + 1},
    )


def lost_by_the_log(history: History) -> None:
    history.accepted = [*history.accepted, step_id("a", STEPS)]


def log_out_of_order(history: History) -> None:
    inputs = list(history.inputs)
    inputs[0], inputs[2] = (
        replace(inputs[2], place=inputs[0].place),
        replace(inputs[0], place=inputs[2].place),
    )
    history.inputs = inputs


def lost(history: History) -> None:
    history.effects = history.effects[:-1]
    history.totals = {**history.totals, history.inputs[-2].key: STEPS - 1}


def doubled(history: History) -> None:
    history.effects = [*history.effects, replace(history.effects[0], position=99)]


def counted_twice(history: History) -> None:
    history.totals = {**history.totals, "a": STEPS + 1}


def made_up(history: History) -> None:
    history.effects = [*history.effects, Effect("c/0", "c", 0, "w", 99, 0)]
    history.totals = {**history.totals, "c": 1}


def effect_of_poison(history: History) -> None:
    history.effects = [*history.effects, Effect(POISON, "a", STEPS, "w", 99, 0)]
    history.totals = {**history.totals, "a": STEPS + 1}


def disordered(history: History) -> None:
    effects = list(history.effects)
    effects[0], effects[2] = (
        replace(effects[0], position=effects[2].position),
        replace(effects[2], position=effects[0].position),
    )
    history.effects = effects


def output_lost(history: History) -> None:
    history.outputs = history.outputs[:-1]


def output_under_two_ids(history: History) -> None:
    again = replace(history.outputs[0], id="another", place=(0, 99))
    history.outputs = [*history.outputs, again]


def output_under_a_wrong_id(history: History) -> None:
    history.outputs = [replace(history.outputs[0], id="another"), *history.outputs[1:]]


def output_made_up(history: History) -> None:
    history.outputs = [
        *history.outputs,
        Output(output_id("c/0"), "c/0", "c", 0, (0, 99), 1),
    ]


def outputs_disordered(history: History) -> None:
    outputs = list(history.outputs)
    outputs[0], outputs[2] = (
        replace(outputs[0], place=outputs[2].place),
        replace(outputs[2], place=outputs[0].place),
    )
    history.outputs = outputs


def letter_lost(history: History) -> None:
    history.letters = ()


def stray_letter(history: History) -> None:
    history.letters = [*history.letters, Letter((0, 0), "no poison", 0, 99)]


def letter_from_the_wrong_place(history: History) -> None:
    history.letters = [*history.letters, replace(history.letters[0], source=(0, 3))]


def altered_letter(history: History) -> None:
    history.letters = [*history.letters, replace(history.letters[0], fingerprint=8)]


def offset_back(history: History) -> None:
    end = len(history.inputs)
    history.commits = [*history.commits, Commit(98, 0, end - 1), Commit(99, 0, end)]


def offset_seen_going_back(history: History) -> None:
    history.samples = [*history.samples, Commit(98, 0, 3), Commit(99, 0, len(history.inputs))]


def committed_too_early(history: History) -> None:
    """Offset 5 says that the record at 4 is finished, which it is a moment later."""
    early = Commit(4.95, 0, 5)
    history.commits = [commit if commit.offset != 5 else early for commit in history.commits]


def seen_committed_too_early(history: History) -> None:
    history.samples = [Commit(0.5, 0, 3), *history.samples[2:]]


def dead_letter_too_late(history: History) -> None:
    history.letters = [replace(history.letters[0], at=99)]


def not_caught_up(history: History) -> None:
    history.commits = history.commits[:-1]


def not_seen_caught_up(history: History) -> None:
    history.samples = history.samples[:-1]


def never_committed(history: History) -> None:
    history.ends = {**history.ends, 1: 1}


def too_late(history: History) -> None:
    history.caught_up = False


def crashed(history: History) -> None:
    history.exits = [Exit("w", 1, "Traceback")]


BROKEN: dict[Callable[[History], None], set[str]] = {
    lost_by_the_log: {"accepted but not in the log"},
    log_out_of_order: {"log out of order within a key", "committed before it was finished"},
    lost: {"effect missing", "committed before it was finished"},
    doubled: {"effect doubled"},
    counted_twice: {"effect doubled"},
    made_up: {"effect of nothing"},
    effect_of_poison: {"effect of nothing"},
    disordered: {"effects out of order within a key"},
    output_lost: {"output missing", "committed before it was finished"},
    output_under_two_ids: {"output under a second id"},
    output_under_a_wrong_id: {"output under a second id"},
    output_made_up: {"output of nothing"},
    outputs_disordered: {"outputs out of order within a key"},
    letter_lost: {"poison without a dead letter", "committed before it was finished"},
    stray_letter: {"dead letter of something else"},
    letter_from_the_wrong_place: {"dead letter of something else"},
    altered_letter: {"dead letter altered"},
    offset_back: {"committed offset went back"},
    offset_seen_going_back: {"committed offset went back"},
    committed_too_early: {"committed before it was finished"},
    seen_committed_too_early: {"committed before it was finished"},
    dead_letter_too_late: {"committed before it was finished"},
    not_caught_up: {"not caught up"},
    not_seen_caught_up: {"not caught up"},
    never_committed: {"not caught up"},
    too_late: {"not caught up"},
    crashed: {"worker crashed"},
}


def wrong(history: History) -> set[str]:
    return {rule for rule, found in check(history).items() if found}


def test_a_good_history_has_no_violations() -> None:
    assert wrong(good()) == set()


def test_work_that_came_again_is_no_violation() -> None:
    """At least once: a source that was not answered, a worker that died before its commit."""
    history = good()
    again = [replace(record, place=(0, 20 + at)) for at, record in enumerate(history.inputs)]
    history.inputs = [*history.inputs, *again]
    history.outputs = [
        *history.outputs,
        *(replace(output, place=(0, 20 + at)) for at, output in enumerate(history.outputs)),
    ]
    letter = history.letters[0]
    history.letters = [letter, letter, replace(letter, source=again[-1].place)]
    history.commits = [*history.commits, Commit(99, 0, 29)]
    history.samples = [*history.samples, Commit(99, 0, 29)]
    history.ends = {0: 29}
    history.exits = [Exit("w", 71, "not healthy")]
    assert wrong(history) == set()


@pytest.mark.parametrize("break_it", BROKEN, ids=lambda break_it: break_it.__name__)
def test_a_broken_history_is_found(break_it: Callable[[History], None]) -> None:
    history = good()
    break_it(history)
    assert wrong(history) == BROKEN[break_it]


def test_every_rule_has_a_history_that_breaks_it() -> None:
    assert set().union(*BROKEN.values()) == set(RULES)

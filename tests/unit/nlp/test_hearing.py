"""What is read out of the voice head, window by window."""

import numpy as np
import pytest

from heedful.nlp.encoder.engine import Temperatures
from heedful.nlp.encoder.hearing import hear
from heedful.nlp.encoder.tasks import (
    CLASSES,
    FLAG_QUERIES,
    FLAGS,
    INTENT_QUERY,
    INTENTS,
    NEED_QUERY,
    NEEDS,
    QUERIES,
)
from heedful.nlp.encoder.windows import Window
from heedful.nlp.encoder.wordpiece import Tokens

EVEN = Temperatures()
TOKENS = Tokens(ids=[7] * 8, starts=list(range(8)), ends=list(range(1, 9)))
HALVES = [Window(0, 6, 0, 4), Window(2, 8, 4, 8)]


def answers() -> np.ndarray:
    return np.zeros((QUERIES, CLASSES), dtype=np.float32)


def looked(query: int, piece: int) -> np.ndarray:
    shares = np.full((8, QUERIES), 0.01, dtype=np.float32)
    shares[piece, query] = 1
    return shares


def test_a_flag_of_one_window_is_a_flag_of_the_text_and_points_into_it() -> None:
    first, second = answers(), answers()
    query = FLAG_QUERIES.start + FLAGS.index("gas_leak")
    first[FLAG_QUERIES, 0] = second[FLAG_QUERIES, 0] = -4
    second[query, 0] = 4
    found = hear([first, second], looked(query, 6), HALVES, TOKENS, EVEN)
    assert found.flag("gas_leak").share == pytest.approx(1 / (1 + np.exp(-4)))
    assert found.flag("gas_leak").focus == (6, 7)
    assert found.flag("injury").share == pytest.approx(1 / (1 + np.exp(4)))


def test_a_focus_never_leaves_the_window_that_heard_it() -> None:
    first, second = answers(), answers()
    query = FLAG_QUERIES.start + FLAGS.index("red")
    second[query, 0] = 3
    # The most looked-at piece lies in the other window.
    attention = looked(query, 1)
    attention[5, query] = 0.5
    assert hear([first, second], attention, HALVES, TOKENS, EVEN).flag("red").focus == (5, 6)


def test_intent_and_need_are_the_mean_of_the_windows_by_their_size() -> None:
    windows = [Window(0, 6, 0, 6), Window(2, 8, 6, 8)]
    first, second = answers(), answers()
    first[INTENT_QUERY, INTENTS.index("request")] = 50
    second[INTENT_QUERY, INTENTS.index("chat")] = 50
    first[NEED_QUERY, NEEDS.index("latent")] = 50
    second[NEED_QUERY, NEEDS.index("none")] = 50
    found = hear([first, second], looked(INTENT_QUERY, 3), windows, TOKENS, EVEN)
    assert found.intent[INTENTS.index("request")] == pytest.approx(6 / 8)
    assert found.need[NEEDS.index("latent")] == pytest.approx(6 / 8)
    assert found.intent_focus == (3, 4)


def test_a_temperature_flattens() -> None:
    one = answers()
    one[FLAG_QUERIES, 0] = 4
    sharp = hear([one], looked(0, 0), [Window(0, 8, 0, 8)], TOKENS, EVEN)
    flat = hear([one], looked(0, 0), [Window(0, 8, 0, 8)], TOKENS, Temperatures(flags=2))
    assert flat.flag("red").share == pytest.approx(1 / (1 + np.exp(-2)))
    assert sharp.flag("red").share > flat.flag("red").share


def test_a_flag_that_nobody_knows_is_an_error() -> None:
    found = hear([answers()], looked(0, 0), [Window(0, 8, 0, 8)], TOKENS, EVEN)
    with pytest.raises(KeyError):
        found.flag("boredom")

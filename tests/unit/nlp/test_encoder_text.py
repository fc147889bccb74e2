"""What goes into the encoder and what is read out of it, without an engine."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from heedful.nlp.encoder.spans import belonging, spans
from heedful.nlp.encoder.tasks import PAIR_WIDTH
from heedful.nlp.encoder.windows import windows
from heedful.nlp.encoder.wordpiece import SPECIAL, WordPieces, reachable
from heedful.nlp.text import normalise

VOCABULARY = [*SPECIAL, "味", "道", "好", "wi", "##fi", "5", "##g", "##0", "，", "😊", "a", "##b"]
PIECES = WordPieces(VOCABULARY)


def words(text: str) -> list[str]:
    tokens = PIECES.split(text)
    return [text[start:end] for start, end in zip(tokens.starts, tokens.ends, strict=True)]


def test_characters_stand_alone_and_latin_words_are_cut_greedily() -> None:
    assert words("味道好，wifi 5g") == ["味", "道", "好", "，", "wi", "fi", "5", "g"]
    assert [VOCABULARY[number] for number in PIECES.split("wifi").ids] == ["wi", "##fi"]


def test_a_word_without_pieces_is_one_unknown() -> None:
    tokens = PIECES.split("好xyz好")
    assert tokens.ids == [PIECES.split("好").ids[0], PIECES.unknown, PIECES.split("好").ids[0]]
    assert words("好xyz好") == ["好", "xyz", "好"]


def test_an_emoji_does_not_hide_the_word_beside_it() -> None:
    assert words("好😊wifi") == ["好", "😊", "wi", "fi"]


@given(st.text(max_size=60))
def test_pieces_are_in_order_and_leave_only_blanks(text: str) -> None:
    normal = normalise(text)[0]
    tokens = PIECES.split(normal)
    end = 0
    for start, stop in zip(tokens.starts, tokens.ends, strict=True):
        assert end <= start < stop
        assert not normal[end:start].strip()
        end = stop
    assert not normal[end:].strip()


def test_a_vocabulary_must_have_its_marks() -> None:
    with pytest.raises(ValueError, match=r"\[CLS\]"):
        WordPieces(["[PAD]", "[UNK]", "[SEP]", "[MASK]", "好"])


def test_only_what_a_normal_form_can_hold_is_kept() -> None:
    full = [*SPECIAL, "[unused7]", "好", "##好", "壞", "Ａ", "A", "a", "##a", "[", "##!"]
    assert reachable(full) == [*SPECIAL, "好", "a", "##a", "[", "##!"]


@given(st.integers(1, 400), st.integers(2, 60), st.integers(0, 59))
def test_every_piece_has_one_window_and_all_are_full(count: int, length: int, lap: int) -> None:
    lap = min(lap, length - 1)
    parts = windows(count, length, lap)
    best = [number for part in parts for number in range(part.first, part.last)]
    assert best == list(range(count))
    assert all(part.start <= part.first < part.last <= part.end for part in parts)
    assert all(part.end - part.start == min(length, count) for part in parts)


def test_a_piece_at_an_edge_belongs_to_the_window_around_it() -> None:
    parts = windows(150, 100, 40)
    assert [(part.start, part.end) for part in parts] == [(0, 100), (50, 150)]
    assert [(part.first, part.last) for part in parts] == [(0, 75), (75, 150)]


def test_windows_must_advance() -> None:
    with pytest.raises(ValueError, match="overlap"):
        windows(10, 5, 5)


def tagged(*tags: int, classes: int) -> np.ndarray:
    return np.eye(classes, dtype=np.float32)[list(tags)] * 8


def test_spans_begin_where_their_tags_say() -> None:
    found = spans(tagged(0, 1, 2, 1, 0, 2, classes=3))
    assert [(one.first, one.last) for one in found] == [(1, 3), (3, 4), (5, 6)]
    assert all(one.confidence > 0.99 for one in found)


def test_one_wavering_piece_neither_splits_a_span_nor_changes_its_kind() -> None:
    found = spans(tagged(5, 6, 4, 6, classes=7))
    assert [(one.first, one.last, one.kind) for one in found] == [(0, 4, 2)]


def test_no_pieces_no_spans() -> None:
    assert spans(np.zeros((0, 3), dtype=np.float32)) == []


def test_an_opinion_is_about_the_aspects_that_point_its_way() -> None:
    opinion = np.zeros(PAIR_WIDTH, dtype=np.float32)
    opinion[0] = 8
    aspects = np.zeros((3, PAIR_WIDTH), dtype=np.float32)
    aspects[:, 0] = (-4, 4, 2)
    assert belonging(opinion, aspects) == [1, 2]
    # Where none does, the least unlikely one is taken: an opinion is about something.
    assert belonging(opinion, aspects[:1]) == [0]

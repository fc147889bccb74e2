"""Emotions: the encoder's and those of words, how strong, and where they show."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from heedful.common.contracts import Emotion, Polarity, Sentiment
from heedful.common.datafiles import DataError, parse
from heedful.nlp.emotion import emotions_of
from heedful.nlp.emotion_words import EmotionFile, EmotionWords
from heedful.nlp.encoder.reading import Mood, Reading
from heedful.nlp.encoder.tasks import EMOTIONS
from heedful.nlp.lexicon import Lexicon
from heedful.nlp.pipeline import Pipeline
from heedful.nlp.text import prepare

from .readings import NOTHING

WORDS: EmotionWords = Lexicon.load().emotions


def mood(label: str, share: float, focus: tuple[int, int] = (0, 1)) -> Mood:
    shares = np.full(len(EMOTIONS), (1 - share) / (len(EMOTIONS) - 1), dtype=np.float32)
    shares[EMOTIONS.index(label)] = share
    return Mood(shares, focus)


def felt(text: str, *moods: Mood, polarity: str | None = None, asks: bool = False) -> list[Emotion]:
    reading: Reading | None = replace(NOTHING, moods=moods) if moods else None
    sentiment = Sentiment(polarity=Polarity(polarity), confidence=0.9) if polarity else None
    return list(emotions_of(reading, prepare(text), WORDS, sentiment, asks=asks))


def told(text: str, *moods: Mood) -> list[tuple[str, int]]:
    return [(one.label.value, one.intensity) for one in felt(text, *moods)]


NEUTRAL = mood("neutral", 0.9)


def test_without_an_emotion_there_is_none() -> None:
    assert felt("请问几点关门", NEUTRAL) == []
    assert felt("请问几点关门") == []
    assert felt("。。。", mood("angry", 0.9)) == []
    assert felt("等了两个小时", mood("angry", 0.2)) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("我有点生气", ("angry", 2)),
        ("我很生气", ("angry", 4)),
        ("我生气", ("angry", 3)),
        ("我非常生气！！", ("angry", 5)),
        ("气死我了", ("angry", 4)),
        ("有一点担心", ("fear", 1)),
        ("怕得要命，真的害怕", ("fear", 4)),
        ("難過極了", ("sad", 4)),
        ("ｓａｄ", ("sad", 3)),
        ("We were absolutely terrified", ("fear", 5)),
        ("slightly annoyed", ("angry", 1)),
        ("哎😡", ("angry", 4)),
        ("哎😡😡", ("angry", 5)),
    ],
)
def test_intensity_comes_from_words_degree_marks_and_emoji(
    text: str, expected: tuple[str, int]
) -> None:
    assert told(text) == [expected]


@pytest.mark.parametrize(
    "text",
    [
        "我不生气",
        "没有失望",
        "别担心",
        "不是很难过",
        "恐怕来不及",
        "我又不害怕",
        "not angry at all",
    ],
)
def test_what_is_denied_is_no_emotion(text: str) -> None:
    assert told(text) == []


def test_without_words_the_encoder_is_weak_or_plain() -> None:
    assert told("等了两个小时", mood("angry", 0.6)) == [("angry", 2)]
    assert told("等了两个小时", mood("angry", 0.9)) == [("angry", 3)]
    assert told("等了整整两个小时简直绝了！！", mood("angry", 0.9)) == [("angry", 5)]


def test_of_a_question_or_against_the_sentiment_the_encoder_must_be_surer() -> None:
    text, unsure = "那个多久能好", mood("angry", 0.45)
    assert felt(text, unsure)
    assert not felt(text, unsure, asks=True)
    assert not felt(text, unsure, polarity="positive")
    assert felt(text, unsure, polarity="negative")
    assert felt(text, mood("angry", 0.7), asks=True)
    assert not felt(text, mood("happy", 0.45), polarity="negative")


def test_two_clauses_may_show_two_emotions() -> None:
    text = "你们太过分了，孩子都吓哭了"
    found = felt(text, mood("angry", 0.9, (0, 3)))
    assert [one.label.value for one in found] == ["angry", "fear"]
    assert [span.text for one in found for span in one.evidence] == ["太过分", "吓哭"]


def test_in_one_clause_the_encoder_is_believed() -> None:
    assert [label for label, _ in told("吓死我了", mood("angry", 0.9))] == ["angry"]


def test_windows_of_a_long_text_may_differ() -> None:
    text = "先是没人管。后来孩子晕过去了"
    found = told(text, mood("angry", 0.9, (0, 2)), mood("fear", 0.7, (6, 8)))
    assert [label for label, _ in found] == ["angry", "fear"]


def test_an_emotion_of_two_windows_is_told_once() -> None:
    text = "先是没人管。后来还是没人管"
    (found,) = felt(text, mood("angry", 0.9, (0, 2)), mood("angry", 0.7, (6, 8)))
    assert found.confidence == pytest.approx(0.9)
    assert [span.text for span in found.evidence] == ["先是没人管", "后来还是没人管"]


def test_evidence_is_the_clause_as_it_was_written() -> None:
    (found,) = felt("师傅\u200b来了，还是打不开", mood("angry", 0.9, (1, 3)))
    assert [span.text for span in found.evidence] == ["师傅\u200b来了"]


@given(
    st.text("气死生害怕难过开心，。！!? 很非常有点不没😡😭\u200bＡ\r\n", min_size=1, max_size=40),
    st.sampled_from(EMOTIONS),
    st.floats(0.2, 1),
)
def test_spans_and_intensities_are_sound(text: str, label: str, share: float) -> None:
    for reading in (None, replace(NOTHING, moods=(mood(label, share),))):
        for one in emotions_of(reading, prepare(text), WORDS):
            assert 1 <= one.intensity <= 5
            assert one.evidence
            assert all(text[span.start : span.end] == span.text for span in one.evidence)


def test_customers_feel_something(pipeline: Pipeline) -> None:
    for text, label in (
        ("气死我了，等了三个小时没人管", "angry"),
        ("吓死我了，刹车突然失灵", "fear"),
        ("太开心了，谢谢你们！", "happy"),
    ):
        assert label in [one.label.value for one in pipeline.analyse(text).emotions], text


def test_a_word_of_two_emotions_is_refused() -> None:
    content = """
version: "1"
emotions: {angry: {plain: [气]}, sad: {mild: [气]}}
negators: [不]
intensifiers: [很]
diminishers: [有点]
complements: [死了]
"""
    with pytest.raises(DataError, match="气 listed twice; keep one"):
        parse("emotion.yaml", content, EmotionFile)

"""Opinions: what is said about what, from words, spans and mentions, each once."""

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heedful.common.contracts import Opinion
from heedful.nlp.encoder.focus import Place
from heedful.nlp.encoder.reading import OpinionSpan
from heedful.nlp.encoder.tasks import OPINION_KINDS
from heedful.nlp.lexicon import Lexicon
from heedful.nlp.pairing import MAX_OPINIONS, opinions_of
from heedful.nlp.pipeline import Pipeline
from heedful.nlp.taxonomy import Taxonomy
from heedful.nlp.text import prepare

from .readings import NOTHING

LEXICON, TAXONOMY = Lexicon.load(), Taxonomy.load()


def span(
    place: Place, kind: str = "negative", *aspects: Place, confidence: float = 0.9
) -> OpinionSpan:
    return OpinionSpan(place, OPINION_KINDS.index(kind), confidence, aspects)


def said(original: str, *spans: OpinionSpan, read: bool = True) -> list[Opinion]:
    text = prepare(original)
    reading = replace(NOTHING, opinions=spans) if read else None
    words = LEXICON.opinions.find(text)
    return list(opinions_of(text, words, reading, TAXONOMY.mentions(text)))


def told(original: str, *spans: OpinionSpan) -> list[tuple[str | None, str, str, str | None]]:
    return [
        (
            one.aspect.text if one.aspect else None,
            one.opinion.text,
            one.polarity.value,
            one.topic,
        )
        for one in said(original, *spans)
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("味道不错", [("味道", "不错", "positive", "food.taste")]),
        ("非常难吃", [(None, "难吃", "negative", "food.taste")]),
        ("网速不稳定", [("网速", "不稳定", "negative", "network.speed")]),
        ("态度很差", [("态度", "很差", "negative", "staff.attitude")]),
        ("漏汤", [(None, "漏汤", "negative", "food.packaging")]),
        ("今天真糟糕", [(None, "糟糕", "negative", None)]),
        ("请问几点关门", []),
        ("。。。", []),
    ],
)
def test_words_and_keywords(
    text: str, expected: list[tuple[str | None, str, str, str | None]]
) -> None:
    assert told(text) == expected


def test_the_encoder_pairs_an_opinion_with_what_it_judges() -> None:
    text = "鳕鱼羹很清淡，师傅来了"
    assert told(text, span((3, 6), "positive", (0, 3))) == [("鳕鱼羹", "很清淡", "positive", None)]


def test_an_opinion_about_two_things_is_told_of_both() -> None:
    text = "味道和分量都很一流"
    found = told(text, span((5, 9), "positive", (0, 2), (3, 5)))
    assert [(aspect, topic) for aspect, _, _, topic in found] == [
        ("味道", "food.taste"),
        ("分量", "food.portion"),
    ]


def test_a_word_inside_a_span_is_the_same_opinion() -> None:
    (found,) = said("上菜速度慢死了", span((4, 7), "negative", (0, 4), confidence=0.7))
    assert found.opinion.text == "慢死了"
    assert found.confidence > 0.7


def test_in_a_dispute_the_encoder_is_believed_but_less() -> None:
    (found,) = said("味道不错", span((2, 4), "negative"))
    assert (found.polarity, found.confidence) == ("negative", 0.7)


def test_mocking_words_are_believed() -> None:
    text = "你们的态度可真是好得很，真有你们的"
    words = LEXICON.opinions.find(prepare(text))
    place = next((one.start, one.end) for one in words if one.ironic)
    assert {one.polarity.value for one in said(text, span(place, "positive"))} == {"negative"}


def test_mild_words_count_only_where_the_encoder_has_not_read() -> None:
    assert said("有点小") == []
    assert [one.opinion.text for one in said("有点小", read=False)] == ["有点小"]


def test_an_unsure_span_is_left_out() -> None:
    assert said("来了两趟", span((0, 4), confidence=0.4)) == []


def test_the_topic_of_a_sentence_goes_on() -> None:
    found = told("客服电话打了三次，糟糕。房间很糟糕")
    assert found[0][3] is not None
    assert next(aspect for aspect, opinion, _, _ in found if opinion == "糟糕") is None


def test_polite_words_judge_nothing() -> None:
    assert said("请问几点关门，谢谢") == []


WORDS = st.lists(
    st.sampled_from(
        [
            *(
                "味道",
                "不错",
                "上菜",
                "太慢",
                "師傅",
                "態度",
                "很差",
                "ＷｉＦｉ",
                "慢",
                "但是",
                "一般",
            ),
            *("，", "。", "\r\n", " ", "服 务 态 度 好", "漏汤", "真有你们的", "food was great"),
            *("😡", "👨‍👩‍👧", "𠮷", "\u200b"),
        ]
    ),
    min_size=1,
    max_size=25,
).map("".join)


@given(WORDS.filter(bool), st.data())
def test_every_opinion_quotes_the_text_once(original: str, data: st.DataObject) -> None:
    size = len(prepare(original).normal)
    bounds = data.draw(st.lists(st.integers(0, size), max_size=12, unique=True).map(sorted))
    places = [(start, end) for start, end in zip(bounds[::2], bounds[1::2], strict=False)]
    kinds = st.sampled_from(OPINION_KINDS)
    aspects = data.draw(st.lists(st.sampled_from(places), max_size=2)) if places else []
    spans = [span(place, data.draw(kinds), *aspects) for place in places]
    found = said(original, *spans)
    seen = [(one.opinion.start, one.opinion.end, one.aspect) for one in found]
    assert len(set(seen)) == len(seen)
    for one in found:
        for quoted in (one.opinion, one.aspect):
            if quoted is not None:
                assert original[quoted.start : quoted.end] == quoted.text
    opinions = sorted({(one.opinion.start, one.opinion.end) for one in found})
    assert all(before[1] <= after[0] for before, after in pairwise(opinions))


@pytest.mark.parametrize(
    ("text", "aspect", "opinion"),
    [
        ("師傅態度很差", "態度", "差"),
        ("ＷｉＦｉ很慢", "ＷｉＦｉ", "慢"),
        ("👨‍👩‍👧味道\r\n不错，𠮷𠮷上菜太慢", "上菜", "慢"),
        ("那 个 师 傅 态 度 很 差 啊", "态 度", "很 差"),
        ("态\u200b度\u200b很差", "态\u200b度", "很差"),
    ],
)
def test_offsets_are_of_the_stored_text(
    pipeline: Pipeline, text: str, aspect: str, opinion: str
) -> None:
    for one in pipeline.analyse(text).opinions:
        for quoted in (one.opinion, one.aspect):
            if quoted is not None:
                assert text[quoted.start : quoted.end] == quoted.text
    by_words = [(one.aspect.text, one.opinion.text) for one in said(text, read=False) if one.aspect]
    assert any(about == aspect and opinion in words for about, words in by_words), by_words


def test_an_aspect_that_ends_inside_a_keyword_is_the_keyword() -> None:
    text = "师傅态度很差"
    assert told(text, span((4, 6), "negative", (3, 4))) == [
        ("态度", "很差", "negative", "staff.attitude")
    ]


def test_a_long_text_has_a_bounded_number() -> None:
    assert len(said("味道不错，上菜太慢。" * 500)) == MAX_OPINIONS

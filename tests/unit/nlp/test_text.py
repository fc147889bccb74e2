"""The normal form points back into the customer's own words."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heedful.nlp.text import language_of, normalise, prepare

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=200)
CHINESE = st.text("刹车不好吃 很，。！但是3.5\u200bＡＢ味道 \n繁體ok", max_size=60)


@pytest.mark.parametrize(
    ("original", "normal"),
    [
        ("ＡＢＣ１２３！", "abc123!"),
        ("味道不錯", "味道不错"),
        ("刹 车 失 灵", "刹车失灵"),
        ("刹\u200b车", "刹车"),
        ("味道不错 服务很好", "味道不错 服务很好"),
        ("It’s FINE", "it's fine"),
        ("“好”", '"好"'),
        ("", ""),
        ("请打<phone_2>，<ID_CARD:9f3a2c1b77d0>", "请打<phone>,<id_card>"),
        ("a_1 > b:9f3a2c1b77d0", "a_1 > b:9f3a2c1b77d0"),
    ],
)
def test_normal_form(original: str, normal: str) -> None:
    assert normalise(original)[0] == normal


@pytest.mark.parametrize(
    ("text", "clauses"),
    [
        ("味道好，价格贵。", ["味道好", "价格贵"]),
        ("味道好但是价格贵", ["味道好", "但是价格贵"]),
        ("不但好吃而且便宜", ["不但好吃而且便宜"]),
        ("不过如此", ["不过如此"]),
        ("价格3.5元，版本1.2.3", ["价格3.5元", "版本1.2.3"]),
        ("味道不错 服务很好", ["味道不错", "服务很好"]),
        ("Great food, but slow service.", ["Great food", " ", "but slow service"]),
        ("！！！", []),
        ("第一行\n第二行", ["第一行", "第二行"]),
    ],
)
def test_clauses(text: str, clauses: list[str]) -> None:
    prepared = prepare(text)
    found = [prepared.span(one.start, one.end).text for one in prepared.clauses]
    assert found == [one for one in clauses if one.strip()]


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("味道很好", "zh"),
        ("iPhone的信号不好", "zh"),
        ("The food was great.", "en"),
        ("服务 is very good, 下次 will come back 的", "mixed"),
        ("12345", "other"),
        ("とてもおいしいです", "other"),
        ("Привет", "other"),
        ("", "other"),
    ],
)
def test_language(text: str, language: str) -> None:
    assert language_of(normalise(text)[0]) == language


@given(TEXTS | CHINESE)
def test_offsets_grow_and_stay_inside(original: str) -> None:
    normal, offsets = normalise(original)
    if offsets is None:
        assert len(normal) == len(original)
        return
    assert len(offsets) == len(normal)
    assert all(one < other for one, other in pairwise(offsets))
    assert all(0 <= one < len(original) for one in offsets)


@given(TEXTS | CHINESE)
def test_clauses_are_ordered_and_disjoint(original: str) -> None:
    clauses = prepare(original).clauses
    assert all(one.start < one.end for one in clauses)
    assert all(
        one.end <= other.start and one.sentence <= other.sentence
        for one, other in pairwise(clauses)
    )


@given(CHINESE)
def test_spans_quote_the_original(original: str) -> None:
    text = prepare(original)
    for clause in text.clauses:
        span = text.span(clause.start, clause.end)
        assert original[span.start : span.end] == span.text

"""The small language of rules."""

import pytest

from heedful.nlp.patterns import PatternError, Patterns, expand, widest


def found(pattern: str, text: str) -> list[str]:
    return [text[one.start : one.end] for one in widest(Patterns([[pattern]]).find(text))]


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        ("失灵|变软", "刹车变软了", ["变软"]),
        ("刹车|制动 ~4 失灵|变软", "制动有点变软", ["制动有点变软"]),
        ("刹车|制动 ~2 失灵|变软", "制动它真的变软", []),
        ("刹车 ~9 失灵", "刹车好。方向失灵", []),
        ("打了%次", "打了三次电话", ["打了三次"]),
        ("打了%次", "打了12次", ["打了12次"]),
        ("打了%次", "打了一下", []),
        ("第%次 ~2 来", "第二十次又来", ["第二十次又来"]),
        ("rude", "so rude!", ["rude"]),
        ("rude", "crude oil", []),
        ("explod*", "it exploded.", ["exploded"]),
        ("brake* ~12 fail*", "the brakes have failed", ["brakes have failed"]),
        ("app", "打开app就闪退", ["app"]),
        ("app", "happy apple", []),
        ("a+b", "a+b", ["a+b"]),
    ],
)
def test_matches(pattern: str, text: str, expected: list[str]) -> None:
    assert found(pattern, text) == expected


@pytest.mark.parametrize("pattern", ["%次", "a||b", "", "刹车 ~6", "*x ~3 y"])
def test_faults_are_named(pattern: str) -> None:
    with pytest.raises(PatternError):
        Patterns([[pattern]])


def test_the_gap_is_no_part_of_a_match() -> None:
    (match,) = Patterns([["孩子 ~9 烫到"]]).find("孩子在火锅店被烫到")
    assert match.parts == ((0, 2), (7, 9))


def test_named_words_stand_for_all_of_them() -> None:
    words = {"child": "孩子|女儿", "lost": "走丢|不见"}
    pattern = expand("<child> ~3 <lost>|哭", words)
    assert pattern == "孩子|女儿 ~3 走丢|不见|哭"
    assert found(pattern, "女儿在大商场走丢了") == []
    assert found(pattern, "女儿又走丢了") == ["女儿又走丢"]


def test_unknown_words_are_named() -> None:
    with pytest.raises(PatternError, match="no words are called 'chidl'"):
        expand("<chidl> ~3 走丢", {"child": "孩子"})

"""Bytes whose declared charset is right, wrong or missing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heedful.ingest.mail.charsets import UnknownCharset, codec_of, decode

WORDS = "刹车失灵，㎡ 镕 喆 都能读。"
GB2312 = "刹车失灵，请尽快处理。"


@pytest.mark.parametrize(
    ("encoded", "declared"),
    [
        (WORDS.encode("gb18030"), "gb2312"),  # characters that GB 2312 lacks
        (WORDS.encode("gb18030"), "GBK"),
        (WORDS.encode("gb18030"), ' "gb18030" '),
        (WORDS.encode("utf-8"), "utf-8"),
        (WORDS.encode("utf-8"), "UTF8MB4"),
        (WORDS.encode("utf-8"), "gb2312"),  # UTF-8 sent as GB 2312
        (WORDS.encode("utf-8"), "us-ascii"),
        (WORDS.encode("utf-8"), None),
        (WORDS.encode("gb18030"), "utf-8"),  # GBK sent as UTF-8
        (WORDS.encode("gb18030"), "iso-8859-1"),
        (WORDS.encode("gb18030"), None),
        (WORDS.encode("gb18030"), "x-unknown"),
        (WORDS.encode("utf-16"), "utf-16"),
        (GB2312.encode("hz"), "hz-gb-2312"),
    ],
)
def test_chinese(encoded: bytes, declared: str | None) -> None:
    assert decode(encoded, declared) in (WORDS, GB2312)


@pytest.mark.parametrize(
    ("words", "codec", "declared"),
    [
        ("煞車失靈", "big5hkscs", "big5"),
        ("煞車失靈", "cp950", "x-x-big5"),
        ("ブレーキ", "iso2022_jp", "iso-2022-jp"),
        ("ブレーキ", "cp932", "shift_jis"),
        ("브레이크", "cp949", "ks_c_5601-1987"),
        ("Größe “ok” – 5 €", "cp1252", "iso-8859-1"),
        ("тормоз", "koi8_r", "koi8-r"),
        ("brake", "ascii", None),
    ],
)
def test_others(words: str, codec: str, declared: str | None) -> None:
    assert decode(words.encode(codec), declared) == words


def test_a_character_cut_in_two_does_not_change_the_charset() -> None:
    cut = ("刹车失灵，请尽快处理，" * 10).encode("utf-8")[:-1]
    assert decode(cut, "utf-8").startswith("刹车失灵，请尽快处理，")


def test_bytes_that_are_no_text() -> None:
    with pytest.raises(UnknownCharset):
        decode(bytes([0x81, 0x8D, 0x8F, 0x90, 0x9D, 0xFF]) * 50, "utf-8")


@pytest.mark.parametrize("label", ["idna", "punycode", "hex", "rot13", "unicode_escape", "", None])
def test_codecs_that_are_no_charsets_are_never_used(label: str | None) -> None:
    assert codec_of(label) is None


@given(st.binary(max_size=200), st.one_of(st.none(), st.sampled_from(["gbk", "utf-16", "hz", "x"])))
def test_any_bytes_are_text_or_refused(data: bytes, declared: str | None) -> None:
    try:
        decode(data, declared)
    except UnknownCharset:
        return

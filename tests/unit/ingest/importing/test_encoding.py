"""Encodings: found over the whole file, and what does not decode is told."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heedful.ingest.importing.encoding import detect, known
from heedful.ingest.importing.layout import Hints
from heedful.ingest.importing.records import Unreadable
from tests.unit.ingest.importing.material import read_all

CSV = "评价内容,评价时间\n排队两个小时，没有人理,2026-11-24\n店员很热情，环境也好,2026-11-25\n"
CHINESE = st.text(
    st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5) | st.sampled_from("，。！ab1 "),
    min_size=20,
    max_size=200,
)


@pytest.mark.parametrize(
    ("encoding", "found"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8-sig"),
        ("utf-16", "utf-16"),
        ("gbk", "gb18030"),
        ("gb18030", "gb18030"),
        ("gb2312", "gb18030"),
    ],
)
def test_the_encodings_of_chinese_exports(encoding: str, found: str) -> None:
    read = read_all(CSV.encode(encoding))
    assert read.proposal.layout.encoding == found
    assert read.proposal.doubts == ()
    assert read.texts == ["排队两个小时，没有人理", "店员很热情，环境也好"]


def test_the_first_byte_that_is_not_ascii_may_come_late() -> None:
    rows = "".join(f"ok {number},2026-11-24\n" for number in range(100_000))
    late = f"text,time\n{rows}".encode() + "迟到三小时,2026-11-24\n".encode("gbk")
    assert detect(io.BytesIO(late)).name == "gb18030"


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_a_damaged_row_is_rejected_and_the_others_are_taken(encoding: str) -> None:
    rows = [f"第{number}条意见，希望改进,2026-11-24\n".encode(encoding) for number in range(300)]
    rows[7] = b"\xff\xfe" + rows[7]
    found = read_all("评价内容,评价时间\n".encode(encoding) + b"".join(rows))
    assert found.proposal.layout.encoding == encoding
    assert found.proposal.doubts == ("the encoding of the file",)
    assert len(found.items) == 299
    assert list(found.details) == [9]
    assert "not of the file's encoding" in found.details[9]


def test_another_encoding_is_in_doubt_until_it_is_named() -> None:
    big5 = "評論內容,評論時間\n排隊兩個小時沒有人理會我,2026-11-24\n服務員態度惡劣,2026-11-25\n"
    assert detect(io.BytesIO(big5.encode("big5"))).sure < 0.75
    hints = Hints(encoding="big5", header_row=1)
    read = read_all(big5.encode("big5"), hints=hints, mapping=("text=#1", "occurred_at=#2"))
    assert read.texts[0] == "排隊兩個小時沒有人理會我"


@pytest.mark.parametrize("content", [b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", b"\xff\xfd\x80" * 400])
def test_what_is_no_text_is_refused(content: bytes) -> None:
    with pytest.raises(Unreadable):
        read_all(content)


@pytest.mark.parametrize("name", ["klingon", "", "base64", "../x", "hex"])
def test_an_encoding_that_there_is_not(name: str) -> None:
    with pytest.raises(Unreadable, match="no such encoding"):
        known(name)


def test_utf_16_that_is_cut_off_is_told_and_what_came_before_is_right() -> None:
    with pytest.raises(Unreadable, match="utf-16"):
        read_all(CSV.encode("utf-16")[:-1])


@given(CHINESE)
def test_utf_8_is_never_taken_for_another(text: str) -> None:
    assert detect(io.BytesIO(text.encode())).name == "utf-8"


@given(CHINESE)
def test_gb_18030_decodes_to_what_was_written(text: str) -> None:
    raw = text.encode("gb18030")
    found = detect(io.BytesIO(raw))
    # Short texts of one encoding can be valid in the other by chance.
    assert found.name == "gb18030" or raw.decode(found.name).encode() == raw


@given(st.binary(max_size=300))
def test_any_bytes_have_an_encoding_or_are_refused(raw: bytes) -> None:
    try:
        found = detect(io.BytesIO(raw))
    except Unreadable:
        return
    raw.decode(found.name, errors="surrogateescape" if found.name != "utf-16" else "replace")

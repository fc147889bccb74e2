"""What a row becomes: the item, its id, and what is wrong with it."""

from typing import Any

import pytest

from heedful.common.contracts import Channel
from tests.unit.ingest.importing.material import Read, read_all

HEAD = "评价内容,评价时间,星级,手机号,会员号,渠道,标题"
FULL = "慢,2026-11-24 08:15,2,13900001234,V1,微信,太久了"


def read(*rows: str, **options: Any) -> Read:
    return read_all("\n".join((HEAD, *rows)).encode(), **options)


def test_every_field_has_its_place() -> None:
    (item,) = read(FULL, touchpoint="store.visit", department="一店").items
    posted = item.posted
    assert posted.text == "慢\n太久了"
    assert (posted.source, posted.channel, posted.backfill) == ("shop", Channel.CHAT, True)
    assert [(one.type.value, one.value) for one in posted.identifiers] == [
        ("member_card", "V1"),
        ("phone", "13900001234"),
    ]
    assert posted.score is not None
    assert (posted.score.kind.value, posted.score.value, posted.score.maximum) == ("stars", 2, 5)
    assert (posted.touchpoint, posted.department) == ("store.visit", "一店")


def test_where_a_field_stood_is_known() -> None:
    plan = read(FULL).proposal.plan
    assert plan is not None
    assert plan.mapping()["text"] == "评价内容 + 标题"
    assert plan.mapping()["member_card"] == "会员号"


def test_a_title_that_is_the_beginning_of_the_text_is_not_said_twice() -> None:
    found = read("慢，真的慢,2026-11-24,2,,,微信,真的慢", "好,2026-11-24,5,,,微信,好得很")
    assert found.texts == ["慢，真的慢", "好得很"]


def test_what_says_nothing_is_nothing() -> None:
    found = read(
        "慢,2026-11-24,-,无,N/A,微信,无",
        "此用户没有填写评价。,2026-11-24,5,,,微信,",
        "无,2026-11-24,5,,,微信,",
        ",,,,,,",
        "",
    )
    assert found.items[0].posted.identifiers == ()
    assert found.items[0].posted.score is None
    assert found.items[0].posted.text == "慢"
    assert found.details == {
        3: "评价内容: has no words in this row",
        4: "评价内容: has no words in this row",
    }


def test_a_masked_number_is_nobody() -> None:
    found = read(FULL, "快,2026-11-24,5,139****1234,V***1,微信,")
    assert found.items[1].posted.identifiers == ()


def test_an_unknown_channel_is_kept_beside_the_given_one() -> None:
    rows = [FULL] * 9 + ["快,2026-11-24,5,,,火星,"]
    posted = read(*rows).items[-1].posted
    assert (posted.channel, posted.attributes) == (Channel.REVIEW, {"platform": "火星"})
    refused = read(*rows, channel=None)
    assert "names no channel" in refused.details[11]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("慢,,2,,,微信,", "评价时间: is empty"),
        ("慢,昨天,2,,,微信,", "评价时间: is relative"),
        ("慢,2026-11-24,9,,,微信,", "星级: is not on the scale stars 1-5"),
        ("慢,2026-11-24,还行,,,微信,", "星级: is no number"),
        ("慢,2026-11-24,5,1.39E+10,,微信,", "手机号: is a number that Excel has rounded"),
        (f"慢,2026-11-24,5,{'1' * 201},,微信,", "手机号: String should have at most 200"),
    ],
)
def test_what_is_wrong_is_told_by_its_column_and_without_the_words(row: str, said: str) -> None:
    found = read(*[FULL] * 9, row, scale="stars")
    assert said in found.details[11]
    assert "慢" not in found.details[11]
    assert "1.39" not in found.details[11]


def test_the_same_file_gives_the_same_ids_and_each_row_its_own() -> None:
    rows = (FULL, FULL, "快,2026-11-24,5,,,微信,", FULL)
    first, again = (read(*rows) for _ in range(2))
    ids = [item.posted.id for item in first.items]
    assert len(set(ids)) == 4
    assert ids == [item.posted.id for item in again.items]


def test_a_longer_export_adds_only_what_is_new() -> None:
    short = read(FULL, FULL, "快,2026-11-24,5,,,微信,")
    long = read("新,2026-11-25,5,,,微信,", FULL, "快,2026-11-24,5,,,微信,", FULL, FULL)
    known = {item.posted.id for item in short.items}
    assert [item.posted.id in known for item in long.items] == [False, True, True, True, False]


def test_an_id_is_of_who_said_what_and_when_alone() -> None:
    """Another order of columns, or a status that has changed, makes no other item."""
    one = read_all("评论,时间,状态\n慢,2026-11-24,未处理\n".encode())
    other = read_all("状态,时间,评论\n已处理,2026/11/24 0:00,慢\n".encode())
    assert one.items[0].posted.id == other.items[0].posted.id
    elsewhere = read_all("评论,时间,状态\n慢,2026-11-24,未处理\n".encode(), source="mall")
    assert elsewhere.items[0].posted.id != one.items[0].posted.id


def test_a_column_of_ids_is_the_id_and_an_empty_cell_gets_one_made() -> None:
    rows = "".join(f"r{number},慢,2026-11-24\n" for number in range(5))
    found = read_all(f"评价ID,评论,时间\n{rows},快,2026-11-24\n".encode())
    assert [item.posted.id for item in found.items][:5] == ["r0", "r1", "r2", "r3", "r4"]
    assert len(found.items[5].posted.id or "") == 36


def test_live_is_said_when_it_is_meant() -> None:
    assert not read(FULL, backfill=False).items[0].posted.backfill

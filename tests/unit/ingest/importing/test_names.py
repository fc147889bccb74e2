"""The vocabulary of columns: whole names, endings, questions."""

from collections import Counter

import pytest

from heedful.common.contracts import Channel
from heedful.ingest.importing.names import (
    TEXT_PART,
    Match,
    channel_of,
    is_placeholder,
    meaning,
    plain_name,
    vocabulary,
)
from heedful.ingest.importing.plan import is_target


def test_no_name_means_two_things() -> None:
    columns = vocabulary()
    names = Counter(
        name
        for one in (*columns.column, *columns.ignored)
        for name in set(map(plain_name, one.names))
    )
    endings = Counter(
        ending for one in (*columns.column, *columns.ignored) for ending in one.endings
    )
    words = Counter(
        word for channel in columns.channels.values() for word in set(map(plain_name, channel))
    )
    assert [name for name, count in names.items() if count > 1] == []
    assert [ending for ending, count in endings.items() if count > 1] == []
    assert [word for word, count in words.items() if count > 1] == []


def test_every_target_is_one_that_an_item_has() -> None:
    assert all(one.target == TEXT_PART or is_target(one.target) for one in vocabulary().column)


def test_endings_are_written_as_they_are_compared() -> None:
    for one in (*vocabulary().column, *vocabulary().ignored):
        assert [ending for ending in one.endings if plain_name(ending) != ending] == []


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        (" Created At ", "createdat"),
        ("created_at", "createdat"),
        ("＊评价内容（必填）", "评价内容"),
        ("Q3. 您还有什么建议？", "您还有什么建议"),
        ("12、满意度【1-5】", "满意度"),
        ("ｓｃｏｒｅ", "score"),
        ("4S店", "4s店"),
        ("（备注）", "备注"),
        ("!!!", ""),
    ],
)
def test_names_are_compared_without_what_does_not_matter(name: str, plain: str) -> None:
    assert plain_name(name) == plain


@pytest.mark.parametrize(
    ("name", "target", "match"),
    [
        ("评价内容", "text", Match.NAME),
        ("最近一次评价时间", "occurred_at", Match.ENDING),
        ("顾客评价内容", "text", Match.ENDING),
        ("商家回复内容", None, Match.ENDING),
        ("评论数", None, Match.NAME),
        ("视频评论数", None, Match.ENDING),
        ("user.phone", "phone", Match.ENDING),
        ("customer.profile.email", "email", Match.ENDING),
        ("data.score.value", "score", Match.NAME),
        ("请您说说这次到店体验里最让您不满意的地方以及原因，我们会改进", "text", Match.WITHIN),
        ("zzz", None, None),
    ],
)
def test_what_a_name_means(name: str, target: str | None, match: Match | None) -> None:
    found = meaning(name)
    if match is None:
        assert found is None
    else:
        assert found is not None
        assert (found.target, found.match) == (target, match)


@pytest.mark.parametrize(
    ("word", "channel"),
    [
        ("微信", Channel.CHAT),
        ("小红书", Channel.SOCIAL),
        (" Review ", Channel.REVIEW),
        ("火星", None),
    ],
)
def test_channels_by_what_files_call_them(word: str, channel: Channel | None) -> None:
    assert channel_of(word) is channel


def test_what_a_platform_writes_for_a_customer_is_known() -> None:
    assert is_placeholder("此用户没有填写评价。")
    assert not is_placeholder(
        "此用户没有填写评价，但是我想说很好吃，服务也周到，会再来的，推荐给大家"
    )

"""What the user says in place of a guess."""

from typing import Any

import pytest

from heedful.ingest.importing.dates import DateOrder
from heedful.ingest.importing.plan import NOW
from heedful.ingest.importing.records import Unreadable
from tests.unit.ingest.importing.material import read_all

CSV = "内容,回复,日期,分,工号\n慢,抱歉,05/06/2026,8,7\n快,谢谢,07/08/2026,9,8\n".encode()
MDY = DateOrder.MONTH_FIRST


def mapped(*entries: str, **changes: Any) -> Any:
    return read_all(CSV, mapping=entries, date_order=MDY, **changes)


def test_a_given_column_takes_the_place_of_the_guess() -> None:
    found = mapped("text=回复")
    assert found.texts == ["抱歉", "谢谢"]
    assert {one.column: one.reason for one in found.proposal.columns}["内容"] == (
        "another column was given"
    )


def test_several_columns_make_one_text_in_the_order_of_the_file() -> None:
    assert mapped("text=回复", "text=内容").texts == ["慢\n抱歉", "快\n谢谢"]


def test_a_column_may_become_two_things_and_an_attribute_of_any_name() -> None:
    found = mapped("external=工号", "attributes.staff=工号")
    posted = found.items[0].posted
    assert (posted.identifiers[0].type, posted.identifiers[0].value) == ("external", "7")
    assert posted.attributes["staff"] == "7"


def test_a_column_is_found_by_its_place() -> None:
    assert mapped("text=#2").texts == ["抱歉", "谢谢"]


def test_a_column_can_be_left_out() -> None:
    assert "score" not in {use.target for use in mapped("ignore=分").proposal.plan.uses}


def test_a_scale_is_guessed_of_the_column_that_was_given() -> None:
    found = mapped("score=分")
    assert str(found.proposal.scale) == "other 0-10"
    assert found.items[0].posted.score.value == 8
    assert str(mapped("score=分", scale="nps").proposal.scale) == "nps 0-10"


def test_the_order_of_a_date_is_asked_for_when_no_date_says_it() -> None:
    found = read_all(CSV)
    assert found.items == []
    assert "date order dmy or mdy" in found.details[2]
    assert any("date order" in note for note in found.proposal.notes)
    days = [item.posted.occurred_at.day for item in mapped().items]
    assert days == [5, 7]  # midnight in Shanghai is the day before in UTC: 6 and 8 come first


def test_one_time_for_all_rows() -> None:
    csv = "内容\n慢\n快\n".encode()
    fixed = read_all(csv, occurred_at="2026-11-24 08:15")
    assert {str(item.posted.occurred_at) for item in fixed.items} == {"2026-11-24 00:15:00+00:00"}
    now = read_all(csv, occurred_at=NOW)
    assert {item.posted.occurred_at for item in now.items} == {None}
    assert [item.posted.id for item in fixed.items] == [item.posted.id for item in now.items]


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ("text", "TARGET=COLUMN"),
        ("text=", "TARGET=COLUMN"),
        ("words=内容", "targets are text"),
        ("attributes.Grade=内容", "small letters"),
        ("text=没有这一列", "there are: 内容, 回复"),
        ("text=#9", "is not there"),
    ],
)
def test_an_entry_that_names_nothing_is_told(entry: str, said: str) -> None:
    with pytest.raises(Unreadable, match=said):
        mapped(entry)


def test_a_target_that_takes_one_column_is_given_one() -> None:
    with pytest.raises(Unreadable, match="score takes one column"):
        mapped("score=分", "score=工号")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"timezone": "Asia/Nowhere"}, "no such time zone"),
        ({"timezone": "../etc/passwd"}, "no such time zone"),
        ({"scale": "stars:5-1"}, "a scale is"),
        ({"scale": "many"}, "a scale is"),
        ({"occurred_at": "yesterday"}, "the time for all rows is relative"),
    ],
)
def test_other_options_are_read_as_strictly(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(Unreadable, match=said):
        read_all(
            "内容,分\n慢,3\n".encode(), mapping=("score=分",), **{"occurred_at": NOW, **changes}
        )

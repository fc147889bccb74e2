"""Numbers of customers and their scales."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heedful.ingest.importing.records import Broken, Cell, Unreadable
from heedful.ingest.importing.scores import given_scale, scale_of, value_of


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        (5, 5), (4.5, 4.5), ("5", 5), ("4.5分", 4.5), ("5星", 5), ("5 星", 5), ("５分", 5),
        ("3星级", 3), ("五星", 5), ("四星半", 4.5), ("★★★★☆", 4), ("⭐⭐⭐", 3), ("4/5", 4),
        ("80%", 80), ("5(非常满意)", 5), ("非常满意", 5), ("满意", 4), ("一般", 3), ("不满意", 2),
        ("很不满意", 1), ("好评", 3), ("中评", 2), ("差评", 1), ("4 stars", 4),
        ("Very satisfied", 5), ("-1", -1),
    ],
)  # fmt: skip
def test_numbers_in_many_forms(cell: Cell, value: float) -> None:
    assert value_of(cell) == value


@pytest.mark.parametrize("cell", [None, "", " ", "-", "无", "未评分", "N/A", "暂无"])
def test_no_number_at_all(cell: Cell) -> None:
    assert value_of(cell) is None


@pytest.mark.parametrize("cell", ["好吃", "5 of them", True, "1" * 50, Broken("is lost"), "5,0"])
def test_what_is_no_number_is_told(cell: Cell) -> None:
    assert isinstance(value_of(cell), str)


@pytest.mark.parametrize(
    ("name", "cells", "review", "scale"),
    [
        ("评分", ["1", "5"], True, "stars 1-5"),
        ("满意度", [1, 5], False, "csat 1-5"),
        ("满意度", ["满意", "非常不满意"], True, "csat 1-5"),
        ("评价结果", ["好评", "差评"], True, "other 1-3"),
        ("nps", ["0", "10"], True, "nps 0-10"),
        ("您会把我们推荐给朋友吗", ["3", "4"], True, "nps 0-10"),
        ("费力度", ["2", "7"], False, "ces 1-7"),
        ("得分", ["0", "10"], True, "other 0-10"),
        ("得分", ["60", "100"], True, "other 0-100"),
        ("star", ["50", "35"], True, "other 10-50"),
        ("星", ["0", "5"], True, "stars 0-5"),
    ],
)
def test_scales_by_name_and_values(
    name: str, cells: Sequence[Cell], review: bool, scale: str
) -> None:
    found = scale_of(name, cells, review=review)
    assert found is not None
    assert str(found[0]) == scale


def test_values_of_no_usual_scale_have_none() -> None:
    assert scale_of("得分", ["370", "12"], review=True) is None
    assert scale_of("得分", ["-1", "1"], review=True) is None
    assert scale_of("得分", ["好", None], review=True) is None


def test_a_scale_can_be_given() -> None:
    assert str(given_scale("nps")) == "nps 0-10"
    assert str(given_scale("stars:1-10")) == "stars 1-10"
    assert str(given_scale("other:-2-2")) == "other -2-2"
    for wrong in ("", "stars:5-5", "other:0", "x:1-5", "other:0-99999"):
        with pytest.raises(Unreadable, match="a scale is"):
            given_scale(wrong)


@given(st.text(max_size=20) | st.floats() | st.none())
def test_any_cell_is_a_number_none_or_told(cell: Cell) -> None:
    assert isinstance(value_of(cell), float | str | None)

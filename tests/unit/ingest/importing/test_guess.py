"""Which column becomes what, on the headers of many kinds of exports."""

from collections import defaultdict
from typing import Any

import pytest

from heedful.ingest.importing.layout import Found, Layout, names_of
from heedful.ingest.importing.proposal import Proposal, propose_rows
from heedful.ingest.importing.records import Format
from tests.unit.ingest.importing.material import REVIEW, Export, exports

EXPORTS = exports()


def proposed(header: list[str], *rows: list[Any], **options: Any) -> Proposal:
    columns = names_of(header)
    found = Found(Layout(format=Format.CSV, header_row=1, columns=columns), ())
    return propose_rows(found, rows, REVIEW.model_copy(update=options))


def becomes(proposal: Proposal) -> dict[str, str | list[str]]:
    found: defaultdict[str, list[str]] = defaultdict(list)
    for one in proposal.columns:
        if one.target is not None:
            found[one.column].append(one.target)
    return {
        column: targets[0] if len(targets) == 1 else targets for column, targets in found.items()
    }


def test_there_are_many() -> None:
    assert len(EXPORTS) >= 25


@pytest.mark.parametrize("export", EXPORTS, ids=lambda export: export.name)
def test_an_export_is_understood(export: Export) -> None:
    found = Found(
        Layout(format=Format.CSV, header_row=1, columns=names_of(export.header)), (), sure=True
    )
    proposal = propose_rows(found, export.rows, export.options)
    assert becomes(proposal) == export.becomes
    assert (str(proposal.scale) if proposal.scale else None) == export.scale
    assert proposal.missing == ()
    assert all(one.reason and 0 < one.sure <= 1 for one in proposal.columns)
    if export.doubt is None:
        assert proposal.doubts == ()
    else:
        assert any(export.doubt in doubt for doubt in proposal.doubts)


def test_the_business_own_words_are_never_taken_for_the_customers() -> None:
    reply = "尊敬的顾客您好，非常抱歉给您带来不便，我们会尽快改进，期待您再次光临！" * 3
    proposal = proposed(["商家回复", "评论", "时间"], [reply, "差", "2026-11-01"])
    assert becomes(proposal) == {"评论": "text", "时间": "occurred_at"}


def test_a_name_is_not_believed_against_its_values() -> None:
    proposal = proposed(
        ["评论", "时间", "手机", "评分", "说明"],
        ["12", "很快", "没有", "好吃", "服务员把汤洒了一身还不道歉"],
    )
    assert becomes(proposal) == {"说明": "text"}
    reasons = {one.column: one.reason for one in proposal.columns}
    assert "no words" in reasons["评论"]
    assert "called like a time" in reasons["时间"]
    assert "no phone numbers" in reasons["手机"]
    assert "called like a score" in reasons["评分"]


def test_what_is_missing_is_said_with_its_remedy() -> None:
    proposal = proposed(["x", "y"], ["1", "2"], channel=None)
    assert proposal.plan is None
    assert len(proposal.missing) == 3
    assert "text=COLUMN" in proposal.missing[0]
    assert "review" in proposal.missing[1]
    assert "occurred_at=COLUMN" in proposal.missing[2]


def test_scores_of_no_usual_scale_ask_for_one() -> None:
    rows = ["好", "2026-11-01", "370"]
    proposal = proposed(["评论", "时间", "评分"], rows)
    assert "other:0-100" in proposal.missing[0]
    given = proposed(["评论", "时间", "评分"], rows, scale="other:0-500")
    assert given.missing == ()
    assert given.plan is not None
    assert str(given.plan.scale) == "other 0-500"


def test_an_empty_column_is_nothing() -> None:
    proposal = proposed(["评论", "时间", "手机号"], ["好吃", "2026-11-01", None])
    assert becomes(proposal) == {"评论": "text", "时间": "occurred_at"}

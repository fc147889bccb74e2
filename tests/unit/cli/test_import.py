"""`heedful import` without a server: what it shows, what it refuses, and its exit codes."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from heedful.cli.main import cli

CSV = (
    "评价内容,评价时间,星级,手机号\n"
    "排队两个小时,2026/11/2 19:20,2,13900001234\n"
    "菜上得快,2026/11/3 20:05,5,13900001235\n"
    ",2026/11/3 20:06,5,\n"
)
GOOD = CSV.rsplit(",2026", 1)[0]
GIVEN = ("--channel", "review", "--source", "shop")
NOWHERE = "http://127.0.0.1:9"


def run(*arguments: object) -> Result:
    return CliRunner().invoke(cli, ["import", *map(str, arguments)])


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "reviews.csv"
    path.write_bytes(CSV.encode("gbk"))
    return path


def test_a_dry_run_shows_the_mapping_the_first_rows_and_the_counts(file: Path) -> None:
    result = run(file, *GIVEN, "--dry-run", "--url", NOWHERE)
    assert result.exit_code == 1
    for said in (
        "评价内容",
        "occurred_at",
        "stars 1-5",
        "gb18030",
        "Asia/Shanghai",
        "history (--backfill): no case is opened",
        "2026-11-02 11:20Z  review  stars 2  排队两个小时",
        "3 rows: 2 valid, 1 rejected",
        "1 x 评价内容: has no words in this row (first in row 4)",
        "Nothing was sent.",
    ):
        assert said in result.output, result.output
    assert sorted(path.name for path in file.parent.iterdir()) == ["reviews.csv"]


def test_a_dry_run_in_which_every_row_is_right_ends_with_0(file: Path) -> None:
    file.write_text(GOOD)
    assert run(file, *GIVEN, "--dry-run").exit_code == 0


def test_a_dry_run_writes_its_report_where_it_is_asked_to(file: Path) -> None:
    report = file.parent / "dry.csv"
    run(file, *GIVEN, "--dry-run", "--report", report)
    lines = report.read_text("utf-8-sig").splitlines()
    assert [line.split(",")[:2] for line in lines[1:]] == [
        ["2", "valid"],
        ["3", "valid"],
        ["4", "rejected"],
    ]


def test_words_of_strangers_do_not_move_the_cursor(file: Path) -> None:
    file.write_text("评论,时间\n\x1b[2J慢得很,2026-11-01\n")
    result = run(file, *GIVEN, "--dry-run")
    assert "\x1b" not in result.output
    assert "\ufffd[2J慢得很" in result.output


def test_live_is_said_loudly(file: Path) -> None:
    assert "LIVE (--live): red rows open cases" in run(file, *GIVEN, "--dry-run", "--live").output


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--channel", "review"), "--source"),
        (("--source", "shop"), "on which channel"),
        ((*GIVEN, "--map", "text=没有"), "there are: 评价内容, 评价时间"),
        ((*GIVEN, "--map", "评价内容"), "TARGET=COLUMN"),
        ((*GIVEN, "--timezone", "Mars/Base"), "no such time zone"),
        ((*GIVEN, "--scale", "lots"), "a scale is"),
        ((*GIVEN, "--encoding", "klingon"), "no such encoding"),
        ((*GIVEN, "--source", "x" * 300), "source: "),
        ((*GIVEN, "--resume"), "leave out --channel, --source"),
        (("--resume",), "no import of"),
    ],
)
def test_what_is_wrong_is_told_before_anything_is_done(
    file: Path, arguments: tuple[str, ...], said: str
) -> None:
    result = run(file, *arguments, "--url", NOWHERE, "--key", "k")
    assert result.exit_code == 2, result.output
    assert said in " ".join(result.output.split())
    assert [path.name for path in file.parent.iterdir()] == ["reviews.csv"]


def test_what_is_in_doubt_is_not_sent_without_a_word(file: Path) -> None:
    file.write_text("甲,乙\n第一次来，老板娘送了一份小菜,2026-11-01\n")
    given = (*GIVEN, "--header-row", "1", "--url", NOWHERE, "--key", "k")
    result = run(file, *given)
    assert result.exit_code == 2
    assert "look at this: '甲' as text" in result.output
    assert "--yes" in result.output


def test_a_server_that_is_not_there_leaves_nothing_behind(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("heedful.cli.posting._GREET_EVERY_S", 0)
    result = run(file, *GIVEN, "--url", NOWHERE, "--key", "k")
    assert result.exit_code == 2
    assert "heedful up" in result.output
    assert [path.name for path in file.parent.iterdir()] == ["reviews.csv"]


def test_a_report_that_is_there_is_not_written_over_by_accident(file: Path) -> None:
    report = file.with_name("reviews.csv.report.csv")
    report.write_text("mine")
    result = run(file, *GIVEN, "--url", NOWHERE, "--key", "k")
    assert result.exit_code == 2
    assert "--overwrite" in result.output
    assert report.read_text() == "mine"


def test_a_file_that_ends_in_the_middle_of_a_row_is_told_with_what_came_before(file: Path) -> None:
    endless = '"' + "没有结束," * 300_000
    file.write_text(GOOD + endless)
    early = run(file, *GIVEN, "--dry-run")
    assert early.exit_code == 2
    assert "the row that begins in line 4" in early.output
    file.write_text(GOOD + "慢,2026-11-01,1,\n" * 1500 + endless)
    late = run(file, *GIVEN, "--dry-run")
    assert late.exit_code == 1
    assert "1,502 rows: 1,502 valid" in late.output
    assert "could not be read further: the row that begins in line 1504" in late.output


def test_what_is_no_table_is_told(file: Path) -> None:
    file.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 1000)
    result = run(file, *GIVEN, "--dry-run")
    assert result.exit_code == 2
    assert "old form (.xls)" in result.output

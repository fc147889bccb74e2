"""`heedful enrich`: labels a file offline, in order, and says which lines it could not read."""

import json
from pathlib import Path

from click.testing import CliRunner

from heedful.cli.main import cli

LINES = [
    {"id": "a", "text": "服务员态度特别好，下次还来。", "channel": "review"},
    {"id": "b", "text": "刹车突然失灵，差点撞上护栏。"},
]


def test_labels_every_line_in_order(tmp_path: Path) -> None:
    source, target = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    source.write_text("\n".join(json.dumps(line) for line in LINES) + "\n\n")
    result = CliRunner().invoke(cli, ["enrich", str(source), str(target)])
    assert result.exit_code == 0, result.output
    labelled = [json.loads(line) for line in target.read_text().splitlines()]
    assert [item["id"] for item in labelled] == ["a", "b"]
    assert [item["light"]["colour"] for item in labelled] == ["green", "red"]
    assert all("versions" in item and "feedback" not in item for item in labelled)


def test_standard_streams() -> None:
    line = json.dumps(LINES[0]) + "\n"
    result = CliRunner().invoke(cli, ["enrich", "-", "-"], input=line)
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["id"] == "a"


def test_names_the_lines_it_cannot_read(tmp_path: Path) -> None:
    source, target = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    source.write_text(
        "\n".join([json.dumps(LINES[0]), "not json", '{"id": "c"}', json.dumps(LINES[1])])
    )
    result = CliRunner().invoke(cli, ["enrich", str(source), str(target)])
    assert result.exit_code == 1
    assert "line 2: " in result.output
    assert "line 3: text: is missing" in result.output
    assert len(target.read_text().splitlines()) == 2


def test_offsets_of_evidence_fit_the_text(tmp_path: Path) -> None:
    source, target = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    source.write_text(json.dumps(LINES[1]))
    CliRunner().invoke(cli, ["enrich", str(source), str(target)])
    labelled = json.loads(target.read_text())
    for reason in labelled["light"]["reasons"]:
        for span in reason["evidence"]:
            assert LINES[1]["text"][span["start"] : span["end"]] == span["text"]

"""`heedful enrich` cut off in the middle: no line is lost, none is labelled twice."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st

from heedful.cli.enrich_lines import MAX_LINE_BYTES, Bad, Chunk
from heedful.cli.enrich_output import Output
from heedful.cli.main import cli
from heedful.cli.resuming import CannotGoOn
from tests.patience import until

VERSIONS = {"model": "m-1"}
TEXTS = ("服务员态度特别好", "等了一个小时还没上菜", "刹车突然失灵", "还行吧")


def lines(count: int) -> str:
    return "".join(
        json.dumps({"id": f"{n}", "text": f"{TEXTS[n % len(TEXTS)]}{n}"}) + "\n"
        if n % 7
        else f"bad {n}\n"
        for n in range(1, count + 1)
    )


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(cli, ["enrich", *map(str, arguments)])


def test_a_run_that_was_killed_ends_as_if_it_never_was(tmp_path: Path) -> None:
    source = tmp_path / "in.jsonl"
    source.write_text(lines(400))
    whole, cut = tmp_path / "whole.jsonl", tmp_path / "cut.jsonl"
    run(source, whole)
    command = [str(Path(sys.executable).with_name("heedful")), "enrich", str(source), str(cut)]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
        asyncio.run(until(lambda: Path(f"{cut}.progress").exists()))
        os.kill(process.pid, signal.SIGKILL)
    with cut.open("ab") as file:
        file.write(b'{"half a li')  # as a crash may leave it
    result = run(source, cut)
    assert "going on behind line" in result.output
    assert cut.read_bytes() == whole.read_bytes()
    assert Path(f"{cut}.errors").read_bytes() == Path(f"{whole}.errors").read_bytes()
    assert not Path(f"{cut}.progress").exists()


def test_what_is_finished_is_not_overwritten_by_accident(tmp_path: Path) -> None:
    source, target = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    source.write_text(json.dumps({"id": "1", "text": "还行"}))
    target.write_text("mine")
    refused = run(source, target)
    assert refused.exit_code == 1
    assert "--overwrite" in refused.output
    assert target.read_text() == "mine"
    assert run("--overwrite", source, target).exit_code == 0
    assert json.loads(target.read_text())["id"] == "1"


def test_lines_in_error_are_kept_with_their_reason(tmp_path: Path) -> None:
    source, target = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    long = b'{"id": "x", "text": "' + b"a" * MAX_LINE_BYTES + b'"}\n'
    source.write_bytes(b"not json\n" + long + b'{"id": "3", "text": "\xe8\xbf\x98\xe8\xa1\x8c"}\n')
    result = run(source, target)
    assert result.exit_code == 1
    assert "2 lines were not labelled" in result.output
    errors = [json.loads(line) for line in Path(f"{target}.errors").read_text("utf-8").splitlines()]
    assert [(one["line"], one["input"]) for one in errors] == [(1, "not json"), (2, "")]
    assert "longer than 2,097,152 bytes" in errors[1]["error"]
    assert [json.loads(line)["id"] for line in target.read_text().splitlines()] == ["3"]


def chunk(numbers: list[int]) -> Chunk:
    labelled = "".join(f"{n}\n" for n in numbers if n % 7).encode()
    bad = [Bad(n, "why", b"what") for n in numbers if not n % 7]
    return Chunk(len(numbers), labelled, bad)


@settings(deadline=None, max_examples=40)
@given(st.lists(st.integers(1, 5), min_size=1, max_size=8), st.data())
def test_wherever_it_stops_it_goes_on_behind_the_last_chunk(
    tmp_path_factory: pytest.TempPathFactory, sizes: list[int], data: st.DataObject
) -> None:
    folder = tmp_path_factory.mktemp("run")
    source, target = folder / "in", folder / "out"
    source.write_text("".join(f"line {n:03}\n" for n in range(sum(sizes))))
    number = 0
    while number < len(sizes):
        with Output.open(source, target, VERSIONS, overwrite=False) as output:
            assert output.reached.lines == sum(sizes[:number])
            for size in sizes[number : number + data.draw(st.integers(1, 4))]:
                before = output.reached.lines
                output.write(chunk(list(range(before, before + size))), (before + size) * 9)
                number += 1
        with target.open("ab") as file:
            file.write(data.draw(st.binary(max_size=20)))
    with Output.open(source, target, VERSIONS, overwrite=False) as output:
        output.finish()
    everything = chunk(list(range(sum(sizes))))
    assert target.read_bytes() == everything.labelled


def begun(folder: Path) -> tuple[Path, Path]:
    source, target = folder / "in", folder / "out"
    source.write_text("one\ntwo\n")
    with Output.open(source, target, VERSIONS, overwrite=False) as output:
        output.write(chunk([1]), 4)
    return source, target


def test_another_source_is_refused(tmp_path: Path) -> None:
    source, target = begun(tmp_path)
    source.write_text("ONE\ntwo\n")
    with pytest.raises(CannotGoOn, match="one of its first 1 lines has changed"):
        Output.open(source, target, VERSIONS, overwrite=False)


def test_lines_that_came_to_the_source_are_welcome(tmp_path: Path) -> None:
    source, target = begun(tmp_path)
    source.write_text("one\ntwo\nthree\n")
    with Output.open(source, target, VERSIONS, overwrite=False) as output:
        assert output.reached.lines == 1


def test_another_model_is_refused(tmp_path: Path) -> None:
    source, target = begun(tmp_path)
    with pytest.raises(CannotGoOn, match=r"begun by model m-1, this is model m-2"):
        Output.open(source, target, {"model": "m-2"}, overwrite=False)


def test_a_progress_file_of_somebody_else_is_refused(tmp_path: Path) -> None:
    source, target = begun(tmp_path)
    Path(f"{target}.progress").write_text("80 %")
    with pytest.raises(CannotGoOn, match="not of this command"):
        Output.open(source, target, VERSIONS, overwrite=False)

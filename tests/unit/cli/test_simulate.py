"""`heedful simulate`: files that are whole, and errors that say what to do."""

import json
from pathlib import Path

from click.testing import CliRunner

from heedful.cli.simulate import simulate_command
from heedful.journey.simulation.truth import Truth


def run(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(simulate_command, list(arguments))
    return result.exit_code, result.output


def test_a_folder_holds_items_people_and_the_truth(tmp_path: Path) -> None:
    target = tmp_path / "world"
    code, said = run("--customers", "40", "--seed", "3", str(target))
    assert code == 0, said
    truth = Truth.model_validate_json((target / "truth.json").read_bytes())
    lines = sum(
        len((target / name).read_text().splitlines())
        for name in ("feedback.jsonl", "interactions.jsonl")
    )
    assert lines == truth.events
    assert len((target / "people.jsonl").read_text().splitlines()) == 40
    assert "--seed 3 --customers 40" in (target / "README.md").read_text()


def test_the_same_seed_writes_the_same_files(tmp_path: Path) -> None:
    for name in ("one", "other"):
        code, said = run("--customers", "20", str(tmp_path / name))
        assert code == 0, said
    for file in (tmp_path / "one").iterdir():
        assert file.read_bytes() == (tmp_path / "other" / file.name).read_bytes()


def test_what_is_there_is_not_overwritten_unless_asked(tmp_path: Path) -> None:
    assert run("--customers", "5", str(tmp_path))[0] == 0
    code, said = run("--customers", "5", str(tmp_path))
    assert code == 1
    assert "name another folder, or give --overwrite" in said
    assert run("--customers", "5", "--overwrite", str(tmp_path))[0] == 0


def test_effects_are_left_out(tmp_path: Path) -> None:
    assert run("--customers", "5", "--without", "begging", str(tmp_path / "a"))[0] == 0
    plan = json.loads((tmp_path / "a" / "truth.json").read_text())["plan"]
    assert plan["begging"] is None
    assert plan["silence"] is not None
    assert run("--customers", "5", "--nothing-planted", str(tmp_path / "b"))[0] == 0
    assert json.loads((tmp_path / "b" / "truth.json").read_text())["plan"]["silence"] is None


def test_an_effect_that_is_not_there_is_told_with_those_that_are(tmp_path: Path) -> None:
    code, said = run("--without", "luck", str(tmp_path))
    assert code == 2
    assert "'chains', 'churn_drivers'" in said
    code, said = run("--nothing-planted", "--without", "begging", str(tmp_path))
    assert code == 2
    assert "leaves every effect out" in said
